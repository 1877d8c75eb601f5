"""Mish."""

from nncore.api import Tensor, ops
from nncore.builtin.activations._inplace import Inplace


class Mish(Inplace):
    """x·tanh(ln(1 + exp(x))), elementwise.

    Args:
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Source: Misra 2019 (arXiv 1908.08681), equation 1.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Mish()(nc.tensor([0.0, 100.0])).tolist()
        [0.0, 100.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.mish(input)
