"""Soft thresholding."""

from nncore.api import Module, Tensor, ops
from nncore.builtin._checks import number


class Softshrink(Module):
    """x - lambd where x > lambd, x + lambd where x < -lambd, else 0, elementwise.

    Args:
        lambd: The threshold, 0 or more.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Donoho 1995, De-noising by soft-thresholding.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Softshrink()(nc.tensor([-2.0, 0.25, 2.0])).tolist()
        [-1.5, 0.0, 1.5]
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = number("Softshrink", "lambd", lambd, least=0)

    def forward(self, input: Tensor) -> Tensor:
        return ops.softshrink(input, self.lambd)
