"""LeCun initialization, normal."""

from nncore.api import Array, Shape, Stream
from nncore.builtin.initializers._variance import draw_normal, fan


def lecun_normal(
    shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, gain: float = 1.0, mode: str = "fan_in"
) -> Array:
    """N(0, gain²/fan_in): keeps the variance of linear units' outputs at that of their inputs.

    Args:
        gain: Factor of the standard deviation.
        mode: Which connections count: `"fan_in"`, `"fan_out"`, or `"fan_avg"`, their mean.

    Source: LeCun and others 1998, Efficient BackProp, equation 16.
    """
    return draw_normal(shape, gain**2 / fan(mode, fan_in, fan_out), stream, dtype)
