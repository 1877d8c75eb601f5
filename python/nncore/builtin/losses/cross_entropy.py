"""Softmax cross-entropy."""

from typing import Any

from nncore.api import Reduction, Tensor, example, given, ops
from nncore.builtin._checks import number, whole
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), given((4,), high=3, dtype="int64")], output=())
@example(
    config={"weight": [1.0, 2.0, 0.5], "reduction": "sum"},
    inputs=[(4, 3), given((4,), high=3, dtype="int64")],
    output=(),
    skip={"reduction": "a mean weighted by class"},
)
class CrossEntropyLoss(ReducedLoss):
    """-log(softmax(output)[target]): log-softmax and negative log-likelihood in one, without overflow.

    Args:
        weight: Weight of each class, `(C,)`, as a tensor or a list, or None.
        ignore_index: Targets with this class number count nothing.
        reduction: `"mean"` (weighted, over what is not ignored), `"sum"`, or `"none"`.
        label_smoothing: Share of each target that is spread evenly over the classes, in [0, 1]: a target has
            1 - label_smoothing + label_smoothing/C, each other class label_smoothing/C.

    Shape: output (logits) `(N, C)` or `(N, C, ...)`, target class numbers `(N)` or `(N, ...)`; or target probabilities in
    the shape of the output.

    Raises:
        InvalidValueError: An argument out of its range; in a call, a class number that is none of the classes.
        ShapeError: The weights are not one number for each class.

    Source: label smoothing: Szegedy and others 2015 (arXiv 1512.00567), section 7.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> scores = nc.tensor([[3.2, 5.1, -1.7]])
        >>> round(nn.CrossEntropyLoss()(scores, nc.tensor([0])).item(), 2)
        2.04
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self.keep_weight("weight", weight, rank=1)
        self.ignore_index = whole("CrossEntropyLoss", "ignore_index", ignore_index)
        self.label_smoothing = number("CrossEntropyLoss", "label_smoothing", label_smoothing, least=0, most=1)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.cross_entropy(
            output,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.chosen(reduction),
            label_smoothing=self.label_smoothing,
        )
