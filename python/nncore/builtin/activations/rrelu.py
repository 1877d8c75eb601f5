"""Leaky rectified linear unit with a random slope."""

from nncore.api import Tensor, ops, rand_like
from nncore.builtin._checks import number
from nncore.builtin.activations._inplace import Inplace


class RReLU(Inplace):
    """x where it is not negative, else a·x; in training each a is drawn from U(lower, upper), in evaluation it is their mean.

    Args:
        lower: The smallest slope.
        upper: The largest slope, not below `lower`.
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Xu and others 2015 (arXiv 1505.00853), section 2.4.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.RReLU(0.125, 0.375).eval()(nc.tensor([-2.0, 3.0])).tolist()
        [-0.5, 3.0]
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.lower = number("RReLU", "lower", lower)
        self.upper = number("RReLU", "upper", upper, least=lower)

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return ops.leaky_relu(input, (self.lower + self.upper) / 2)
        slopes = rand_like(input) * (self.upper - self.lower) + self.lower
        return ops.where(input >= 0, input, input * slopes)
