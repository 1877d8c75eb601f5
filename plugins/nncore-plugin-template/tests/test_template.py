"""The components do what they say, are found by name, and survive a file. A copy of this package starts from these."""

from pathlib import Path

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.testing import gradcheck

HERE = "nncore-plugin-template"
rng = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("layers", "gated_linear"),
        ("activations", "squareplus"),
        ("initializers", "alternating"),
        ("losses", "log_cosh"),
        ("architectures", "gated_mlp"),
    ],
)
def test_every_component_is_found(kind: str, name: str) -> None:
    registry = getattr(nc.registry, kind)
    assert callable(registry[f"{HERE}/{name}"])
    assert registry.spec(f"{HERE}/{name}").summary


def test_the_layer_is_its_formula() -> None:
    layer = nc.registry.layers[f"{HERE}/gated_linear"](3, 2)
    x = rng.standard_normal((4, 3)).astype(np.float32)
    value, gate = (p.detach().numpy() for p in (layer.value, layer.gate))
    expected = (x @ value.T) / (1 + np.exp(-(x @ gate.T)))
    np.testing.assert_allclose(layer(nc.tensor(x)).detach().numpy(), expected, rtol=1e-5, atol=1e-6)
    gradcheck(layer.to("float64"), rng.standard_normal((4, 3)))


def test_the_activation_is_its_formula_and_takes_its_constant() -> None:
    x = rng.standard_normal((4, 3))
    for act, b in ((f"{HERE}/squareplus", 4.0), ({"name": f"{HERE}/squareplus", "b": 1.0}, 1.0)):
        layer = nn.Sequential(act)
        np.testing.assert_allclose(layer(nc.tensor(x)).numpy(), (x + np.sqrt(x**2 + b)) / 2, rtol=1e-12)
        gradcheck(layer, x)


def test_the_initializer_alternates() -> None:
    weight = nn.Linear(4, 3, init=f"{HERE}/alternating").weight.detach().numpy()
    np.testing.assert_array_equal(abs(weight), np.full((3, 4), 0.5))
    assert (weight.ravel()[::2] == -weight.ravel()[1::2]).all()


def test_the_loss_is_its_formula() -> None:
    loss = nc.registry.losses[f"{HERE}/log_cosh"]
    x, y = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    expected = np.log(np.cosh(x - y))
    for reduction, value in (("none", expected), ("sum", expected.sum()), ("mean", expected.mean())):
        np.testing.assert_allclose(loss(nc.tensor(x), nc.tensor(y), reduction=reduction).numpy(), value, rtol=1e-10)
    assert loss(nc.tensor([1000.0]), nc.tensor([0.0])).item() == pytest.approx(1000 - np.log(2))
    gradcheck(loss, x, y)


def test_a_model_of_it_survives_a_file(tmp_path: Path) -> None:
    model = nc.create(f"{HERE}/gated_mlp", in_features=6, hidden=5, num_classes=3, seed=0)
    nc.save(model, tmp_path / "model.safetensors")
    again = nc.load(tmp_path / "model.safetensors")
    x = nc.tensor(rng.standard_normal((4, 2, 3)).astype(np.float32))
    np.testing.assert_array_equal(model(x).detach().numpy(), again(x).detach().numpy())
