"""Reports of how parameters begin, and weights that are scaled by data (LSUV)."""

from __future__ import annotations

import doctest
import importlib
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError
from nncore.initialization import lsuv, report

Array = np.ndarray[Any, Any]
rng = np.random.default_rng(0)
BATCH = (rng.standard_normal((200, 12)) * 3 + 1).astype(np.float32)


@pytest.mark.parametrize(
    "name", ["nncore.initialization", "nncore.initialization.reporting", "nncore.initialization.scaling"]
)
def test_examples_run(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert not failed and tried


def test_a_report_tells_what_was_drawn_and_what_came_of_it() -> None:
    def ramp(shape: Any, fan_in: int, fan_out: int, stream: Any, dtype: str) -> Array:
        return np.linspace(0, 1, int(np.prod(shape))).reshape(shape).astype(dtype)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(300, 200, init={"name": "he_normal", "mode": "fan_out"})
            self.own = nn.Parameter((5,), init=ramp)
            self.given = nn.Parameter(np.array([1.0, 3.0]))
            self.half = nn.Parameter((400, 400), init=nc.plugins.make("initializer", {"name": "normal", "std": 0.5}))

        def forward(self, input: Any) -> Any:
            return input

    rows = {row.name: row for row in report(Model().initialize(3)).rows}
    assert list(rows) == ["own", "given", "half", "first.weight", "first.bias"]
    first = rows["first.weight"]
    assert (first.initializer, first.formula) == ("he_normal(mode=fan_out)", "N(0, 2/fan_out)")
    assert first.expected is not None and abs(first.expected - 0.1) < 1e-12
    assert (
        abs(first.std / 0.1 - 1) < 5 / (2 * first.elements) ** 0.5 and abs(first.mean) < 5 * 0.1 / first.elements**0.5
    )
    assert rows["first.bias"].formula == "0 everywhere" and rows["first.bias"].std == 0
    assert rows["own"].initializer == "ramp" and rows["own"].formula == "" and rows["own"].expected is None
    assert rows["given"].initializer == "values" and (rows["given"].mean, rows["given"].std) == (2.0, 1.0)
    assert rows["half"].formula == "N(0, 0.5²)" and rows["half"].expected == 0.5
    text = str(report(Model())).splitlines()
    assert len(text) == 6 and text[0].startswith("parameter") and "N(0, 2/fan_out)" in text[4]
    with pytest.raises(InvalidValueError, match="model is a Module, got int"):
        report(3)  # type: ignore[arg-type]


def forward(model: nn.Module, x: Array) -> list[Array]:
    """What each linear layer of an MLP of ReLUs computes, in NumPy."""
    outputs: list[Array] = []
    for layer in model.layers:
        h = np.maximum(outputs[-1], 0) if outputs else x.astype(np.float64)
        outputs.append(h @ layer.weight.detach().numpy().T.astype(np.float64) + layer.bias.detach().numpy())
    return outputs


@pytest.mark.parametrize("orthonormal", [True, False])
def test_the_outputs_of_each_layer_have_variance_one(orthonormal: bool) -> None:
    model = nc.create("mlp", sizes=[12, 40, 30, 20, 5], seed=0)
    assert abs(forward(model, BATCH)[-1].var() - 1) > 0.5
    done = lsuv(model, BATCH, seed=1, orthonormal=orthonormal)
    assert [row.layer for row in done] == [f"layers.{i}" for i in range(4)]
    for row, output in zip(done, forward(model, BATCH), strict=True):
        assert abs(output.var() - 1) < 0.01 and abs(row.after - output.var()) < 1e-4
        assert abs(row.before - 1) > 0.01 and row.steps >= 1
    if orthonormal:
        # One factor a layer leaves the rows orthogonal and equally long.
        w = model.layers[1].weight.detach().numpy()
        gram = w @ w.T / (w @ w.T)[0, 0]
        np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-5)
        assert (model.layers[1].bias.detach().numpy() == 0).all()


