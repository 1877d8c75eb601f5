"""Losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from .activation import log_softmax
from .table import Array, reference


@reference("cross_entropy")
def cross_entropy(
    x: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    axis = 0 if x.ndim == 1 else 1
    log_p = np.moveaxis(log_softmax(x, axis), axis, -1)
    classes = log_p.shape[-1]
    w = np.ones(classes) if weight is None else weight
    if np.issubdtype(target.dtype, np.floating):
        p = np.moveaxis(target, axis, -1) * (1 - label_smoothing) + label_smoothing / classes
        losses = -(w * p * log_p).sum(-1)
        divisor = losses.size
    else:
        kept = target != ignore_index
        labels = np.where(kept, target, 0)
        own = -np.take_along_axis(w * log_p, labels[..., None], -1)[..., 0]
        smooth = -(w * log_p).sum(-1) / classes
        losses = ((1 - label_smoothing) * own + label_smoothing * smooth) * kept
        divisor = (w[labels] * kept).sum()
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / divisor
