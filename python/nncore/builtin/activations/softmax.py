"""Softmax."""

from nncore.api import Module, Tensor, ops


class Softmax(Module):
    """exp(x) / sum(exp(x)) along one dimension: positive numbers that add up to 1.

    Args:
        dim: The dimension of the classes.

    Shape: any; the output has the same. `CrossEntropyLoss` takes logits, so a classifier that is trained with it does
    not end in this.
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return ops.softmax(input, self.dim)
