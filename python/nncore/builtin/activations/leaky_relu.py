"""Leaky rectified linear unit."""

from nncore.api import Tensor, ops
from nncore.builtin._checks import number
from nncore.builtin.activations._inplace import Inplace


class LeakyReLU(Inplace):
    """x where it is not negative, else negative_slope·x, elementwise.

    The slope on the left keeps a gradient there, so that no unit dies as one of `ReLU` may.

    Args:
        negative_slope: Slope below 0.
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Maas, Hannun and Ng 2013, section 2.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.LeakyReLU(0.25)(nc.tensor([-2.0, 3.0])).tolist()
        [-0.5, 3.0]
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = number("LeakyReLU", "negative_slope", negative_slope)

    def forward(self, input: Tensor) -> Tensor:
        return ops.leaky_relu(input, self.negative_slope)
