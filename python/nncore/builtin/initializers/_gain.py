"""What an activation takes away from the spread of its inputs, and weights give back."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nncore.api import InvalidValueError, as_activation, make, no_grad, resolve, tensor
from nncore.builtin._checks import number

# As in PyTorch's calculate_gain; the slope of leaky ReLU is a setting.
_KNOWN = {
    "linear": 1.0,
    "identity": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 0.75,
}


def gain_of(gain: Any) -> float:
    """A gain that is given as a number, or as the activation that follows.

    Args:
        gain: A number above 0; or an activation's name, or a spec such as `{"name": "leaky_relu", "negative_slope": 0.2}`.
            Known as in PyTorch are linear and sigmoid (1), tanh (5/3), relu (√2), leaky_relu (√(2/(1 + slope²))) and selu
            (3/4). For another one, f, it is 1/√E[f(z)²] with z from N(0, 1), which for ReLU is √2 too.

    Raises:
        InvalidValueError: It is neither, or the activation has no such number.
        UnknownComponentError: Nobody provides an activation of this name.
    """
    if not isinstance(gain, (str, Mapping)):
        return number("an initializer", "gain", gain, above=0)
    name = gain.get("name") if isinstance(gain, Mapping) else gain
    config = {key: value for key, value in gain.items() if key != "name"} if isinstance(gain, Mapping) else {}
    if name in ("linear", "identity"):
        return 1.0
    short = (resolve("activation", gain).name or "").rpartition("/")[2]
    if short == "leaky_relu":
        slope = getattr(make("activation", gain), "negative_slope", 0.01)
        return math.sqrt(2 / (1 + slope**2))
    if short in _KNOWN and not config:
        return _KNOWN[short]
    return _measured(gain)


def _measured(activation: Any) -> float:
    """1/√E[f(z)²], by the trapezoidal rule, whose error is far below float32's here."""
    points = np.linspace(-12, 12, 4801)
    weights = np.exp(-points * points / 2)
    function = as_activation(activation).eval().to("float64")
    with no_grad():
        values, alone = function(tensor(points)).numpy(), function(tensor(points[:99])).numpy()
    if values.shape != points.shape or not np.array_equal(values[:99], alone):
        raise InvalidValueError(f"gain: {activation!r} is no function of one element, so it has no gain")
    second = float((values * values * weights).sum() / weights.sum())
    if not 0 < second < math.inf:
        raise InvalidValueError(f"gain: {activation!r} has no gain: the mean square of its outputs is {second}")
    return float(second**-0.5)
