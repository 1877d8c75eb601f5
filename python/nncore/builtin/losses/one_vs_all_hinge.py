"""A binary hinge loss for each class."""

from nncore.api import Reduction, Tensor, example, given, ops, reduce
from nncore.builtin._checks import number, one_of
from nncore.builtin.losses._classes import target_mask
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), given((4,), high=3, dtype="int64")], output=())
@example(config={"p": 2, "reduction": "none"}, inputs=[(4, 3), given((4,), high=3, dtype="int64")], output=(4,))
class OneVsAllHingeLoss(ReducedLoss):
    """Σ over j of max(0, margin - t[j]·output[j])ᵖ, where t[j] is 1 for the target and -1 for every other class: one binary SVM a
    class, each against all others.

    Args:
        p: 1, or 2 for the squared hinge.
        margin: By how much the right class shall be ahead.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output (scores) `(N, C)` or `(C,)`, target class numbers `(N,)` or `()`; a value a sample with `"none"`.

    Raises:
        InvalidValueError: An argument out of its range.
        InvalidValueError: In a call, a class number that is none of the classes.

    Source: Rifkin and Klautau 2004, In defense of one-vs-all classification; CS 231n, Linear classification.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> round(nn.OneVsAllHingeLoss()(nc.tensor([[3.2, 0.5, -1.7]]), nc.tensor([0])).item(), 4)
        1.5
    """

    def __init__(self, p: int = 1, margin: float = 1.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.p = one_of("OneVsAllHingeLoss", "p", p, (1, 2))
        self.margin = number("OneVsAllHingeLoss", "margin", margin)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        right = target_mask("OneVsAllHingeLoss", output, target)
        each = ops.relu(self.margin - ops.where(right, output, -output))
        return reduce((each if self.p == 1 else each * each).sum(-1), self.chosen(reduction))
