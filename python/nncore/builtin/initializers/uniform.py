"""Uniform numbers between two bounds."""

import numpy as np

from nncore.api import Array, Shape, Stream


def uniform(
    shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, low: float = 0.0, high: float = 1.0
) -> Array:
    """U[low, high). PyTorch's `uniform_` has the same defaults."""
    one = np.dtype(dtype).type
    drawn: Array = stream.random(shape, dtype) * one(high - low) + one(low)
    return drawn
