"""Resampling: every axis by a matrix, whose rows say what an output is made of."""

from __future__ import annotations

import itertools
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


def _mirrored(at: float, size: int, align_corners: bool) -> float:
    """A place folded back into the image, like light between two mirrors."""
    low, high = (0.0, size - 1.0) if align_corners else (-0.5, size - 0.5)
    if high == low:
        return 0.0
    while not low <= at <= high:
        at = 2 * low - at if at < low else 2 * high - at
    return at


def _along(at: float, size: int, mode: str, padding_mode: str, align_corners: bool) -> list[tuple[int, float]]:
    """The elements of an axis and their weights at a coordinate in [-1, 1]."""
    at = (at + 1) / 2 * (size - 1) if align_corners else ((at + 1) * size - 1) / 2

    def inside(place: float) -> float:
        if padding_mode == "reflection":
            place = _mirrored(place, size, align_corners)
        return place if padding_mode == "zeros" else min(max(place, 0.0), size - 1.0)

    if mode == "bicubic":
        low = int(np.floor(at))
        taps = [(inside(k), cubic(at - k)) for k in range(low - 1, low + 3)]
    else:
        at = inside(at)
        low = int(np.floor(at))
        taps = [(low, 1 - (at - low)), (low + 1, at - low)] if mode == "bilinear" else [(round(at), 1.0)]
    return [(int(k), w) for k, w in taps if 0 <= k < size]


@reference("grid_sample")
def grid_sample(
    x: Array, grid: Array, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Array:
    out = np.zeros((*x.shape[:2], *grid.shape[1:-1]))
    for n, *point in np.ndindex(grid.shape[:-1]):
        axes = [
            _along(c, size, mode, padding_mode, bool(align_corners))
            for c, size in zip(reversed(grid[(n, *point)]), x.shape[2:], strict=True)
        ]
        for taps in itertools.product(*axes):
            weight = np.prod([w for _, w in taps])
            out[(n, slice(None), *point)] += weight * x[(n, slice(None), *(k for k, _ in taps))]
    return out


@reference("affine_grid")
def affine_grid(theta: Array, size: Sequence[int], align_corners: bool | None = None) -> Array:
    lines = [np.linspace(-1, 1, d) * (1 if align_corners else (d - 1) / d) if d > 1 else np.zeros(1) for d in size[2:]]
    z = np.meshgrid(*lines, indexing="ij")
    points = np.stack([*reversed(z), np.ones_like(z[0])], -1)
    return np.stack([points @ map.T for map in theta])
