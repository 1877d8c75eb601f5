"""Hard thresholding."""

from nncore.api import Module, Tensor, ops
from nncore.builtin._checks import number


class Hardshrink(Module):
    """x where |x| > lambd, else 0, elementwise.

    Args:
        lambd: The threshold, 0 or more.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Donoho and Johnstone 1994, Ideal spatial adaptation by wavelet shrinkage.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Hardshrink()(nc.tensor([-2.0, 0.25, 2.0])).tolist()
        [-2.0, 0.0, 2.0]
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = number("Hardshrink", "lambd", lambd, least=0)

    def forward(self, input: Tensor) -> Tensor:
        return ops.hardshrink(input, self.lambd)
