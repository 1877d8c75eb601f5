"""Logarithm of softmax."""

from nncore.api import Module, Tensor, ops
from nncore.builtin._checks import whole


class LogSoftmax(Module):
    """x - log(sum(exp(x))) along one dimension, computed without overflow.

    Args:
        dim: The dimension of the classes.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.LogSoftmax()(nc.tensor([0.0, 1000.0])).tolist()
        [-1000.0, 0.0]
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = whole("LogSoftmax", "dim", dim)

    def forward(self, input: Tensor) -> Tensor:
        return ops.log_softmax(input, self.dim)
