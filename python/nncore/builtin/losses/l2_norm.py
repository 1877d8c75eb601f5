"""L2 norm of the difference."""

from nncore.api import Reduction, Tensor, ops, reduce
from nncore.builtin._checks import flag
from nncore.builtin.losses._loss import ElementwiseLoss


class L2NormLoss(ElementwiseLoss):
    """‖output - target‖₂² of each sample, the sum of the squared differences, averaged over the samples.

    `MSELoss` averages over the elements as well, so that its value is smaller by the elements of a sample.

    Args:
        squared: Whether the norm is squared. Without it the gradient has length 1 however near the target is; where output
            and target agree it is 0.
        reduction: `"mean"` and `"sum"` over samples, or `"none"`.

    Shape: output and target alike, `(N, ...)`; one value a sample, `(N,)`, with `"none"`. A 0-d pair is one sample.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: CS 231n, Neural networks part 2, on regression.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> output, target = nc.tensor([[3.0, 4.0]]), nc.tensor([[0.0, 0.0]])
        >>> nn.L2NormLoss()(output, target).item(), nn.L2NormLoss(squared=False)(output, target).item()
        (25.0, 5.0)
    """

    def __init__(self, squared: bool = True, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.squared = flag("L2NormLoss", "squared", squared)

    def function(self, output: Tensor, target: Tensor, reduction: Reduction) -> Tensor:
        if self.squared:
            each = ops.mse_loss(output, target, "none")
            each = each.flatten(1).sum(1) if each.ndim > 1 else each
        else:
            difference = output - target
            each = ops.vector_norm(difference.flatten(1), 2.0, 1) if difference.ndim > 1 else difference.abs()
        return reduce(each, reduction)
