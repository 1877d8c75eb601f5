"""Convolutions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .table import Array, pair, reference


@reference("conv2d")
def conv2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Array:
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    images, _, height, width = x.shape
    outputs, each, kh, kw = weight.shape
    oh, ow = (height - dh * (kh - 1) - 1) // sh + 1, (width - dw * (kw - 1) - 1) // sw + 1
    y = np.zeros((images, outputs, oh, ow), x.dtype)
    for o, c, i, j in itertools.product(range(outputs), range(each), range(kh), range(kw)):
        channel = o // (outputs // groups) * each + c
        rows, columns = i * dh, j * dw
        y[:, o] += weight[o, c, i, j] * x[:, channel, rows : rows + sh * oh : sh, columns : columns + sw * ow : sw]
    return y if bias is None else y + bias[:, None, None]
