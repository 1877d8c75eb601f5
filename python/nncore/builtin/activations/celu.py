"""Continuously differentiable exponential linear unit."""

from nncore.api import InvalidValueError, Tensor, ops
from nncore.builtin._checks import number
from nncore.builtin.activations._inplace import Inplace


class CELU(Inplace):
    """max(x, 0) + min(alpha·(exp(x/alpha) - 1), 0), elementwise.

    Its derivative at 0 is 1 from both sides for every alpha, which is so of `ELU` for alpha 1 alone.

    Args:
        alpha: How far below 0 the values reach; not 0.
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Barron 2017 (arXiv 1704.07483).

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.CELU(0.5)(nc.tensor([-1000.0, 3.0])).tolist()
        [-0.5, 3.0]
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = number("CELU", "alpha", alpha)
        if alpha == 0:
            raise InvalidValueError("CELU: alpha is a number other than 0, got 0")

    def forward(self, input: Tensor) -> Tensor:
        return ops.celu(input, self.alpha)
