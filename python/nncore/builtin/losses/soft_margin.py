"""Logistic loss of labels -1 and 1."""

from nncore.api import Reduction, Tensor, example, ops
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4,), [1.0, -1.0, 1.0, -1.0]], output=())
class SoftMarginLoss(ReducedLoss):
    """ln(1 + exp(-target·output)), computed without overflow.

    Args:
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.SoftMarginLoss()(nc.tensor([1000.0, -1000.0]), nc.tensor([1.0, 1.0])).item()
        500.0
    """

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.soft_margin_loss(output, target, self.chosen(reduction))
