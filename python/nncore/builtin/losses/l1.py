"""Absolute difference."""

from nncore.api import Module, Reduction, Tensor, ops, reduce


class L1Loss(Module):
    """|output - target|, averaged over all elements; the L1 norm of the difference with `reduction="sum"`.

    Args:
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); `"none"` keeps the shape. The gradient where both agree is 0.
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        difference = output - target
        distance = ops.relu(difference) + ops.relu(-difference)
        return reduce(distance, self.reduction if reduction is None else reduction)
