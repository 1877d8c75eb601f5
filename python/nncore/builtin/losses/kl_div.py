"""Kullback-Leibler divergence."""

from typing import ClassVar

from nncore.api import Tensor, example, given, ops
from nncore.builtin._checks import flag
from nncore.builtin.losses._loss import Batched, ReducedLoss


@example(
    config={"reduction": "batchmean"},
    inputs=[given((4, 3), low=-3.0, high=-0.1), given((4, 3), low=0.1, high=0.9, grad=False)],
    output=(),
)
class KLDivLoss(ReducedLoss):
    """target·(ln(target) - output), 0 where the target is: how far the target's distribution is from the output's, of which the
    logarithm is given.

    Args:
        log_target: Whether the target is given as its logarithm too.
        reduction: `"mean"` over all elements, `"batchmean"` over the samples, which is the divergence itself, `"sum"`, or `"none"`.

    Shape: output and target alike; `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Kullback and Leibler 1951.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> loss = nn.KLDivLoss("batchmean")
        >>> round(loss(nc.tensor([[0.5, 0.5]]).log(), nc.tensor([[1.0, 0.0]])).item(), 4)
        0.6931
    """

    reductions: ClassVar[tuple[str, ...]] = ("mean", "sum", "none", "batchmean")

    def __init__(self, reduction: Batched = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = flag("KLDivLoss", "log_target", log_target)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Batched | None = None) -> Tensor:
        return ops.kl_div(output, target, self.chosen(reduction), self.log_target)
