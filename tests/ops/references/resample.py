"""Resampling: every axis by a matrix, whose rows say what an output is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .table import Array, reference


def cubic(x: float) -> float:
    """Keys' kernel with a = -0.75."""
    x, a = abs(x), -0.75
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def matrix(size: int, to: int, mode: str, align_corners: bool, factor: float | None) -> Array:
    """The weights of the inputs (columns) in the outputs (rows)."""
    rows = np.zeros((to, size))
    step = 1 / factor if factor else size / to
    for j, row in enumerate(rows):
        if mode == "area":
            low, high = j * size // to, -(-(j + 1) * size // to)
            row[low:high] = 1 / (high - low)
            continue
        if mode in ("nearest", "nearest-exact"):
            row[min(int((j + (mode != "nearest") / 2) * step), size - 1)] = 1
            continue
        at = j * (size - 1) / (to - 1) if align_corners and to > 1 else 0.0 if align_corners else (j + 0.5) * step - 0.5
        if mode == "bicubic":
            for k in range(int(np.floor(at)) - 1, int(np.floor(at)) + 3):
                row[min(max(k, 0), size - 1)] += cubic(at - k)
            continue
        at = min(max(at, 0.0), size - 1.0)
        low = int(at)
        row[low] += 1 - (at - low)
        row[min(low + 1, size - 1)] += at - low
    return rows


@reference("interpolate")
def interpolate(
    x: Array,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Array:
    axes = x.ndim - 2

    def every(value: Any) -> list[Any]:
        values = list(value) if isinstance(value, Sequence) else [value]
        return values * axes if len(values) == 1 else values

    factors = every(scale_factor)
    sizes = every(size) if size is not None else [int(x.shape[i + 2] * f) for i, f in enumerate(factors)]
    for i in range(axes):
        factor = None if size is not None or recompute_scale_factor else factors[i]
        weights = matrix(x.shape[i + 2], sizes[i], mode, bool(align_corners), factor)
        x = np.moveaxis(np.tensordot(x, weights, (i + 2, 1)), -1, i + 2)
    return x
