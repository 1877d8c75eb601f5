"""Cross-entropy of logits of two classes."""

from typing import Any

from nncore.api import Reduction, Tensor, example, given, ops
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), given((4, 3), low=0.1, high=0.9, grad=False)], output=())
@example(
    config={"weight": [1.0, 2.0, 0.5], "pos_weight": [3.0, 1.0, 2.0]},
    inputs=[(4, 3), given((4, 3), low=0.1, high=0.9, grad=False)],
    output=(),
)
class BCEWithLogitsLoss(ReducedLoss):
    """-weight·(pos_weight·target·ln(p) + (1 - target)·ln(1 - p)) with p = sigmoid(output), computed without overflow.

    Args:
        weight: Weights that broadcast to the output, as a tensor or a list, or None.
        pos_weight: Weights of the positive part, which broadcast to the output, such as negatives over positives of each class.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output (logits) and target, in [0, 1], alike; `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.BCEWithLogitsLoss()(nc.tensor([1000.0, -1000.0]), nc.tensor([1.0, 1.0])).item()
        500.0
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: Reduction = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self.keep_weight("weight", weight)
        self.keep_weight("pos_weight", pos_weight)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.binary_cross_entropy_with_logits(
            output, target, self.weight, self.chosen(reduction), self.pos_weight
        )
