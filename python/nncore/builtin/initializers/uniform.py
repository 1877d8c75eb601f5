"""Uniform numbers between two bounds."""

import numpy as np

from nncore.api import Array, Shape, Stream, spread
from nncore.builtin._checks import number


def _std(shape: Shape, fan_in: int, fan_out: int, low: float = 0.0, high: float = 1.0) -> float:
    return float((high - low) / 12**0.5)


@spread(lambda low=0.0, high=1.0: f"U[{low:g}, {high:g})", std=_std)
def uniform(
    shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, low: float = 0.0, high: float = 1.0
) -> Array:
    """U[low, high). PyTorch's `uniform_` has the same defaults.

    Raises:
        InvalidValueError: Bounds that are no finite numbers, or in the wrong order.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> weight = nn.Parameter((200, 300), init={"name": "uniform", "low": -0.5, "high": 0.5})
        >>> weight.abs().max().item() <= 0.5
        True
    """
    number("uniform", "low", low)
    number("uniform", "high", high, least=low)
    one = np.dtype(dtype).type
    drawn: Array = stream.random(shape, dtype) * one(high - low) + one(low)
    return drawn
