"""Softmax."""

from nncore.api import Module, Tensor, ops
from nncore.builtin._checks import whole


class Softmax(Module):
    """exp(x) / sum(exp(x)) along one dimension: positive numbers that add up to 1.

    Args:
        dim: The dimension of the classes.

    Shape: any; the output has the same. `CrossEntropyLoss` takes logits, so a classifier that is trained with it does
    not end in this.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Bridle 1990.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Softmax()(nc.tensor([3.0, 3.0])).tolist()
        [0.5, 0.5]
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = whole("Softmax", "dim", dim)

    def forward(self, input: Tensor) -> Tensor:
        return ops.softmax(input, self.dim)
