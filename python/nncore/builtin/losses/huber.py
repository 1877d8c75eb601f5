"""Squared difference near 0, absolute difference far off."""

from nncore.api import Reduction, Tensor, ops
from nncore.builtin._checks import number
from nncore.builtin.losses._loss import ReducedLoss


class HuberLoss(ReducedLoss):
    """d²/2 where d = |output - target| is at most delta, else delta·(d - delta/2).

    Args:
        delta: Where the line begins, more than 0.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Huber 1964, Robust estimation of a location parameter.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.HuberLoss("none", 2.0)(nc.tensor([1.0, 3.0]), nc.tensor([0.0, 0.0])).tolist()
        [0.5, 4.0]
    """

    def __init__(self, reduction: Reduction = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = number("HuberLoss", "delta", delta, above=0)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.huber_loss(output, target, self.chosen(reduction), self.delta)
