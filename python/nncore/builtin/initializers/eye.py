"""The identity matrix."""

import math

import numpy as np

from nncore.api import Array, Shape, ShapeError, Stream, spread
from nncore.builtin._checks import number


def _std(shape: Shape, fan_in: int, fan_out: int, gain: float = 1.0) -> float:
    share = 1 / max(_checked(shape, gain)) if math.prod(shape) else 0.0
    return abs(gain) * math.sqrt(share * (1 - share))


def _checked(shape: Shape, gain: float) -> Shape:
    number("eye", "gain", gain)
    if len(shape) != 2:
        raise ShapeError(f"eye takes a matrix, got a parameter of shape {tuple(shape)}")
    return shape


@spread(lambda gain=1.0: f"{gain if gain != 1 else 1} on the diagonal, 0 elsewhere", std=_std)
def eye(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, gain: float = 1.0) -> Array:
    """gain on the diagonal and 0 elsewhere: a linear layer hands its inputs on, as far as there are outputs.

    Args:
        gain: What stands on the diagonal.

    Raises:
        InvalidValueError: A gain that is no finite number.
        ShapeError: Another number of dimensions than two.

    Source: for recurrent weights: Le, Jaitly and Hinton 2015 (arXiv 1504.00941).

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Parameter((2, 3), init="eye").tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    rows, columns = _checked(shape, gain)
    made: Array = np.eye(rows, columns, dtype=dtype) * np.dtype(dtype).type(gain)
    return made
