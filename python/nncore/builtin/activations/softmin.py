"""Softmax of the negative."""

from nncore.api import Module, Tensor, ops
from nncore.builtin._checks import whole


class Softmin(Module):
    """exp(-x) / sum(exp(-x)) along one dimension: positive numbers that add up to 1, the largest for the smallest x.

    Args:
        dim: The dimension of the classes.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Softmin()(nc.tensor([3.0, 3.0])).tolist()
        [0.5, 0.5]
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = whole("Softmin", "dim", dim)

    def forward(self, input: Tensor) -> Tensor:
        return ops.softmin(input, self.dim)
