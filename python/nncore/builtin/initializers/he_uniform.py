"""He (Kaiming) initialization, uniform."""

from nncore.api import Array, Shape, Stream
from nncore.builtin.initializers._variance import draw_uniform, fan


def he_uniform(
    shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, gain: float = 1.0, mode: str = "fan_in"
) -> Array:
    """U(-a, a) with a = gain·sqrt(6/fan_in), so of variance gain²·2/fan_in: right for ReLU.

    Args:
        gain: Factor of the standard deviation.
        mode: Which connections count: `"fan_in"`, `"fan_out"`, or `"fan_avg"`, their mean.

    Source: He and others 2015, equation 10.
    """
    return draw_uniform(shape, gain**2 * 2 / fan(mode, fan_in, fan_out), stream, dtype)
