"""One value everywhere."""

import numpy as np

from nncore.api import Array, Shape, Stream, spread
from nncore.builtin._checks import number


@spread(lambda value=0.0: f"{value} everywhere", std=lambda shape, fan_in, fan_out, value=0.0: 0.0)
def constant(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, value: float = 0.0) -> Array:
    """`value` everywhere.

    Raises:
        InvalidValueError: A value that is no finite number.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Parameter((2,), init={"name": "constant", "value": 0.25}).tolist()
        [0.25, 0.25]
    """
    return np.full(shape, number("constant", "value", value), dtype)
