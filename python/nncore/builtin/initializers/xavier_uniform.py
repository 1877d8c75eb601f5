"""Xavier (Glorot) initialization, uniform."""

from nncore.api import Array, Shape, Stream
from nncore.builtin.initializers._variance import draw_uniform, fan


def xavier_uniform(
    shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, gain: float = 1.0, mode: str = "fan_avg"
) -> Array:
    """U(-a, a) with a = gain·sqrt(6/(fan_in + fan_out)), so of variance gain²·2/(fan_in + fan_out).

    Args:
        gain: Factor of the standard deviation.
        mode: Which connections count: `"fan_in"`, `"fan_out"`, or `"fan_avg"`, their mean.

    Source: Glorot and Bengio 2010, equation 16. With `mode="fan_in"` the variance is gain²/fan_in, which some courses call Xavier.
    """
    return draw_uniform(shape, gain**2 / fan(mode, fan_in, fan_out), stream, dtype)
