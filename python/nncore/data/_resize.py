"""Enlarging images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def bilinear(images: Array, height: int, width: int) -> Array:
    """Images `(..., h, w)` as `(..., height, width)`, float32, bilinearly, with half-pixel centres.

    Output pixel `i` lies at `(i + 0.5) * h / height - 0.5` of the input; beyond the outermost centres the edge goes on.
    This is `align_corners=False` elsewhere. Elementwise arithmetic only: every machine gets the same bits.
    """
    images = images.astype(np.float32, copy=False)
    return _along(_along(images, height, -2), width, -1)


def _along(images: Array, size: int, axis: int) -> Array:
    length = images.shape[axis]
    position = np.clip((np.arange(size) + 0.5) * (length / size) - 0.5, 0.0, length - 1.0)
    low = np.floor(position).astype(np.intp)
    high = np.minimum(low + 1, length - 1)
    weight = (position - low).astype(np.float32)
    if axis == -2:
        weight = weight[:, np.newaxis]
    below = images.take(low, axis=axis)
    result: Array = below + (images.take(high, axis=axis) - below) * weight
    return result
