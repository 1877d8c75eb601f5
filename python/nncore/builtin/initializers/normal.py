"""Normal numbers of a given spread."""

import numpy as np

from nncore.api import Array, Shape, Stream


def normal(
    shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, mean: float = 0.0, std: float = 0.01
) -> Array:
    """N(mean, std²). The default spread is the small one of the AlexNet paper (section 5)."""
    one = np.dtype(dtype).type
    drawn: Array = stream.standard_normal(shape, dtype) * one(std) + one(mean)
    return drawn
