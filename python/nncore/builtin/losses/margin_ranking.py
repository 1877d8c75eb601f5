"""Which of two is to be larger."""

from nncore.api import Reduction, Tensor, example, ops
from nncore.builtin._checks import number
from nncore.builtin.losses._loss import ReducedLoss


@example(config={"margin": 0.5}, inputs=[(4,), (4,), [1.0, -1.0, 1.0, -1.0]], output=())
class MarginRankingLoss(ReducedLoss):
    """max(0, -target·(input1 - input2) + margin): with a target of 1 the first shall be larger, with -1 the second.

    Args:
        margin: By how much.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: three that broadcast; `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Herbrich, Graepel and Obermayer 1999, in PyTorch's form.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.MarginRankingLoss(1.0)(nc.tensor([2.0]), nc.tensor([1.5]), nc.tensor([1.0])).item()
        0.5
    """

    def __init__(self, margin: float = 0.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = number("MarginRankingLoss", "margin", margin)

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.margin_ranking_loss(input1, input2, target, self.margin, self.chosen(reduction))
