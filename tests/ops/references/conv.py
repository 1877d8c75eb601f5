"""Convolutions over any number of dimensions, by their definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .table import Array, reference


def every(value: Any, n: int) -> tuple[int, ...]:
    """One number for `n` dimensions, or a number for each."""
    numbers = (value,) if isinstance(value, int) else tuple(value)
    return numbers * n if len(numbers) == 1 else numbers


def with_batch(x: Array, n: int, function: Callable[[Array], Any]) -> Any:
    """The function of images of `n` dimensions on `(N, C, ...)`, for what may lack N."""
    if x.ndim == n + 2:
        return function(x)
    result = function(x[None])
    return tuple(y[0] for y in result) if isinstance(result, tuple) else result[0]


def convolve(
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: Any,
    padding: list[tuple[int, int]],
    dilation: Any,
    groups: int,
) -> Array:
    """Windows of the padded image, each element of the kernel in turn."""
    n = weight.ndim - 2
    steps, gaps, kernel = every(stride, n), every(dilation, n), weight.shape[2:]
    x = np.pad(x, [(0, 0), (0, 0), *padding])
    spans = [gap * (k - 1) + 1 for gap, k in zip(gaps, kernel, strict=True)]
    size = [(length - span) // step + 1 for length, span, step in zip(x.shape[2:], spans, steps, strict=True)]
    outputs, each = weight.shape[:2]
    y = np.zeros((x.shape[0], outputs, *size), x.dtype)
    for o, c, *place in np.ndindex(outputs, each, *kernel):
        channel = o // (outputs // groups) * each + c
        starts = [k * gap for k, gap in zip(place, gaps, strict=True)]
        seen = tuple(
            slice(start, start + step * count, step) for start, step, count in zip(starts, steps, size, strict=True)
        )
        y[:, o] += weight[(o, c, *place)] * x[(slice(None), channel, *seen)]
    return y if bias is None else y + bias.reshape(-1, *[1] * n)


def _conv(n: int) -> Callable[..., Any]:
    def conv(
        x: Array,
        weight: Array,
        bias: Array | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Array:
        whole = [gap * (k - 1) for gap, k in zip(every(dilation, n), weight.shape[2:], strict=True)]
        if padding == "same":
            pads = [(p // 2, p - p // 2) for p in whole]
        else:
            pads = [(p, p) for p in every(0 if padding == "valid" else padding, n)]
        result: Array = with_batch(x, n, lambda x: convolve(x, weight, bias, stride, pads, dilation, groups))
        return result

    return conv


def _transposed(n: int) -> Callable[..., Any]:
    def spread(
        x: Array, weight: Array, bias: Array | None, stride: Any, padding: Any, more: Any, groups: int, dilation: Any
    ) -> Array:
        """Each element of the input adds the kernel, times itself, to the place that it came from."""
        steps, pads, extra, gaps = (every(v, n) for v in (stride, padding, more, dilation))
        kernel, (inputs, each) = weight.shape[2:], weight.shape[:2]
        spans = [gap * (k - 1) + 1 for gap, k in zip(gaps, kernel, strict=True)]
        size = [
            (length - 1) * step + span + add
            for length, step, span, add in zip(x.shape[2:], steps, spans, extra, strict=True)
        ]
        y = np.zeros((x.shape[0], each * groups, *size), x.dtype)
        for c, o, *place in np.ndindex(inputs, each, *kernel):
            channel = c // (inputs // groups) * each + o
            seen = tuple(
                slice(k * gap, k * gap + step * count, step)
                for k, gap, step, count in zip(place, gaps, steps, x.shape[2:], strict=True)
            )
            y[(slice(None), channel, *seen)] += weight[(c, o, *place)] * x[:, c]
        inner = tuple(slice(pad, length - pad) for pad, length in zip(pads, size, strict=True))
        y = y[(slice(None), slice(None), *inner)]
        return y if bias is None else y + bias.reshape(-1, *[1] * n)

    def conv_transpose(
        x: Array,
        weight: Array,
        bias: Array | None = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Array:
        result: Array = with_batch(
            x, n, lambda x: spread(x, weight, bias, stride, padding, output_padding, groups, dilation)
        )
        return result

    return conv_transpose


for dimensions in (1, 2, 3):
    reference(f"conv{dimensions}d")(_conv(dimensions))
    reference(f"conv_transpose{dimensions}d")(_transposed(dimensions))
