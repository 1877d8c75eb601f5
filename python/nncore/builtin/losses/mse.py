"""Squared difference."""

from nncore.api import Reduction, Tensor, ops
from nncore.builtin.losses._loss import ElementwiseLoss


class MSELoss(ElementwiseLoss):
    """(output - target)², averaged over all elements.

    With `reduction="sum"` it is the squared L2 norm of the difference over the whole batch; `L2NormLoss` has that norm for
    each sample.

    Args:
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.MSELoss()(nc.tensor([1.0, 3.0]), nc.tensor([0.0, 0.0])).item()
        5.0
    """

    def function(self, output: Tensor, target: Tensor, reduction: Reduction) -> Tensor:
        return ops.mse_loss(output, target, reduction)
