"""Any variance over any number of connections."""

from typing import Any

from nncore.api import Array, Shape, Stream, spread
from nncore.builtin._checks import number, one_of
from nncore.builtin.initializers._variance import Kind, deviation, draw, formula


def _std(
    shape: Shape,
    fan_in: int,
    fan_out: int,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: Kind = "truncated_normal",
    gain: Any = 1.0,
) -> float:
    number("variance_scaling", "scale", scale, above=0)
    one_of("variance_scaling", "distribution", distribution, ("normal", "uniform", "truncated_normal"))
    return deviation(scale, mode)(shape, fan_in, fan_out, gain)


def _formula(scale: float = 1.0, mode: str = "fan_in", distribution: Kind = "truncated_normal", gain: Any = 1.0) -> str:
    return formula(distribution, scale, mode)(gain)


@spread(_formula, std=_std)
def variance_scaling(
    shape: Shape,
    fan_in: int,
    fan_out: int,
    stream: Stream,
    dtype: str,
    *,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: Kind = "truncated_normal",
    gain: Any = 1.0,
) -> Array:
    """Variance gain²·scale/fan, of which LeCun's, Glorot's and He's rules are cases.

    LeCun: the defaults. Glorot: `mode="fan_avg"`. He: `scale=2`, or `gain="relu"`. A course's "scale by 1/√fan_in": the
    defaults with `distribution="normal"`.

    Args:
        scale: Factor of the variance.
        mode: Which connections count: `"fan_in"`, `"fan_out"`, or `"fan_avg"`, their mean.
        distribution: `"normal"`, `"uniform"`, or `"truncated_normal"`, which is cut off at twice its width and has the
            same variance.
        gain: Factor of the standard deviation, or the activation that follows: a name such as `"tanh"` (5/3), or a spec
            such as `{"name": "leaky_relu", "negative_slope": 0.2}`. See `nncore.initialization.gain`.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: The fan is not defined, as for a vector of which nobody said it.

    Source: the name and arguments are Keras's.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> weight = nn.Parameter((200, 300), init={"name": "variance_scaling", "gain": "tanh"})
        >>> abs(weight.std().item() / (5 / 3 / 300**0.5) - 1) < 0.02
        True
    """
    std = _std(shape, fan_in, fan_out, scale, mode, distribution, gain)
    return draw(distribution, shape, std, stream, dtype)
