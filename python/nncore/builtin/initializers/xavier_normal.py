"""Xavier (Glorot) initialization, normal."""

from typing import Any

from nncore.api import Array, Shape, Stream, spread
from nncore.builtin.initializers._variance import deviation, draw, formula

_std = deviation(1, "fan_avg")


@spread(formula("normal", 1, "fan_avg"), std=_std)
def xavier_normal(
    shape: Shape,
    fan_in: int,
    fan_out: int,
    stream: Stream,
    dtype: str,
    *,
    gain: Any = 1.0,
    mode: str = "fan_avg",
) -> Array:
    """N(0, gain²/fan_avg).

    fan_avg is (fan_in + fan_out)/2. With `mode="fan_in"` this is `lecun_normal`, which some courses call Xavier.

    Args:
        gain: Factor of the standard deviation, or the activation that follows, such as `"tanh"` (5/3) or `"relu"` (√2).
        mode: Which connections count: `"fan_in"`, `"fan_out"`, or `"fan_avg"`, their mean.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: The fan is not defined, as for a vector of which nobody said it.

    Source: Glorot and Bengio 2010, equation 16.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> weight = nn.Parameter((200, 300), init="xavier_normal")
        >>> abs(weight.std().item() / (2 / 500) ** 0.5 - 1) < 0.02
        True
    """
    return draw("normal", shape, _std(shape, fan_in, fan_out, gain, mode), stream, dtype)
