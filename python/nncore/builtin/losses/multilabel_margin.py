"""Hinge loss of samples with several labels."""

from nncore.api import Reduction, Tensor, example, ops
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(2, 4), [[3, 0, -1, 1], [1, -1, 0, 2]]], output=())
class MultiLabelMarginLoss(ReducedLoss):
    """The sum over a sample's labels y and the classes j that are none of them of max(0, 1 - output[y] + output[j]), over the
    number of classes.

    Args:
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output `(N, C)` or `(C,)`; target the same: a sample's labels as integers, which end at the first -1; a value a sample with
    `"none"`.

    Raises:
        InvalidValueError: An argument out of its range.
        InvalidValueError: In a call, a label that is none of the classes.

    Source: PyTorch.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> loss = nn.MultiLabelMarginLoss()
        >>> round(loss(nc.tensor([[0.1, 0.2, 0.4, 0.8]]), nc.tensor([[3, 0, -1, 1]])).item(), 4)
        0.85
    """

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.multilabel_margin_loss(output, target, self.chosen(reduction))
