"""Distances of like and unlike pairs, as they are."""

from nncore.api import Reduction, Tensor, example, ops
from nncore.builtin._checks import number
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4,), [1.0, -1.0, 1.0, -1.0]], output=())
class HingeEmbeddingLoss(ReducedLoss):
    """The output where the target is 1, max(0, margin - output) where it is -1; the output is a distance.

    Args:
        margin: From where on unlike pairs count nothing.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Hadsell, Chopra and LeCun 2006, in PyTorch's form.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.HingeEmbeddingLoss(reduction="none")(nc.tensor([0.25, 0.25]), nc.tensor([1.0, -1.0])).tolist()
        [0.25, 0.75]
    """

    def __init__(self, margin: float = 1.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = number("HingeEmbeddingLoss", "margin", margin)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.hinge_embedding_loss(output, target, self.margin, self.chosen(reduction))
