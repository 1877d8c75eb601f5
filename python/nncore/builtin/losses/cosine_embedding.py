"""Angles between pairs of vectors."""

from nncore.api import Reduction, Tensor, example, ops
from nncore.builtin._checks import number
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), (4, 3), [1.0, -1.0, 1.0, -1.0]], output=())
class CosineEmbeddingLoss(ReducedLoss):
    """1 - cos(input1, input2) where the target is 1, max(0, cos(input1, input2) - margin) where it is -1.

    Args:
        margin: The cosine up to which unlike pairs count nothing; between -1 and 1, 0 to 0.5 is usual.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: `(N, D)`, `(N, D)` and `(N,)`, or `(D,)`, `(D,)` and `()`; a value a pair with `"none"`.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: PyTorch.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> a, b = nc.tensor([[1.0, 0.0]]), nc.tensor([[0.0, 2.0]])
        >>> nn.CosineEmbeddingLoss()(a, b, nc.tensor([1.0])).item()
        1.0
    """

    def __init__(self, margin: float = 0.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = number("CosineEmbeddingLoss", "margin", margin)

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.cosine_embedding_loss(input1, input2, target, self.margin, self.chosen(reduction))
