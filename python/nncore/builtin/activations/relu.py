"""Rectified linear unit."""

from nncore.api import Module, Tensor, ops


class ReLU(Module):
    """max(x, 0), elementwise. NaN stays NaN; the gradient at 0 is 0.

    Shape: any; the output has the same. Source: Nair and Hinton 2010.
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.relu(input)
