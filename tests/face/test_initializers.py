"""Initializers: their distributions against the formulas, their streams, and how parameters call them."""

from __future__ import annotations

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError, ShapeError
from nncore.parameter import fans
from nncore.streams import initial_stream

SHAPE = (200, 300)
FAN_IN, FAN_OUT = 300, 200

# Variance by the papers' formulas; uniform ones lie within sqrt(3·variance).
FORMULAS = {
    "he_truncated_normal": (2 / FAN_IN, "truncated"),
    "lecun_truncated_normal": (1 / FAN_IN, "truncated"),
    "lecun_uniform": (1 / FAN_IN, "uniform"),
    "xavier_truncated_normal": (2 / (FAN_IN + FAN_OUT), "truncated"),
    "fan_in_uniform": (1 / (3 * FAN_IN), "uniform"),
    "he_normal": (2 / FAN_IN, "normal"),
    "he_uniform": (2 / FAN_IN, "uniform"),
    "lecun_normal": (1 / FAN_IN, "normal"),
    "xavier_normal": (2 / (FAN_IN + FAN_OUT), "normal"),
    "xavier_uniform": (2 / (FAN_IN + FAN_OUT), "uniform"),
}


def draw(name: str, shape: tuple[int, ...] = SHAPE, dtype: str = "float32", **config: object) -> np.ndarray:
    made = nc.plugins.make("initializer", {"name": name, **config})
    return made(shape, *fans(shape), initial_stream(0, "weight"), dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FORMULAS)
def test_moments_and_range_are_those_of_the_formula(name: str, dtype: str) -> None:
    variance, kind = FORMULAS[name]
    drawn = draw(name, dtype=dtype)
    assert drawn.shape == SHAPE and drawn.dtype == dtype
    n = drawn.size
    # Five standard errors of the mean and of the variance.
    assert abs(drawn.mean()) < 5 * (variance / n) ** 0.5
    # Kurtosis less one: 3 of a normal distribution; 1.8 of a uniform one; 2.37 of a normal one within two widths.
    excess = {"normal": 2.0, "uniform": 0.8, "truncated": 1.37}[kind]
    assert abs(drawn.var() / variance - 1) < 5 * (excess / n) ** 0.5
    if kind == "uniform":
        assert abs(drawn).max() <= (3 * variance) ** 0.5 * (1 + 1e-6)
    elif kind == "truncated":
        # The standard deviation of N(0, 1) within ±2 is 0.8796;
        width = variance**0.5 / 0.8796256610342398
        assert 1.99 * width < abs(drawn).max() <= 2 * width * (1 + 1e-6)
    else:
        # Normal numbers reach beyond three standard deviations, about 0.27 % of them.
        assert 0.001 < (abs(drawn) > 3 * variance**0.5).mean() < 0.005


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("kaiming_normal", "he_normal"),
        ("kaiming_uniform", "he_uniform"),
        ("trunc_normal", "truncated_normal"),
        ("glorot_normal", "xavier_normal"),
        ("glorot_uniform", "xavier_uniform"),
    ],
)
def test_both_names_of_the_field_work(alias: str, name: str) -> None:
    np.testing.assert_array_equal(draw(alias), draw(name))


def test_options_scale_as_they_say() -> None:
    np.testing.assert_allclose(draw("he_normal", gain=2.0), 2 * draw("he_normal"), rtol=1e-6)
    # The notes' Xavier: variance 1/fan_in, the same as LeCun's.
    np.testing.assert_allclose(draw("xavier_normal", mode="fan_in"), draw("lecun_normal"), rtol=1e-6)
    assert (draw("constant", value=3) == 3).all() and (draw("ones") == 1).all() and (draw("zeros") == 0).all()
    drawn = draw("uniform", low=2, high=3)
    assert 2 <= drawn.min() < 2.01 and 2.99 < drawn.max() <= 3
    drawn = draw("normal", mean=1.0, std=0.1)
    assert abs(drawn.mean() - 1) < 0.01 and abs(drawn.std() - 0.1) < 0.01
    with pytest.raises(InvalidValueError, match="fan_in, fan_out, fan_avg"):
        draw("he_normal", mode="fan")


def test_fans_count_each_position_of_a_window() -> None:
    assert fans((10, 84)) == (84, 10)
    assert fans((16, 6, 5, 5)) == (150, 400)
    assert fans((7,)) == (0, 0) and fans(()) == (0, 0), "not defined"


def test_a_stream_is_a_function_of_seed_and_name() -> None:
    first = initial_stream(1, "a").random(4)
    np.testing.assert_array_equal(first, initial_stream(1, "a").random(4))
    for seed, name in [(1, "b"), (2, "a"), (11, ""), (-1, "a")]:
        assert (first != initial_stream(seed, name).random(4)).all()
    with pytest.raises(InvalidValueError):
        initial_stream(1.5, "a")


def test_linear_and_conv_begin_within_one_over_root_fan_in() -> None:
    # What PyTorch's kaiming_uniform(a=sqrt(5)) comes to.
    for layer, fan_in in [(nn.Linear(50, 400), 50), (nn.Conv2d(4, 100, 5), 100)]:
        layer.initialize(0)
        for parameter in (layer.weight, layer.bias):
            values = parameter.detach().numpy()
            assert abs(values).max() <= fan_in**-0.5
            assert abs(values).max() > 0.95 * fan_in**-0.5
            assert abs(values.std() - (3 * fan_in) ** -0.5) < 0.15 * (3 * fan_in) ** -0.5
    assert (nn.Linear(3, 4, init="he_normal").bias.detach().numpy() == 0).all()


def test_a_callable_is_an_initializer_and_a_wrong_shape_is_told() -> None:
    def ramp(shape, fan_in, fan_out, stream, dtype):
        assert (fan_in, fan_out, dtype) == (3, 2, "float32")
        return np.arange(6.0).reshape(shape)

    np.testing.assert_array_equal(nn.Parameter((2, 3), init=ramp).detach().numpy(), [[0, 1, 2], [3, 4, 5]])
    with pytest.raises(ShapeError, match=r"returned shape \(1,\)"):
        nn.Parameter((2, 3), init=lambda *args: np.zeros(1))
    with pytest.raises(InvalidValueError, match="no negative"):
        nn.Parameter((2, -3))
    with pytest.raises(InvalidValueError, match="a shape, a tensor or a NumPy array"):
        nn.Parameter([0.5])


def test_convolution_weights_lie_channels_last_and_keep_their_values() -> None:
    values = np.random.default_rng(0).standard_normal((5, 3, 2, 2)).astype("float32")
    weight = nn.Parameter(values)
    assert weight.is_contiguous("channels_last") and not weight.is_contiguous()
    np.testing.assert_array_equal(weight.detach().numpy(), values)
    assert nn.Conv2d(3, 5, 2).weight.is_contiguous("channels_last")
