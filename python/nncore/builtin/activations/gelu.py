"""Gaussian error linear unit."""

from typing import Literal

from nncore.api import Module, Tensor, ops
from nncore.builtin._checks import one_of


class GELU(Module):
    """x·Φ(x), elementwise, where Φ is the normal distribution's probability of a value below x.

    Args:
        approximate: `"none"` for Φ itself, or `"tanh"` for ½·x·(1 + tanh(sqrt(2/π)·(x + 0.044715·x³))).

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Hendrycks and Gimpel 2016 (arXiv 1606.08415), section 2.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.GELU()(nc.tensor([-100.0, 0.0, 100.0])).abs().tolist()
        [0.0, 0.0, 100.0]
    """

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        super().__init__()
        self.approximate: Literal["none", "tanh"] = one_of("GELU", "approximate", approximate, ("none", "tanh"))

    def forward(self, input: Tensor) -> Tensor:
        return ops.gelu(input, self.approximate)
