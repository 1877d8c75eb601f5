"""Squared difference."""

from nncore.api import Module, Reduction, Tensor, reduce


class MSELoss(Module):
    """(output - target)², averaged over all elements; the squared L2 norm of the difference with `reduction="sum"`.

    Args:
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); `"none"` keeps the shape.
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        difference = output - target
        return reduce(difference * difference, self.reduction if reduction is None else reduction)
