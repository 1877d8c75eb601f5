"""Normal numbers within bounds."""

import math

import numpy as np

from nncore.api import Array, InvalidValueError, Shape, Stream, spread
from nncore.builtin._checks import number

PLENTY = 0.2
"""The probability of an interval from which on normal numbers are drawn until enough lie in it."""


def moments(low: float, high: float) -> tuple[float, float]:
    """Mean and variance of N(0, 1) within [low, high]."""

    def density(x: float) -> float:
        return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)

    share = _share(low, high)
    mean = (density(low) - density(high)) / share
    return mean, 1 + (low * density(low) - high * density(high)) / share - mean * mean


def _share(low: float, high: float) -> float:
    """The probability of [low, high] under N(0, 1); on the right side it is taken from the tail, which keeps digits."""
    if low > 0:
        return _share(-high, -low)
    return (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2))) / 2


def _checked(mean: float, std: float, a: float, b: float) -> tuple[float, float]:
    """The bounds in standard deviations from the mean."""
    name = "truncated_normal"
    number(name, "mean", mean)
    number(name, "std", std, above=0)
    number(name, "a", a)
    number(name, "b", b, above=a)
    low, high = (a - mean) / std, (b - mean) / std
    if min(abs(low), abs(high)) > 30 and low * high > 0:
        raise InvalidValueError(
            f"truncated_normal: [{a}, {b}] lies more than 30 standard deviations from the mean {mean}"
        )
    return low, high


def _expected(
    shape: Shape, fan_in: int, fan_out: int, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> float:
    return std * math.sqrt(moments(*_checked(mean, std, a, b))[1])


@spread(
    lambda mean=0.0, std=1.0, a=-2.0, b=2.0: f"N({mean:g}, {std:g}²) within [{a:g}, {b:g}]",
    std=_expected,
)
def truncated_normal(
    shape: Shape,
    fan_in: int,
    fan_out: int,
    stream: Stream,
    dtype: str,
    *,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
) -> Array:
    """N(mean, std²) within [a, b]: what lies outside is drawn again. PyTorch's `trunc_normal_` has the same arguments.

    Args:
        mean, std: Of the distribution that is cut off.
        a, b: The bounds, as values, not in standard deviations.

    Raises:
        InvalidValueError: A std that is not above 0, or bounds in the wrong order or too far off the mean.

    Source: rejection as in Robert 1995 (arXiv 0907.4010).

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> weight = nn.Parameter((100, 100), init={"name": "truncated_normal", "std": 0.02, "a": -0.04, "b": 0.04})
        >>> weight.abs().max().item() <= 0.04
        True
    """
    low, high = _checked(mean, std, a, b)
    drawn = _within(shape, low, high, stream, dtype, mean, std)
    # Rounding to float32 may step over a bound.
    drawn.clip(a, b, out=drawn)
    return drawn


def clipped_normal(shape: Shape, std: float, stream: Stream, dtype: str) -> Array:
    """N(0, std²) within ±2·std."""
    return _within(shape, -2.0, 2.0, stream, dtype, 0.0, std)


def _within(shape: Shape, low: float, high: float, stream: Stream, dtype: str, mean: float, std: float) -> Array:
    """mean + std·z with z from N(0, 1) within [low, high], by rejection from whatever comes close."""
    if abs(low) > abs(high) and _share(low, high) < PLENTY:
        low, high, std = -high, -low, -std
    made = np.empty(math.prod(shape), dtype)
    at = 0
    while at < made.size:
        # In pieces, since the proposals are of float64 and several.
        drawn = _proposed(min(made.size - at, 1 << 20), low, high, stream)
        made[at : at + len(drawn)] = mean + std * drawn
        at += len(drawn)
    return made.reshape(tuple(shape))


def _proposed(count: int, low: float, high: float, stream: Stream) -> Array:
    """As many draws, of which those that are accepted are left."""
    if _share(low, high) >= PLENTY:
        drawn = stream.standard_normal((count,))
        return drawn[(drawn >= low) & (drawn <= high)]
    if low <= 0:
        # So little within, and 0 among it: the density hardly changes.
        drawn = low + (high - low) * stream.random((count,))
        return drawn[stream.random((count,)) <= np.exp(-drawn * drawn / 2)]
    # A tail: an exponential distribution that is cut off too.
    rate = (low + math.sqrt(low * low + 4)) / 2
    drawn = low - np.log1p(stream.random((count,)) * np.expm1(-rate * (high - low))) / rate
    best = min(max(rate, low), high)
    accept = np.exp(((best - rate) ** 2 - (drawn - rate) ** 2) / 2)
    kept: Array = drawn[stream.random((count,)) <= accept]
    return kept
