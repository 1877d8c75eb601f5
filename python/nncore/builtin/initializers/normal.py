"""Normal numbers of a given spread."""

import numpy as np

from nncore.api import Array, Shape, Stream, spread
from nncore.builtin._checks import number


def _std(shape: Shape, fan_in: int, fan_out: int, mean: float = 0.0, std: float = 0.01) -> float:
    return std


@spread(lambda mean=0.0, std=0.01: f"N({mean:g}, {std:g}²)", std=_std)
def normal(
    shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, mean: float = 0.0, std: float = 0.01
) -> Array:
    """N(mean, std²). The default spread is the small one of the AlexNet paper (section 5).

    Raises:
        InvalidValueError: A mean that is no finite number, or a negative std.

    Source: Krizhevsky and others 2012, section 5.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> weight = nn.Parameter((200, 300), init="normal")
        >>> abs(weight.std().item() / 0.01 - 1) < 0.02
        True
    """
    number("normal", "mean", mean)
    number("normal", "std", std, least=0)
    one = np.dtype(dtype).type
    drawn: Array = stream.standard_normal(shape, dtype) * one(std) + one(mean)
    return drawn
