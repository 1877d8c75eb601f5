"""Pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .table import Array, pair, reference


def _windows(length: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> list[range]:
    """Where each window reads along one axis, places outside the image included."""
    span = length + 2 * padding - dilation * (kernel - 1) - 1
    count = (-(-span // stride) if ceil_mode else span // stride) + 1
    if ceil_mode and (count - 1) * stride >= length + padding:
        count -= 1  # the last window must begin in the image or its left padding
    starts = [k * stride - padding for k in range(count)]
    return [range(s, s + dilation * (kernel - 1) + 1, dilation) for s in starts]


def _pool(x: Array, rows: list[range], columns: list[range], of: Callable[[Array, int], Array]) -> Array:
    y = np.zeros((*x.shape[:2], len(rows), len(columns)), x.dtype)
    for i, j in np.ndindex(len(rows), len(columns)):
        inside = [(r, c) for r in rows[i] for c in columns[j] if 0 <= r < x.shape[2] and 0 <= c < x.shape[3]]
        y[:, :, i, j] = of(np.stack([x[:, :, r, c] for r, c in inside]), len(inside))
    return y


@reference("max_pool2d")
def max_pool2d(
    x: Array, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Array:
    kernel, step, pad, gap = map(pair, (kernel_size, kernel_size if stride is None else stride, padding, dilation))
    rows, columns = (_windows(x.shape[2 + a], kernel[a], step[a], pad[a], gap[a], ceil_mode) for a in range(2))
    return _pool(x, rows, columns, lambda values, _: values.max(axis=0))


@reference("avg_pool2d")
def avg_pool2d(
    x: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    kernel, step, pad = (pair(v) for v in (kernel_size, kernel_size if stride is None else stride, padding))
    rows, columns = (_windows(x.shape[2 + a], kernel[a], step[a], pad[a], 1, ceil_mode) for a in range(2))
    y = np.zeros((*x.shape[:2], len(rows), len(columns)), x.dtype)
    for i, j in np.ndindex(y.shape[2:]):
        inside = [(r, c) for r in rows[i] for c in columns[j] if 0 <= r < x.shape[2] and 0 <= c < x.shape[3]]
        # With the padding counted, what lies beyond even that (ceil_mode) is not.
        padded = sum(r < x.shape[2] + pad[0] for r in rows[i]) * sum(c < x.shape[3] + pad[1] for c in columns[j])
        y[:, :, i, j] = sum(x[:, :, r, c] for r, c in inside) / (padded if count_include_pad else len(inside))
    return y
