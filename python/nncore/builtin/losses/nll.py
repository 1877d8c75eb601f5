"""Negative log-likelihood."""

from typing import Any

from nncore.api import Reduction, Tensor, example, given, ops
from nncore.builtin._checks import whole
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), given((4,), high=3, dtype="int64")], output=())
@example(
    config={"weight": [1.0, 2.0, 0.5], "reduction": "sum"},
    inputs=[(4, 3), given((4,), high=3, dtype="int64")],
    output=(),
    skip={"reduction": "a mean weighted by class"},
)
class NLLLoss(ReducedLoss):
    """-weight[target]·output[target], of logarithms of probabilities, as `LogSoftmax` gives them.

    Args:
        weight: A weight of each class, `(C,)`, as a tensor or a list, or None.
        ignore_index: Targets with this class number count nothing.
        reduction: `"mean"` (weighted, over what is not ignored), `"sum"`, or `"none"`.

    Shape: output `(N, C)` or `(N, C, ...)`, target class numbers `(N)` or `(N, ...)`, which is the shape with `"none"`.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: The weights are not one number for each class.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.NLLLoss()(nc.tensor([[-0.5, -1.0]]), nc.tensor([1])).item()
        1.0
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.keep_weight("weight", weight, rank=1)
        self.ignore_index = whole("NLLLoss", "ignore_index", ignore_index)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.nll_loss(output, target, self.weight, self.ignore_index, self.chosen(reduction))
