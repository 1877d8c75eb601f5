"""Xavier (Glorot) initialization, normal."""

from nncore.api import Array, Shape, Stream
from nncore.builtin.initializers._variance import draw_normal, fan


def xavier_normal(
    shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, gain: float = 1.0, mode: str = "fan_avg"
) -> Array:
    """N(0, gain²·2/(fan_in + fan_out)).

    Args:
        gain: Factor of the standard deviation.
        mode: Which connections count: `"fan_in"`, `"fan_out"`, or `"fan_avg"`, their mean.

    Source: Glorot and Bengio 2010. With `mode="fan_in"` the variance is gain²/fan_in, which some courses call Xavier.
    """
    return draw_normal(shape, gain**2 / fan(mode, fan_in, fan_out), stream, dtype)
