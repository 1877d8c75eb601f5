"""Activations against their papers' formulas in float64, their gradients, and how they are made."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError, ShapeError
from nncore.testing import gradcheck

Array = np.ndarray[Any, Any]

POINTS = np.concatenate([np.linspace(-9.05, 9.05, 40), [-40.0, -1e-3, 0.0, 1e-3, 40.0]]).reshape(5, 9)


def sigmoid(x: Array) -> Array:
    return np.where(x >= 0, 1 / (1 + np.exp(-abs(x))), np.exp(-abs(x)) / (1 + np.exp(-abs(x))))


def elu(x: Array, alpha: float) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-abs(x)))


def phi(x: Array) -> Array:
    return np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)))(x)


def softmin(x: Array, axis: int) -> Array:
    e = np.exp(-(x - x.min(axis, keepdims=True)))
    return e / e.sum(axis, keepdims=True)


def tanh_gelu(x: Array) -> Array:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


# Name, config, class, formula.
FORMULAS: list[tuple[str, dict[str, Any], str, Callable[[Array], Array]]] = [
    ("relu", {}, "ReLU", lambda x: np.maximum(x, 0)),
    ("leaky_relu", {}, "LeakyReLU", lambda x: np.where(x < 0, 0.01 * x, x)),
    ("leaky_relu", {"negative_slope": 0.3}, "LeakyReLU", lambda x: np.where(x < 0, 0.3 * x, x)),
    ("prelu", {}, "PReLU", lambda x: np.where(x < 0, 0.25 * x, x)),
    ("prelu", {"num_parameters": 9, "init": 0.5}, "PReLU", lambda x: np.where(x < 0, 0.5 * x, x)),
    ("elu", {}, "ELU", lambda x: elu(x, 1.0)),
    ("elu", {"alpha": 0.4}, "ELU", lambda x: elu(x, 0.4)),
    ("selu", {}, "SELU", lambda x: 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)),
    ("celu", {}, "CELU", lambda x: elu(x, 1.0)),
    ("celu", {"alpha": 2.5}, "CELU", lambda x: np.maximum(x, 0) + np.minimum(0, 2.5 * np.expm1(x / 2.5))),
    ("gelu", {}, "GELU", lambda x: x * phi(x)),
    ("gelu", {"approximate": "tanh"}, "GELU", tanh_gelu),
    ("silu", {}, "SiLU", lambda x: x * sigmoid(x)),
    ("swish", {}, "SiLU", lambda x: x * sigmoid(x)),
    ("mish", {}, "Mish", lambda x: x * np.tanh(softplus(x))),
    ("softplus", {}, "Softplus", lambda x: np.where(x > 20, x, softplus(x))),
    ("softplus", {"beta": 2.0, "threshold": 6.0}, "Softplus", lambda x: np.where(2 * x > 6, x, softplus(2 * x) / 2)),
    ("softsign", {}, "Softsign", lambda x: x / (1 + abs(x))),
    ("relu6", {}, "ReLU6", lambda x: np.minimum(np.maximum(x, 0), 6)),
    ("hardsigmoid", {}, "Hardsigmoid", lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    ("hardswish", {}, "Hardswish", lambda x: x * np.clip(x + 3, 0, 6) / 6),
    ("hardtanh", {}, "Hardtanh", lambda x: np.clip(x, -1, 1)),
    ("hardtanh", {"min_val": -2.0, "max_val": 0.5}, "Hardtanh", lambda x: np.clip(x, -2, 0.5)),
    ("log_sigmoid", {}, "LogSigmoid", lambda x: -softplus(-x)),
    ("softmin", {}, "Softmin", lambda x: softmin(x, -1)),
    ("softmin", {"dim": 0}, "Softmin", lambda x: softmin(x, 0)),
    ("threshold", {"threshold": 0.5, "value": 20.0}, "Threshold", lambda x: np.where(x > 0.5, x, 20.0)),
    ("tanhshrink", {}, "Tanhshrink", lambda x: x - np.tanh(x)),
    ("softshrink", {}, "Softshrink", lambda x: np.sign(x) * np.maximum(abs(x) - 0.5, 0)),
    ("softshrink", {"lambd": 2.0}, "Softshrink", lambda x: np.sign(x) * np.maximum(abs(x) - 2, 0)),
    ("hardshrink", {}, "Hardshrink", lambda x: np.where(abs(x) > 0.5, x, 0)),
    ("hardshrink", {"lambd": 2.0}, "Hardshrink", lambda x: np.where(abs(x) > 2, x, 0)),
    ("sigmoid", {}, "Sigmoid", sigmoid),
    ("tanh", {}, "Tanh", np.tanh),
]
IDS = ["-".join([row[0], *map(str, row[1].values())]) for row in FORMULAS]


@pytest.mark.parametrize(("name", "config", "cls", "formula"), FORMULAS, ids=IDS)
def test_an_activation_is_its_formula(
    name: str, config: dict[str, Any], cls: str, formula: Callable[[Array], Array]
) -> None:
    layer = getattr(nn, cls)(**config).to("float64")
    got = layer(nc.tensor(POINTS))
    np.testing.assert_allclose(got.detach().numpy(), formula(POINTS), rtol=1e-12, atol=1e-15)
    single = getattr(nn, cls)(**config)(nc.tensor(POINTS.astype(np.float32)))
    assert single.dtype.name == "float32"
    np.testing.assert_allclose(single.detach().numpy(), formula(POINTS.astype(np.float32)), rtol=3e-6, atol=1e-6)


@pytest.mark.parametrize(("name", "config", "cls", "formula"), FORMULAS, ids=IDS)
def test_the_registry_and_a_spec_give_the_same(
    name: str, config: dict[str, Any], cls: str, formula: Callable[[Array], Array]
) -> None:
    assert nc.registry.activations[name] is getattr(nn, cls)
    made = nc.plugins.make("activation", {"name": name, **config})
    assert type(made) is getattr(nn, cls)
    again = type(made).from_config(made.config)
    x = nc.tensor(POINTS.astype(np.float32))
    np.testing.assert_array_equal(again(x).detach().numpy(), made(x).detach().numpy())


@pytest.mark.parametrize(("name", "config", "cls", "formula"), FORMULAS, ids=IDS)
def test_gradients_agree_with_differences(
    name: str, config: dict[str, Any], cls: str, formula: Callable[[Array], Array]
) -> None:
    # Off every kink: those of the formulas above lie at multiples of a half.
    x = np.array(
        [[-7.3, -3.4, -1.2, -0.7, -0.2, 0.2, 0.7, 1.3, 3.3], [-2.6, -2.2, -0.9, -0.3, 0.1, 0.3, 2.2, 5.6, 7.3]]
    )
    result = gradcheck(getattr(nn, cls)(**config).to("float64"), x)
    assert result.skipped == 0


def test_published_values() -> None:
    # Klambauer and others 2017, equation 14: the constants; -scale·alpha is what SELU falls to.
    assert abs(nn.SELU()(nc.tensor(-100.0)).item() + 1.7580993408473766) < 1e-6
    # The normal distribution's probability of a value below 1 is 0.8413447461.
    assert abs(nn.GELU()(nc.tensor(np.float64(1))).item() - 0.8413447460685429) < 1e-12


def test_prelu_learns_one_slope_a_channel() -> None:
    layer = nn.PReLU(3, init=0.1).to("float64")
    with nc.no_grad():
        layer.weight.copy_(nc.tensor([0.1, 0.2, 0.3]).to("float64"))
    x = -np.ones((2, 3, 4))
    np.testing.assert_allclose(
        layer(nc.tensor(x)).detach().numpy(), np.broadcast_to([[[-0.1], [-0.2], [-0.3]]], x.shape), rtol=1e-7
    )
    layer(nc.tensor(x)).sum().backward()
    np.testing.assert_allclose(layer.weight.grad.numpy(), [-8.0, -8.0, -8.0])
    with pytest.raises(ShapeError):
        layer(nc.tensor(np.ones((2, 4))))
    # Each layer that asks for it by name has a slope of its own.
    model = nn.Sequential(nn.Linear(3, 4, act="prelu"), nn.Linear(4, 2, act="prelu"))
    assert [name for name, _ in model.named_parameters()][2::3] == ["0.act.weight", "1.act.weight"]


@pytest.mark.parametrize("act", ["prelu", {"name": "prelu", "init": 0.1}, nn.PReLU])
def test_each_layer_of_an_architecture_has_a_slope_of_its_own(act: object) -> None:
    model = nc.create("mlp", sizes=[3, 4, 4, 2], act=act)
    slopes = {name: p for name, p in model.named_parameters() if name.startswith("act")}
    assert list(slopes) == ["act.0.weight", "act.1.weight"]
    with nc.no_grad():
        slopes["act.0.weight"].fill_(-5.0)
    assert slopes["act.1.weight"].item() != -5.0
    # A Module is one thing, however many layers it follows.
    shared = nc.create("mlp", sizes=[3, 4, 4, 2], act=nn.PReLU())
    assert [name for name, _ in shared.named_parameters()][-1] == "act.weight"
    assert shared(nc.ones((5, 3))).shape == model(nc.ones((5, 3))).shape == (5, 2)


def test_rrelu_draws_slopes_in_training_and_takes_their_mean_in_evaluation() -> None:
    nc.manual_seed(0)
    layer, x = nn.RReLU(0.2, 0.6), -np.ones((300, 300), np.float32)
    slopes = -layer(nc.tensor(x)).numpy()
    assert slopes.min() >= 0.2 and slopes.max() <= 0.6
    # U(0.2, 0.6) has mean 0.4 and variance 0.16/12; five standard errors of 90,000 draws.
    assert abs(slopes.mean() - 0.4) < 5 * (0.16 / 12 / x.size) ** 0.5
    assert abs(slopes.var() / (0.16 / 12) - 1) < 5 * (0.8 / x.size) ** 0.5
    np.testing.assert_array_equal(layer(nc.tensor(-x)).numpy(), -x)
    np.testing.assert_allclose(layer.eval()(nc.tensor(x)).numpy(), 0.4 * x, rtol=1e-6)
    # The gradient is the slope that was drawn.
    t = nc.tensor(x, requires_grad=True)
    y = layer.train()(t)
    y.sum().backward()
    assert t.grad is not None
    np.testing.assert_array_equal(t.grad.numpy(), -y.detach().numpy())


def test_a_gated_linear_unit_halves_a_dimension() -> None:
    x = np.random.default_rng(0).standard_normal((4, 6))
    np.testing.assert_allclose(nn.GLU()(nc.tensor(x)).numpy(), x[:, :3] * sigmoid(x[:, 3:]), rtol=1e-12)
    np.testing.assert_allclose(nn.GLU(0)(nc.tensor(x)).numpy(), x[:2] * sigmoid(x[2:]), rtol=1e-12)
    gradcheck(nn.GLU(), x)
    assert nc.registry.layers["glu"] is nn.GLU and "glu" not in nc.registry.activations
    with pytest.raises(ShapeError):
        nn.GLU()(nc.tensor(x[:, :5].copy()))


def test_inplace_is_taken_and_leaves_the_input_alone() -> None:
    x = nc.tensor([-1.0, 2.0])
    for cls in (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.SiLU, nn.Mish, nn.ReLU6, nn.Hardswish, nn.RReLU):
        np.testing.assert_array_equal(cls(inplace=True).eval()(x).numpy(), cls().eval()(x).numpy())
    assert x.tolist() == [-1.0, 2.0]
    # It says nothing about a model, so files do not hold it.
    assert nn.LeakyReLU(0.3, inplace=True).config == {"negative_slope": 0.3}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.LeakyReLU("a"), "LeakyReLU: negative_slope is a finite number, got 'a'"),
        (lambda: nn.ReLU(1), "ReLU: inplace is True or False, got 1"),
        (lambda: nn.PReLU(0), "PReLU: num_parameters is an integer of at least 1, got 0"),
        (lambda: nn.PReLU(init=math.inf), "PReLU: init is a finite number, got inf"),
        (lambda: nn.ELU(True), "ELU: alpha is a finite number, got True"),
        (lambda: nn.CELU(0), "CELU: alpha is a number other than 0"),
        (lambda: nn.GELU("erf"), "GELU: approximate is 'none' or 'tanh', got 'erf'"),
        (lambda: nn.Softplus(0), "Softplus: beta is a finite number above 0, got 0"),
        (lambda: nn.Softplus(threshold=math.nan), "Softplus: threshold is a finite number, got nan"),
        (lambda: nn.Hardtanh(1, 1), "Hardtanh: max_val is a finite number above 1, got 1"),
        (lambda: nn.RReLU(0.5, 0.2), "RReLU: upper is a finite number of at least 0.5, got 0.2"),
        (lambda: nn.Softshrink(-1), "Softshrink: lambd is a finite number of at least 0, got -1"),
        (lambda: nn.Hardshrink(None), "Hardshrink: lambd is a finite number of at least 0, got None"),
        (lambda: nn.Softmin(1.5), "Softmin: dim is an integer, got 1.5"),
        (lambda: nn.Softmax("1"), "Softmax: dim is an integer, got '1'"),
        (lambda: nn.GLU(None), "GLU: dim is an integer, got None"),
        (lambda: nn.Threshold(0, [1]), r"Threshold: value is a finite number, got \[1\]"),
    ],
)
def test_a_wrong_argument_is_named(make: Callable[[], object], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        make()
