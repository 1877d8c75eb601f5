"""Logistic function."""

from nncore.api import Module, Tensor, ops


class Sigmoid(Module):
    """1 / (1 + exp(-x)), elementwise; values between 0 and 1.

    Shape: any; the output has the same.
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.sigmoid(input)
