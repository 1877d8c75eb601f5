"""Distances of like and unlike pairs."""

from nncore.api import Reduction, Tensor, example, ops
from nncore.builtin._checks import flag, number
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), (4, 3), (4, 3)], output=())
@example(config={"swap": True, "p": 1.5, "reduction": "none"}, inputs=[(4, 3), (4, 3), (4, 3)], output=(4,))
class TripletMarginLoss(ReducedLoss):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin) with d(a, b) = ‖a - b + eps‖ₚ.

    Args:
        margin: By how much the negative shall be farther away; more than 0.
        p: Order of the norm, more than 0.
        eps: Added to the difference, so that its norm has a gradient.
        swap: Whether the negative's distance from the positive counts where that is smaller.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: three of `(N, D)` or `(D,)`; a value a triplet with `"none"`.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Balntas and others 2016, Learning local feature descriptors with triplets, section 2.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> a, p, n = nc.tensor([[0.0, 0.0]]), nc.tensor([[0.0, 2.0]]), nc.tensor([[0.0, 3.0]])
        >>> round(nn.TripletMarginLoss(margin=5.0)(a, p, n).item(), 4)
        4.0
    """

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction)
        self.margin = number("TripletMarginLoss", "margin", margin, above=0)
        self.p = number("TripletMarginLoss", "p", p, above=0)
        self.eps = number("TripletMarginLoss", "eps", eps)
        self.swap = flag("TripletMarginLoss", "swap", swap)

    def forward(
        self, anchor: Tensor, positive: Tensor, negative: Tensor, *, reduction: Reduction | None = None
    ) -> Tensor:
        return ops.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, self.chosen(reduction)
        )
