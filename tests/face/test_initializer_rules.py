"""Initializers beyond one variance: bounds, matrices of one form, gains, and what they refuse."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError, ShapeError, UnknownComponentError
from nncore.parameter import fans
from nncore.streams import initial_stream

Array = np.ndarray[Any, Any]


def draw(name: str, shape: tuple[int, ...], dtype: str = "float64", seed: int = 0, **config: Any) -> Array:
    made = nc.plugins.make("initializer", {"name": name, **config})
    drawn = made(shape, *fans(shape), initial_stream(seed, "weight"), dtype)
    assert drawn.shape == shape and drawn.dtype == dtype
    return drawn


def normal_probability(x: Array) -> Array:
    return np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)))(x)


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [
        (0.0, 1.0, -2.0, 2.0),
        (0.5, 2.0, -1.0, 7.0),
        (0.0, 1.0, 3.0, 9.0),
        (0.0, 1.0, -9.0, -3.0),
        (0.0, 1.0, 2.0, 2.1),
        (1.0, 3.0, 0.9, 1.2),
        (0.0, 1.0, -0.05, 0.3),
        (0.0, 1.0, -8.0, 0.5),
    ],
)
def test_truncated_normal_numbers_follow_their_distribution(mean: float, std: float, a: float, b: float) -> None:
    drawn = np.sort(draw("truncated_normal", (40_000,), mean=mean, std=std, a=a, b=b))
    assert a <= drawn[0] and drawn[-1] <= b
    # The largest distance of the empirical distribution from the one that is cut off; 2.2/√n is passed once in 8,000 times
    # (Kolmogorov). In the upper tail both are taken from the other side, which keeps digits.
    flip = -1 if a > mean else 1
    low, high = sorted(flip * (bound - mean) / std for bound in (a, b))
    at = np.sort(flip * (drawn - mean) / std)
    first, last = normal_probability(np.array([low, high]))
    expected = (normal_probability(at[::50]) - first) / (last - first)
    assert abs(expected - np.arange(at.size)[::50] / at.size).max() < 2.2 / at.size**0.5
    # The moments, by integration with the trapezoidal rule.
    x = np.linspace(a, b, 200_001)
    density = np.exp(-(((x - mean) / std) ** 2) / 2 + ((drawn[0] - mean) / std) ** 2 / 2)
    weights = density / density.sum()
    center = (x * weights).sum()
    variance = ((x - center) ** 2 * weights).sum()
    assert abs(drawn.mean() - center) < 5 * (variance / drawn.size) ** 0.5
    noted = nc.plugins.spread_of(nc.registry.initializers["truncated_normal"])
    assert noted is not None
    np.testing.assert_allclose(noted.std((1,), 0, 0, mean=mean, std=std, a=a, b=b), variance**0.5, rtol=1e-4)


def test_many_numbers_are_drawn_in_pieces() -> None:
    drawn = draw("truncated_normal", (1_300_000,), "float32")
    assert np.isfinite(drawn).all() and abs(drawn).max() <= 2 and abs(drawn.std() - 0.8796256610342398) < 0.002
    assert len(np.unique(drawn[:1000])) > 990 and (drawn[:1000] != drawn[1 << 20 : (1 << 20) + 1000]).all()


@pytest.mark.parametrize(("mode", "fan"), [("fan_in", 300), ("fan_out", 200), ("fan_avg", 250)])
@pytest.mark.parametrize("distribution", ["normal", "uniform", "truncated_normal"])
def test_variance_scaling_has_the_others_as_cases(mode: str, fan: float, distribution: str) -> None:
    shape, config = (200, 300), {"mode": mode, "distribution": distribution}
    same = [
        (f"lecun_{distribution}", {"mode": mode}, {}),
        (f"xavier_{distribution}", {"mode": mode}, {}),
        (f"he_{distribution}", {"mode": mode}, {"scale": 2.0}),
        (f"he_{distribution}", {"mode": mode, "a": 0.5}, {"scale": 1.6}),
        (f"he_{distribution}", {"mode": mode}, {"gain": "relu"}),
        (f"lecun_{distribution}", {"mode": mode, "gain": "tanh"}, {"scale": 25 / 9}),
    ]
    for name, theirs, ours in same:
        np.testing.assert_allclose(
            draw("variance_scaling", shape, **config, **ours), draw(name, shape, **theirs), rtol=1e-12
        )
    drawn = draw("variance_scaling", shape, **config)
    excess = {"normal": 2.0, "uniform": 0.8, "truncated_normal": 1.37}[distribution]
    assert abs(drawn.var() * fan - 1) < 5 * (excess / drawn.size) ** 0.5


@pytest.mark.parametrize(
    ("activation", "gain"),
    [
        # PyTorch's table, in the documentation of calculate_gain.
        ("linear", 1.0),
        ("identity", 1.0),
        ("sigmoid", 1.0),
        ("tanh", 5 / 3),
        ("relu", 2**0.5),
        ("leaky_relu", (2 / (1 + 0.01**2)) ** 0.5),
        ({"name": "leaky_relu", "negative_slope": 0.2}, (2 / (1 + 0.2**2)) ** 0.5),
        ("selu", 0.75),
        # E[f(z)²] where it has a closed form.
        ("prelu", (2 / (1 + 0.25**2)) ** 0.5),
        ("hardtanh", (math.erf(0.5**0.5) - 2 * math.exp(-0.5) / (2 * math.pi) ** 0.5 + math.erfc(0.5**0.5)) ** -0.5),
        # E[z²Φ(z)²] = 1/3 + 1/(2·√3·π), which follows from E[Φ(z)²] = 1/3 by parts.
        ("gelu", (1 / 3 + 1 / (2 * 3**0.5 * math.pi)) ** -0.5),
    ],
)
def test_gains_of_activations(activation: Any, gain: float) -> None:
    # A kink costs the trapezoidal rule some digits.
    assert abs(nc.initialization.gain(activation) / gain - 1) < 1e-5


def test_relu_measured_is_the_root_of_two() -> None:
    from nncore.builtin.initializers._gain import _measured

    assert abs(_measured("relu") - 2**0.5) < 1e-6


def test_he_keeps_the_energy_through_layers_of_relu_and_xavier_through_linear_ones() -> None:
    rng = np.random.default_rng(0)
    for name, after in (("he_normal", lambda x: np.maximum(x, 0)), ("lecun_normal", lambda x: x)):
        x = rng.standard_normal((64, 400))
        for layer in range(20):
            x = after(x @ draw(name, (400, 400), seed=layer).T)
        # He halves and doubles: E[relu(y)²] stays; 20 layers of width 400 scatter by some tenths.
        assert 0.3 < (x**2).mean() < 3, name


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (6, 2, 2, 2), (1, 4), (2, 0)])
def test_orthogonal_matrices_are_orthonormal_on_their_short_side(shape: tuple[int, ...]) -> None:
    drawn = draw("orthogonal", shape, gain=2.0)
    q = drawn.reshape(shape[0], -1) / 2
    short = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    if drawn.size:
        np.testing.assert_allclose(short, np.eye(len(short)), atol=1e-12)
        np.testing.assert_allclose((drawn**2).mean() ** 0.5, 2 / max(q.shape) ** 0.5, rtol=1e-12)


def test_all_orthogonal_matrices_are_equally_likely() -> None:
    drawn = np.array([draw("orthogonal", (3, 3), seed=seed) for seed in range(900)])
    # Each element has mean 0 and variance 1/3; five standard errors. QR alone has a diagonal that is mostly negative.
    assert abs(drawn.mean(0)).max() < 5 * (1 / 3 / 900) ** 0.5
    assert abs((drawn**2).mean(0) - 1 / 3).max() < 5 * (4 / 45 / 900) ** 0.5
    # Half of them turn, half mirror.
    assert abs((np.linalg.det(drawn) > 0).mean() - 0.5) < 5 * (0.25 / 900) ** 0.5


def test_eye_hands_inputs_on() -> None:
    for shape in ((3, 3), (2, 4), (4, 2)):
        x = np.random.default_rng(0).standard_normal((5, shape[1]))
        y = x @ draw("eye", shape, gain=3.0).T
        np.testing.assert_array_equal(y[:, : min(shape)], 3 * x[:, : min(shape)])
        assert (y[:, min(shape) :] == 0).all()
    assert nc.registry.initializers["identity"] is nc.registry.initializers["eye"]


@pytest.mark.parametrize(
    ("groups", "shape"), [(1, (4, 4, 3, 5)), (1, (2, 4, 3, 3)), (2, (4, 2, 3, 3)), (2, (6, 2, 5, 1))]
)
def test_dirac_convolutions_hand_their_input_on(groups: int, shape: tuple[int, ...]) -> None:
    out, each, *window = shape
    x = np.random.default_rng(0).standard_normal((2, each * groups, 7, 6))
    weight = nc.tensor(draw("dirac", shape, groups=groups))
    y = nc.ops.conv2d(nc.tensor(x), weight, padding=[size // 2 for size in window], groups=groups).numpy()
    part = out // groups
    for group in range(groups):
        kept = min(part, each)
        np.testing.assert_array_equal(
            y[:, group * part : group * part + kept], x[:, group * each : group * each + kept]
        )
        assert (y[:, group * part + kept : (group + 1) * part] == 0).all()


def test_sparse_columns_have_their_share_of_zeros() -> None:
    drawn = draw("sparse", (30, 200), sparsity=0.65, std=2.0)
    # ⌈0.65·30⌉ = 20.
    assert ((drawn == 0).sum(0) == 20).all()
    # In no row more often than chance has it: binomial, 200 columns, 2/3.
    assert abs((drawn == 0).sum(1) - 200 * 2 / 3).max() < 5 * (200 * 2 / 9) ** 0.5
    rest = drawn[drawn != 0]
    assert abs(rest.std() / 2 - 1) < 5 * (0.5 / rest.size) ** 0.5
    assert (draw("sparse", (4, 3), sparsity=1) == 0).all() and (draw("sparse", (4, 3), sparsity=0) != 0).all()


BUILT_IN = [
    name
    for name in nc.registry.initializers
    if nc.registry.initializers.qualify(name).split(":")[1].startswith("nncore/")
]


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_each_says_what_it_draws_and_draws_that(name: str) -> None:
    shape = (40, 30, 3) if name == "dirac" else (40, 90)
    config = {"sparsity": 0.5} if name == "sparse" else {}
    noted = nc.plugins.spread_of(nc.registry.initializers[name])
    assert noted is not None and noted.written(**config)
    drawn = draw(name, shape, **config)
    expected = noted.std(shape, *fans(shape), **config)
    assert abs(drawn.std() - expected) <= 5 * expected / (2 * drawn.size) ** 0.5 + 1e-12
    np.testing.assert_array_equal(drawn, draw(name, shape, **config))
    if expected and name not in ("eye", "dirac"):
        assert (drawn != draw(name, shape, seed=1, **config)).any()


@pytest.mark.parametrize(
    ("name", "shape"), list(itertools.product(["he_normal", "xavier_uniform", "fan_in_uniform"], [(7,), ()]))
)
def test_a_fan_that_is_not_defined_is_refused(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="is not defined for a parameter of shape"):
        nn.Parameter(shape, init=name)
    drawn = nn.Parameter(shape, init=name, fan_in=100, fan_out=100)
    assert abs(drawn.detach().numpy()).max() < 1
    if name != "xavier_uniform":
        assert nn.Parameter(shape, init=name, fan_in=100).shape == shape
    with pytest.raises(ShapeError, match="fan_out is not defined"):
        nn.Parameter((3,), init={"name": "lecun_normal", "mode": "fan_out"}, fan_in=4)
    # Without elements there is nothing to divide by.
    assert nn.Parameter((3, 0), init="he_normal").shape == (3, 0)


@pytest.mark.parametrize(
    ("name", "shape", "config", "error", "words"),
    [
        ("orthogonal", (4,), {}, ShapeError, "two dimensions or more"),
        ("orthogonal", (4, 4), {"gain": "relu"}, InvalidValueError, "orthogonal: gain"),
        ("eye", (2, 2, 2), {}, ShapeError, "eye takes a matrix"),
        ("dirac", (2, 2), {}, ShapeError, "3 to 5 dimensions"),
        ("dirac", (3, 2, 1), {"groups": 2}, ShapeError, "3 outputs do not come in 2 groups"),
        ("dirac", (3, 2, 1), {"groups": 0}, InvalidValueError, "dirac: groups"),
        ("sparse", (3, 2), {}, InvalidValueError, "sparsity is to be given"),
        ("sparse", (3, 2), {"sparsity": 1.5}, InvalidValueError, "sparse: sparsity"),
        ("sparse", (3,), {"sparsity": 0.5}, ShapeError, "sparse takes a matrix"),
        ("truncated_normal", (3,), {"std": 0}, InvalidValueError, "truncated_normal: std"),
        ("truncated_normal", (3,), {"a": 1.0, "b": 1.0}, InvalidValueError, "truncated_normal: b"),
        ("truncated_normal", (3,), {"a": 50.0, "b": 60.0}, InvalidValueError, "more than 30 standard deviations"),
        ("variance_scaling", (3, 3), {"scale": -1}, InvalidValueError, "variance_scaling: scale"),
        ("variance_scaling", (3, 3), {"distribution": "cauchy"}, InvalidValueError, "variance_scaling: distribution"),
        ("variance_scaling", (3, 3), {"mode": "fan"}, InvalidValueError, "mode is one of"),
        ("he_normal", (3, 3), {"gain": 0}, InvalidValueError, "gain is a finite number above 0"),
        ("he_normal", (3, 3), {"gain": "softmax"}, InvalidValueError, "no function of one element"),
        (
            "he_normal",
            (3, 3),
            {"gain": {"name": "threshold", "threshold": 99, "value": 0}},
            InvalidValueError,
            "no gain",
        ),
        ("he_normal", (3, 3), {"gain": "rely"}, UnknownComponentError, "rely"),
        ("normal", (3, 3), {"std": -1}, InvalidValueError, "normal: std"),
        ("uniform", (3, 3), {"low": 2, "high": 1}, InvalidValueError, "uniform: high"),
        ("constant", (3, 3), {"value": math.nan}, InvalidValueError, "constant: value"),
    ],
)
def test_wrong_arguments_are_named(
    name: str, shape: tuple[int, ...], config: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        draw(name, shape, **config)


@pytest.mark.parametrize("make", [lambda: nc.api.spread("", std=len), lambda: nc.api.spread("N(0, 1)", std=1)])
def test_slips_in_what_an_initializer_says_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError, match="spread: "):
        make()