def test_each_unit_can_have_variance_one() -> None:
    model = nc.create("mlp", sizes=[12, 40, 30, 5], seed=0)
    lsuv(model, BATCH, per="unit", target=2.0, seed=1)
    for output in forward(model, BATCH):
        np.testing.assert_allclose(output.var(0), 2.0, rtol=0.01)
    conv = nn.Conv2d(2, 3, 3)
    images = rng.standard_normal((9, 2, 6, 6)).astype(np.float32)
    lsuv(conv, images, per="unit")
    np.testing.assert_allclose(conv(nc.tensor(images)).detach().numpy().var((0, 2, 3)), 1, rtol=0.01)


class Backwards(nn.Module):
    """Its layers stand in the opposite order of their use, and one activation serves both."""

    def __init__(self) -> None:
        super().__init__()
        act = nn.ReLU()
        self.last = nn.Linear(6, 3, act=act)
        self.first = nn.Linear(12, 6, act=act)
        self.drop = nn.Dropout(0.5)
        self.norm = nn.BatchNorm1d(6)
        self.unused = nn.Linear(3, 3)

    def forward(self, input: Any) -> Any:
        return self.last(self.drop(self.norm(self.first(input))))


def test_layers_are_taken_in_the_order_of_their_use_and_before_their_activation() -> None:
    model = Backwards()
    model.first.eval()
    before = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    done = lsuv(model, BATCH, seed=0)
    assert [row.layer for row in done] == ["first", "last"]
    inside = BATCH @ model.first.weight.detach().numpy().T
    assert abs(inside.var() - 1) < 0.01
    # In evaluation the fresh batch norm divides by √(1 + eps) alone, and nothing is dropped.
    last = np.maximum(inside, 0) / (1 + 1e-5) ** 0.5 @ model.last.weight.detach().numpy().T
    assert abs(last.var() - 1) < 0.01
    after = {name: value.numpy() for name, value in model.state_dict().items()}
    changed = {name for name, value in after.items() if (value != before[name]).any()}
    assert changed == {"first.weight", "first.bias", "last.weight", "last.bias"}, "no buffer, no other layer"
    assert model.training and model.drop.training and not model.first.training, "modes are what they were"
    assert model.first._hooks is None and model.first.act._hooks is None


def test_what_is_frozen_or_left_out_stays() -> None:
    model = nc.create("mlp", sizes=[12, 8, 8, 5], seed=0)
    model.layers[0].freeze()
    first = model.layers[0].weight.detach().numpy().copy()
    done = lsuv(model, BATCH, layers=lambda path, module: path != "layers.2", seed=0)
    assert [row.layer for row in done] == ["layers.1"]
    np.testing.assert_array_equal(model.layers[0].weight.detach().numpy(), first)


def test_a_seed_fixes_what_is_drawn() -> None:
    models = [nc.create("mlp", sizes=[12, 8, 5], seed=seed) for seed in (0, 1)]
    for model in models:
        lsuv(model, BATCH, seed=7)
    np.testing.assert_array_equal(*(model.layers[0].weight.detach().numpy() for model in models))


def test_an_error_leaves_everything_as_it_was() -> None:
    model = nc.create("mlp", sizes=[12, 8, 5], seed=0)
    before = [p.detach().numpy().copy() for p in model.parameters()]
    dead = np.zeros_like(BATCH)
    with pytest.raises(InvalidValueError, match=r"outputs of layer 'layers.0' have variance 0.0"):
        lsuv(model, dead)
    with pytest.raises(InvalidValueError, match=r"layer 'layers.0' \(unit 0\) have variance nan"):
        lsuv(model, np.full_like(BATCH, np.nan), per="unit")
    with pytest.raises(nc.errors.ShapeError):
        lsuv(model, BATCH[:, :3])
    for parameter, value in zip(model.parameters(), before, strict=True):
        np.testing.assert_array_equal(parameter.detach().numpy(), value)
    assert model.training


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"per": "neuron"}, "per is 'layer' or 'unit', got 'neuron'"),
        ({"target": 0}, "target is a number above 0, got 0"),
        ({"tol": -1.0}, "tol is a number above 0"),
        ({"max_steps": 0}, "max_steps is an integer of at least 1"),
        ({"layers": lambda path, module: False}, "no layer has a weight"),
    ],
)
def test_wrong_arguments_are_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        lsuv(nc.create("mlp", sizes=[12, 8, 5], seed=0), BATCH, **wrong)
    with pytest.raises(InvalidValueError, match="model is a Module"):
        lsuv("mlp", BATCH)  # type: ignore[arg-type]
