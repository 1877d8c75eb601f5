"""Logarithm of softmax."""

from nncore.api import Module, Tensor, ops


class LogSoftmax(Module):
    """x - log(sum(exp(x))) along one dimension, computed without overflow.

    Args:
        dim: The dimension of the classes.

    Shape: any; the output has the same.
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return ops.log_softmax(input, self.dim)
