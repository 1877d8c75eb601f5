"""What the scaled initializers share: a variance over a number of connections, drawn uniformly or normally."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

from nncore.api import Array, InvalidValueError, Shape, ShapeError, Stream
from nncore.builtin._checks import number
from nncore.builtin.initializers._gain import gain_of
from nncore.builtin.initializers.normal import normal
from nncore.builtin.initializers.truncated_normal import clipped_normal
from nncore.builtin.initializers.uniform import uniform

Kind = Literal["normal", "uniform", "truncated_normal"]


def fan(shape: Shape, mode: str, fan_in: int, fan_out: int) -> float:
    """The number of connections that a variance is divided by; 1 where the parameter has no elements.

    Raises:
        InvalidValueError: `mode` is none of the three.
        ShapeError: The fan is not defined: a vector or a scalar, for which nobody gave it.
    """
    needed = {"fan_in": (fan_in,), "fan_out": (fan_out,), "fan_avg": (fan_in, fan_out)}
    if mode not in needed:
        raise InvalidValueError(f"mode is one of {', '.join(needed)}, got {mode!r}")
    if not math.prod(shape):
        return 1.0
    if min(needed[mode]) < 1:
        raise ShapeError(
            f"{mode} is not defined for a parameter of shape {tuple(shape)}: two dimensions or more, (out, in, ...), have "
            "one; for fewer give Parameter(..., fan_in=..., fan_out=...)"
        )
    return sum(needed[mode]) / len(needed[mode])


def deviation(factor: float, mode: str) -> Callable[..., float]:
    """How to compute gain·sqrt(factor/((1 + a²)·fan)), with this default of `mode`."""
    default = mode

    def std(shape: Shape, fan_in: int, fan_out: int, gain: Any = 1.0, mode: str = default, a: float = 0.0) -> float:
        number("an initializer", "a", a)
        return gain_of(gain) * math.sqrt(factor / (1 + a * a) / fan(shape, mode, fan_in, fan_out))

    return std


def formula(kind: Kind, factor: float, mode: str) -> Callable[..., str]:
    """How to write the distribution whose standard deviation is `deviation(factor, mode)`."""
    default = mode

    def written(gain: Any = 1.0, mode: str = default, a: float = 0.0) -> str:
        factors = "" if gain == 1 else f"{gain if not isinstance(gain, (str, Mapping)) else f'gain({gain})'}"
        fans, over = ("(fan_in + fan_out)", 2 * factor) if mode == "fan_avg" else (mode, factor)
        under = fans if not a else f"((1 + {a}²)·{fans})"
        if kind == "uniform":
            bound = f"{factors and f'{factors}·'}√({3 * over:g}/{under})"
            return f"U(-{bound}, {bound})"
        within = " within two widths" if kind == "truncated_normal" else ""
        return f"N(0, {factors and f'{factors}²·'}{over:g}/{under}){within}"

    return written


def draw(kind: Kind, shape: Shape, std: float, stream: Stream, dtype: str) -> Array:
    """Numbers of this standard deviation around 0.

    The uniform ones lie within sqrt(3)·std. The truncated normal ones lie within twice the width of the distribution that
    is cut off, and that is made so much wider that what is left has the standard deviation `std`.
    """
    if kind == "normal":
        return normal(shape, 0, 0, stream, dtype, std=std)
    if kind == "uniform":
        bound = math.sqrt(3) * std
        return uniform(shape, 0, 0, stream, dtype, low=-bound, high=bound)
    return clipped_normal(shape, std / WITHIN_TWO, stream, dtype)


# The standard deviation of N(0, 1) within ±2: sqrt(1 - 4·φ(2)/(Φ(2) - Φ(-2))).
WITHIN_TWO = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))
