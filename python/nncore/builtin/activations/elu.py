"""Exponential linear unit."""

from nncore.api import Tensor, ops
from nncore.builtin._checks import number
from nncore.builtin.activations._inplace import Inplace


class ELU(Inplace):
    """x where it is positive, else alpha·(exp(x) - 1), elementwise.

    Smooth at 0 where alpha is 1; it saturates at -alpha on the left, and its outputs have a mean near 0.

    Args:
        alpha: How far below 0 the values reach.
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Clevert, Unterthiner and Hochreiter 2016 (arXiv 1511.07289), equation 15.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.ELU()(nc.tensor([-1000.0, 3.0])).tolist()
        [-1.0, 3.0]
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = number("ELU", "alpha", alpha)

    def forward(self, input: Tensor) -> Tensor:
        return ops.elu(input, self.alpha)
