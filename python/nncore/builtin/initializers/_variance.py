"""What the scaled initializers share: a variance, drawn uniformly or normally."""

from nncore.api import Array, InvalidValueError, Shape, Stream
from nncore.builtin.initializers.normal import normal
from nncore.builtin.initializers.uniform import uniform


def fan(mode: str, fan_in: int, fan_out: int) -> float:
    """The number of connections that a variance is divided by."""
    fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    if mode not in fans:
        raise InvalidValueError(f"mode is one of {', '.join(fans)}, got {mode!r}")
    return max(fans[mode], 1)


def draw_normal(shape: Shape, variance: float, stream: Stream, dtype: str) -> Array:
    """N(0, variance)."""
    return normal(shape, 0, 0, stream, dtype, std=variance**0.5)


def draw_uniform(shape: Shape, variance: float, stream: Stream, dtype: str) -> Array:
    """U(-a, a) with a = sqrt(3·variance), whose variance is that."""
    bound = (3 * variance) ** 0.5
    return uniform(shape, 0, 0, stream, dtype, low=-bound, high=bound)
