"""Zero everywhere."""

import numpy as np

from nncore.api import Array, Shape, Stream, spread


@spread("0 everywhere", std=lambda shape, fan_in, fan_out: 0.0)
def zeros(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str) -> Array:
    """0 everywhere: for biases. Of weights of 0 all neurons of a layer would compute and learn the same for ever."""
    return np.zeros(shape, dtype)
