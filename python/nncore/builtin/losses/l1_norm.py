"""L1 norm of the difference."""

from nncore.api import Reduction, Tensor, ops, reduce
from nncore.builtin.losses._loss import ElementwiseLoss


class L1NormLoss(ElementwiseLoss):
    """‖output - target‖₁ of each sample, the sum of the absolute differences, averaged over the samples.

    `L1Loss` averages over the elements as well, so that its value is smaller by the elements of a sample.

    Args:
        reduction: `"mean"` and `"sum"` over samples, or `"none"`.

    Shape: output and target alike, `(N, ...)`; one value a sample, `(N,)`, with `"none"`. A 0-d pair is one sample.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: CS 231n, Neural networks part 2, on regression.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.L1NormLoss()(nc.tensor([[1.0, -3.0]]), nc.tensor([[0.0, 0.0]])).item()
        4.0
    """

    def function(self, output: Tensor, target: Tensor, reduction: Reduction) -> Tensor:
        each = ops.l1_loss(output, target, "none")
        return reduce(each.flatten(1).sum(1) if each.ndim > 1 else each, reduction)
