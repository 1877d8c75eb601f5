"""Cross-entropy of probabilities."""

from typing import Any

from nncore.api import Reduction, Tensor, example, given, ops
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[given((4, 3), low=0.1, high=0.9), given((4, 3), low=0.1, high=0.9, grad=False)], output=())
class BCELoss(ReducedLoss):
    """-weight·(target·ln(output) + (1 - target)·ln(1 - output)). Logarithms count as -100 at least, so that the loss is finite.

    `BCEWithLogitsLoss` takes logits, and loses no digits.

    Args:
        weight: Weights that broadcast to the output, as a tensor or a list, or None.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output, in [0, 1], and target alike; `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> round(nn.BCELoss()(nc.tensor([0.5, 0.5]), nc.tensor([0.0, 1.0])).item(), 4)
        0.6931
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.keep_weight("weight", weight)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.binary_cross_entropy(output, target, self.weight, self.chosen(reduction))
