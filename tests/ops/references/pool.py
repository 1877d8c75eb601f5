"""Pooling over any number of dimensions, window by window."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from .conv import every, with_batch
from .table import Array, reference

Windows = list[list[range]]
"""For each dimension, where each of its windows reads, places outside the image included."""


def sliding(length: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> list[range]:
    """Windows along one dimension."""
    span = length + 2 * padding - dilation * (kernel - 1) - 1
    count = (-(-span // stride) if ceil_mode else span // stride) + 1
    if ceil_mode and (count - 1) * stride >= length + padding:
        count -= 1  # the last window must begin in the image or its left padding
    starts = [k * stride - padding for k in range(count)]
    return [range(s, s + dilation * (kernel - 1) + 1, dilation) for s in starts]


def windows(x: Array, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> Windows:
    """Windows along all dimensions."""
    n = x.ndim - 2
    each = [every(v, n) for v in (kernel, kernel if stride is None else stride, padding, dilation)]
    return [sliding(length, *numbers, ceil_mode) for length, *numbers in zip(x.shape[2:], *each, strict=True)]


def adaptive(x: Array, size: Any) -> Windows:
    """As many windows as `size` says, of about equal length."""
    n = x.ndim - 2
    sizes = (size,) * n if size is None or isinstance(size, int) else tuple(size)
    found = []
    for length, size in zip(x.shape[2:], sizes, strict=True):
        count = length if size is None else size
        found.append([range(i * length // count, -(-(i + 1) * length // count)) for i in range(count)])
    return found


def pool(x: Array, where: Windows, of: Callable[[Array, list[tuple[int, ...]], list[range]], Array]) -> Array:
    """`of(values, their places, the window)` for each window; values are stacked along the first dimension."""
    first, size = None, tuple(len(w) for w in where)
    y = np.zeros((*x.shape[:2], *size), x.dtype)
    for at in np.ndindex(size):
        window = [w[i] for w, i in zip(where, at, strict=True)]
        inside = [
            place
            for place in itertools.product(*window)
            if all(0 <= p < length for p, length in zip(place, x.shape[2:], strict=True))
        ]
        value = of(np.stack([x[(slice(None), slice(None), *place)] for place in inside]), inside, window)
        if first is None:
            first, y = value, y.astype(value.dtype)
        y[(slice(None), slice(None), *at)] = value
    return y


def maxima(x: Array, where: Windows, return_indices: bool) -> Any:
    """The maximum of each window, and its number in the plane."""
    largest = pool(x, where, lambda values, *_: values.max(axis=0))
    if not return_indices:
        return largest

    def numbers(values: Array, inside: list[tuple[int, ...]], _: list[range]) -> Array:
        flat = np.array([np.ravel_multi_index(place, x.shape[2:]) for place in inside], np.int64)
        return flat[values.argmax(axis=0)]

    return largest, pool(x, where, numbers).astype(np.int64)


def _max_pool(n: int) -> Callable[..., Any]:
    def max_pool(
        x: Array,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        def run(x: Array) -> Any:
            return maxima(x, windows(x, kernel_size, stride, padding, dilation, ceil_mode), return_indices)

        return with_batch(x, n, run)

    return max_pool


def _avg_pool(n: int) -> Callable[..., Any]:
    def avg_pool(
        x: Array,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Array:
        pads = every(padding, n)

        def run(x: Array) -> Array:
            def mean(values: Array, inside: list[tuple[int, ...]], window: list[range]) -> Array:
                # With the padding counted, what lies beyond even that (ceil_mode) is not.
                ends = [length + pad for length, pad in zip(x.shape[2:], pads, strict=True)]
                counts = [sum(p < end for p in places) for places, end in zip(window, ends, strict=True)]
                padded = int(np.prod(counts))
                divisor = divisor_override or (padded if count_include_pad else len(inside))
                total: Array = values.sum(axis=0) / divisor
                return total

            return pool(x, windows(x, kernel_size, stride, padding, 1, ceil_mode), mean)

        result: Array = with_batch(x, n, run)
        return result

    return avg_pool


def _max_unpool(n: int) -> Callable[..., Any]:
    def max_unpool(
        x: Array, indices: Array, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
    ) -> Array:
        steps = every(kernel_size if stride is None else stride, n)
        numbers = zip(x.shape[-n:], steps, every(padding, n), every(kernel_size, n), strict=True)
        size = [(length - 1) * step - 2 * pad + kernel for length, step, pad, kernel in numbers]
        if output_size is not None:
            size = list(output_size[-n:])
        lead = x.shape[:-n]
        y = np.zeros((int(np.prod(lead)), int(np.prod(size))), x.dtype)
        for plane, values, places in zip(y, x.reshape(len(y), -1), indices.reshape(len(y), -1), strict=True):
            plane[places] = values
        return y.reshape(*lead, *size)

    return max_unpool


def _adaptive(n: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def mean(x: Array, output_size: Any) -> Any:
        return with_batch(x, n, lambda x: pool(x, adaptive(x, output_size), lambda values, *_: values.mean(axis=0)))

    def maximum(x: Array, output_size: Any, return_indices: bool = False) -> Any:
        return with_batch(x, n, lambda x: maxima(x, adaptive(x, output_size), return_indices))

    return mean, maximum


def _lp_pool(n: int) -> Callable[..., Any]:
    def lp_pool(x: Array, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Array:
        def norm(values: Array, *_: Any) -> Array:
            if np.isinf(norm_type):
                sizes = np.abs(values)
                return np.asarray(sizes.max(axis=0) if norm_type > 0 else sizes.min(axis=0))
            # A window that hangs over counts as if the mean of what is inside went on.
            full = int(np.prod(every(kernel_size, n)))
            result: Array = ((values**norm_type).mean(axis=0) * full) ** (1 / norm_type)
            return result

        result: Array = with_batch(x, n, lambda x: pool(x, windows(x, kernel_size, stride, 0, 1, ceil_mode), norm))
        return result

    return lp_pool


for dimensions in (1, 2, 3):
    reference(f"lp_pool{dimensions}d")(_lp_pool(dimensions))
    reference(f"max_pool{dimensions}d")(_max_pool(dimensions))
    reference(f"avg_pool{dimensions}d")(_avg_pool(dimensions))
    reference(f"max_unpool{dimensions}d")(_max_unpool(dimensions))
    for kind, function in zip(("avg", "max"), _adaptive(dimensions), strict=True):
        reference(f"adaptive_{kind}_pool{dimensions}d")(function)
