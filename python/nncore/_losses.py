"""What losses have in common."""

from __future__ import annotations

from nncore._core import Tensor
from nncore.errors import InvalidValueError
from nncore.plugins import Reduction

__all__ = ["reduce"]


def reduce(loss: Tensor, reduction: Reduction) -> Tensor:
    """Sum up a loss that was computed for each element: `"mean"`, `"sum"`, or `"none"` to leave it."""
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    if reduction == "none":
        return loss
    raise InvalidValueError(f"reduction is 'mean', 'sum' or 'none', got {reduction!r}")
