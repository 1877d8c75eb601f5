"""Absolute difference with a curve around 0."""

from nncore.api import Reduction, Tensor, ops
from nncore.builtin._checks import number
from nncore.builtin.losses._loss import ReducedLoss


class SmoothL1Loss(ReducedLoss):
    """d²/(2·beta) where d = |output - target| is below beta, else d - beta/2.

    Args:
        beta: Where the line begins, 0 or more; with 0 it is `L1Loss`.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Girshick 2015 (arXiv 1504.08083), equation 3.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.SmoothL1Loss(reduction="none")(nc.tensor([0.5, 3.0]), nc.tensor([0.0, 0.0])).tolist()
        [0.125, 2.5]
    """

    def __init__(self, reduction: Reduction = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = number("SmoothL1Loss", "beta", beta, least=0)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.smooth_l1_loss(output, target, self.chosen(reduction), self.beta)
