"""One value everywhere."""

import numpy as np

from nncore.api import Array, Shape, Stream


def constant(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, value: float = 0.0) -> Array:
    """`value` everywhere."""
    return np.full(shape, value, dtype)
