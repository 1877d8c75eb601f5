"""Hinge loss over the wrong classes."""

from typing import Any

from nncore.api import Reduction, Tensor, example, given, ops
from nncore.builtin._checks import number, one_of
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), given((4,), high=3, dtype="int64")], output=())
@example(
    config={"weight": [1.0, 2.0, 0.5], "reduction": "sum"},
    inputs=[(4, 3), given((4,), high=3, dtype="int64")],
    output=(),
)
class WestonWatkinsLoss(ReducedLoss):
    """weight[y]·Σ over j ≠ y of max(0, margin - output[y] + output[j])ᵖ, where y is the target: each wrong class whose score is not
    below the right one's by the margin counts.

    This is the multiclass SVM of CS 231n. `MultiMarginLoss`, PyTorch's, divides it by the number of classes.

    Args:
        p: 1, or 2 for the squared hinge.
        margin: By how much the right class shall be ahead.
        weight: A weight of each class, `(C,)`, as a tensor or a list, or None.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output (scores) `(N, C)` or `(C,)`, target class numbers `(N,)` or `()`; a value a sample with `"none"`.

    Raises:
        InvalidValueError: An argument out of its range.
        InvalidValueError: In a call, a class number that is none of the classes.

    Source: Weston and Watkins 1999; CS 231n, Linear classification.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> round(nn.WestonWatkinsLoss()(nc.tensor([[3.2, 5.1, -1.7]]), nc.tensor([0])).item(), 4)
        2.9
    """

    weight: Tensor | None

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.p = one_of("WestonWatkinsLoss", "p", p, (1, 2))
        self.margin = number("WestonWatkinsLoss", "margin", margin)
        self.keep_weight("weight", weight, rank=1)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        loss = ops.multi_margin_loss(output, target, self.p, self.margin, self.weight, self.chosen(reduction))
        return loss * output.shape[-1]
