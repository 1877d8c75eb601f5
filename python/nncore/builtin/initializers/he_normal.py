"""He (Kaiming) initialization, normal."""

from typing import Any

from nncore.api import Array, Shape, Stream, spread
from nncore.builtin.initializers._variance import deviation, draw, formula

_std = deviation(2, "fan_in")


@spread(formula("normal", 2, "fan_in"), std=_std)
def he_normal(
    shape: Shape,
    fan_in: int,
    fan_out: int,
    stream: Stream,
    dtype: str,
    *,
    gain: Any = 1.0,
    mode: str = "fan_in",
    a: float = 0.0,
) -> Array:
    """N(0, gain²·2/fan_in): right for ReLU, which halves the energy.

    Args:
        gain: Another factor of the standard deviation.
        mode: Which connections count: `"fan_in"`, `"fan_out"`, or `"fan_avg"`, their mean.
        a: Slope below 0 of the leaky ReLU that follows; 0 for ReLU. The variance is divided by 1 + a².

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: The fan is not defined, as for a vector of which nobody said it.

    Source: He and others 2015 (arXiv 1502.01852), equations 10 and 15.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> weight = nn.Parameter((200, 300), init="he_normal")
        >>> abs(weight.std().item() / (2 / 300) ** 0.5 - 1) < 0.02
        True
    """
    return draw("normal", shape, _std(shape, fan_in, fan_out, gain, mode, a), stream, dtype)
