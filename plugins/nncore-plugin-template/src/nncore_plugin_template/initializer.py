"""An initializer: the first values of a parameter. All randomness, if any, comes from `stream`."""

import numpy as np

from nncore.api import Array, Shape, Stream


def alternating(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, gain: float = 1.0) -> Array:
    """+a and -a in turn, with a = gain/sqrt(fan_in); which comes first is drawn."""
    signs = np.where(np.arange(np.prod(shape)) % 2 == 0, 1.0, -1.0).reshape(shape)
    first = 1.0 if stream.random((1,))[0] < 0.5 else -1.0
    return (first * signs * gain * fan_in**-0.5).astype(dtype)
