"""Logistic losses of several labels."""

from typing import Any

from nncore.api import Reduction, Tensor, example, given, ops, reduce
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), given((4, 3), low=0.1, high=0.9, grad=False)], output=())
@example(
    config={"weight": [1.0, 2.0, 0.5], "reduction": "none"},
    inputs=[(4, 3), given((4, 3), low=0.1, high=0.9, grad=False)],
    output=(4,),
)
class MultiLabelSoftMarginLoss(ReducedLoss):
    """-weight·(target·ln(p) + (1 - target)·ln(1 - p)) with p = sigmoid(output), averaged over the classes: each class is a question
    of its own.

    Args:
        weight: A weight of each class, `(C,)`, as a tensor or a list, or None.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output (logits) `(N, C)` or `(C,)`, target in [0, 1] alike; a value a sample with `"none"`.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: The weights are not one number for each class.

    Source: PyTorch.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.MultiLabelSoftMarginLoss()(nc.tensor([[1000.0, -1000.0]]), nc.tensor([[1.0, 1.0]])).item()
        500.0
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.keep_weight("weight", weight, rank=1)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        each = ops.binary_cross_entropy_with_logits(output, target, self.weight, "none")
        return reduce(each.mean(-1), self.chosen(reduction))
