"""A sigmoid of three straight lines."""

from nncore.api import Tensor, ops
from nncore.builtin.activations._inplace import Inplace


class Hardsigmoid(Inplace):
    """min(max(x/6 + ½, 0), 1), elementwise.

    Args:
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Source: Courbariaux, Bengio and David 2015 (arXiv 1511.00363), with the slope of Howard and others 2019 (arXiv 1905.02244).

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Hardsigmoid()(nc.tensor([-3.0, 0.0, 3.0])).tolist()
        [0.0, 0.5, 1.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.hardsigmoid(input)
