"""Absolute difference."""

from nncore.api import Reduction, Tensor, ops
from nncore.builtin.losses._loss import ElementwiseLoss


class L1Loss(ElementwiseLoss):
    """|output - target|, averaged over all elements. The gradient where both agree is 0.

    With `reduction="sum"` it is the L1 norm of the difference over the whole batch; `L1NormLoss` has that norm for each
    sample.

    Args:
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.L1Loss()(nc.tensor([1.0, -3.0]), nc.tensor([0.0, 0.0])).item()
        2.0
    """

    def function(self, output: Tensor, target: Tensor, reduction: Reduction) -> Tensor:
        return ops.l1_loss(output, target, reduction)
