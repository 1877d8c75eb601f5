"""Hyperbolic tangent."""

from nncore.api import Module, Tensor, ops


class Tanh(Module):
    """tanh(x), elementwise; values between -1 and 1.

    Shape: any; the output has the same.
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.tanh(input)
