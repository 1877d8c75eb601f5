"""Hinge loss of the best wrong class."""

from nncore.api import Reduction, Tensor, example, given, ops, reduce
from nncore.builtin._checks import number, one_of
from nncore.builtin.losses._classes import split_classes
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), given((4,), high=3, dtype="int64")], output=())
@example(config={"p": 2, "reduction": "none"}, inputs=[(4, 3), given((4,), high=3, dtype="int64")], output=(4,))
class CrammerSingerLoss(ReducedLoss):
    """max(0, margin - output[y] + max over j ≠ y of output[j])ᵖ, where y is the target: only the wrong class with the highest score
    counts. Where several are highest, they share the gradient.

    Args:
        p: 1, or 2 for the squared hinge.
        margin: By how much the right class shall be ahead.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output (scores) `(N, C)` or `(C,)` of two classes or more, target class numbers `(N,)` or `()`; a value a sample with `"none"`.

    Raises:
        InvalidValueError: An argument out of its range.
        InvalidValueError: In a call, a class number that is none of the classes.

    Source: Crammer and Singer 2001, On the algorithmic implementation of multiclass kernel-based vector machines.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> round(nn.CrammerSingerLoss()(nc.tensor([[2.2, 2.5, -3.1]]), nc.tensor([2])).item(), 4)
        6.6
    """

    def __init__(self, p: int = 1, margin: float = 1.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.p = one_of("CrammerSingerLoss", "p", p, (1, 2))
        self.margin = number("CrammerSingerLoss", "margin", margin)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        right, wrong = split_classes("CrammerSingerLoss", output, target)
        each = ops.relu(wrong.amax(-1) - right + self.margin)
        return reduce(each if self.p == 1 else each * each, self.chosen(reduction))
