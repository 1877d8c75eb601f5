"""SiLU of a hard sigmoid."""

from nncore.api import Tensor, ops
from nncore.builtin.activations._inplace import Inplace


class Hardswish(Inplace):
    """x·min(max(x/6 + ½, 0), 1), elementwise.

    Args:
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Source: Howard and others 2019 (arXiv 1905.02244), section 5.2.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Hardswish()(nc.tensor([-3.0, 0.0, 3.0])).abs().tolist()
        [0.0, 0.0, 3.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.hardswish(input)
