"""LeCun initialization, uniform."""

from typing import Any

from nncore.api import Array, Shape, Stream, spread
from nncore.builtin.initializers._variance import deviation, draw, formula

_std = deviation(1, "fan_in")


@spread(formula("uniform", 1, "fan_in"), std=_std)
def lecun_uniform(
    shape: Shape,
    fan_in: int,
    fan_out: int,
    stream: Stream,
    dtype: str,
    *,
    gain: Any = 1.0,
    mode: str = "fan_in",
) -> Array:
    """U(-b, b) with b = gain·√(3/fan_in): linear units' outputs have the variance of their inputs.

    Args:
        gain: Factor of the standard deviation, or the activation that follows, such as `"tanh"` (5/3) or `"relu"` (√2).
        mode: Which connections count: `"fan_in"`, `"fan_out"`, or `"fan_avg"`, their mean.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: The fan is not defined, as for a vector of which nobody said it.

    Source: LeCun and others 1998, Efficient BackProp, equation 16.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> weight = nn.Parameter((200, 300), init="lecun_uniform")
        >>> abs(weight.std().item() / (1 / 300) ** 0.5 - 1) < 0.02
        True
    """
    return draw("uniform", shape, _std(shape, fan_in, fan_out, gain, mode), stream, dtype)
