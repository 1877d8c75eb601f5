"""LeCun initialization, truncated normal."""

from typing import Any

from nncore.api import Array, Shape, Stream, spread
from nncore.builtin.initializers._variance import deviation, draw, formula

_std = deviation(1, "fan_in")


@spread(formula("truncated_normal", 1, "fan_in"), std=_std)
def lecun_truncated_normal(
    shape: Shape,
    fan_in: int,
    fan_out: int,
    stream: Stream,
    dtype: str,
    *,
    gain: Any = 1.0,
    mode: str = "fan_in",
) -> Array:
    """N(0, gain²/fan_in) within twice its width: linear units' outputs have the variance of their inputs.

    The distribution that is cut off is so much wider that what is left has this variance.

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
        >>> weight = nn.Parameter((200, 300), init="lecun_truncated_normal")
        >>> abs(weight.std().item() / (1 / 300) ** 0.5 - 1) < 0.02
        True
    """
    return draw("truncated_normal", shape, _std(shape, fan_in, fan_out, gain, mode), stream, dtype)
