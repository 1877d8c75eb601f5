"""Layers made of layers, maxout, and containers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError, ShapeError
from nncore.testing import gradcheck

rng = np.random.default_rng(0)


def array(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape)


def close(got: nc.Tensor, want: np.ndarray, rtol: float = 1e-10, atol: float = 1e-12) -> None:
    assert got.shape == want.shape
    np.testing.assert_allclose(got.detach().numpy(), want, rtol=rtol, atol=atol)


def weights(layer: Any) -> tuple[np.ndarray, np.ndarray]:
    return layer.weight.detach().numpy(), layer.bias.detach().numpy()


def test_a_residual_adds_its_input() -> None:
    x = array(4, 3)
    block = nn.Residual([nn.Linear(3, 5), "tanh", nn.Linear(5, 3)], act="relu").to("float64")
    (w1, b1), (w2, b2) = weights(block.body[0]), weights(block.body[2])
    change = np.tanh(x @ w1.T + b1) @ w2.T + b2
    close(block(nc.tensor(x)), np.maximum(change + x, 0))
    assert list(block.state_dict()) == ["body.0.weight", "body.0.bias", "body.2.weight", "body.2.bias"]


def test_a_residual_with_a_shortcut() -> None:
    x = array(4, 3)
    block = nn.Residual(nn.Linear(3, 2), nn.Linear(3, 2, bias=False)).to("float64")
    w, b = weights(block.body)
    close(block(nc.tensor(x)), x @ w.T + b + x @ block.shortcut.weight.detach().numpy().T)
    with pytest.raises(ShapeError, match="body's output has shape \\(4, 2\\), its input \\(4, 3\\)"):
        nn.Residual(nn.Linear(3, 2))(nc.ones((4, 3)))
    with pytest.raises(ShapeError, match="the shortcut's output \\(4, 1\\)"):
        nn.Residual(nn.Linear(3, 2), nn.Linear(3, 1))(nc.ones((4, 3)))


def test_the_gradient_of_a_residual_reaches_its_input_twice() -> None:
    x = nc.tensor(array(2, 3), requires_grad=True)
    block = nn.Residual(nn.Linear(3, 3, init="zeros")).to("float64")
    block(x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.ones((2, 3)))


def test_branches_are_joined() -> None:
    x = array(2, 4, 5, 5)
    one, two = nn.Conv2d(4, 3, 1), nn.Conv2d(4, 2, 3, padding=1)
    joined = nn.Branches({"one": one, "two": [two, "relu"]}).to("float64")
    parts = [one(nc.tensor(x)).detach().numpy(), np.maximum(two(nc.tensor(x)).detach().numpy(), 0)]
    close(joined(nc.tensor(x)), np.concatenate(parts, 1))
    assert list(joined.state_dict()) == ["one.weight", "one.bias", "two.0.weight", "two.0.bias"]
    a, b, c = nn.Linear(5, 2), nn.Linear(5, 2), nn.Linear(5, 2)
    summed = nn.Branches(a, b, c, join="sum").to("float64")
    v = array(3, 5)
    close(summed(nc.tensor(v)), sum(v @ weights(m)[0].T + weights(m)[1] for m in (a, b, c)))
    last = nn.Branches("relu", "tanh", dim=-1)
    close(last(nc.tensor(v)), np.concatenate([np.maximum(v, 0), np.tanh(v)], -1))
    with pytest.raises(ShapeError, match="Branches"):
        nn.Branches(nn.Linear(5, 2), nn.Linear(5, 1), join="sum")(nc.ones((3, 5)))
    for wrong in (lambda: nn.Branches(), lambda: nn.Branches("relu", join="stack")):
        with pytest.raises(InvalidValueError, match="Branches"):
            wrong()


@pytest.mark.parametrize("pieces", [1, 2, 4])
def test_maxout_is_the_largest_of_its_pieces(pieces: int) -> None:
    x = array(6, 3)
    unit = nn.Maxout(3, 2, pieces).to("float64")
    w, b = weights(unit)
    each = [x @ w[2 * p : 2 * p + 2].T + b[2 * p : 2 * p + 2] for p in range(pieces)]
    close(unit(nc.tensor(x)), np.max(each, 0))
    assert unit.num_parameters() == pieces * nn.Linear(3, 2).num_parameters()
    assert abs(w).max() <= 3**-0.5 and abs(b).max() <= 3**-0.5


def test_maxout_generalizes_relu_and_its_leaky_kin() -> None:
    x = array(5, 3)
    for slope in (0.0, 0.1):
        unit = nn.Maxout(3, 2, 2).to("float64")
        w, b = weights(unit)
        w[2:], b[2:] = slope * w[:2], slope * b[:2]
        unit.load_state_dict({"weight": w, "bias": b})
        z = x @ w[:2].T + b[:2]
        close(unit(nc.tensor(x)), np.where(z > 0, z, slope * z))


@pytest.mark.parametrize(("pieces", "groups"), [(2, 1), (3, 1), (2, 2), (3, 2)])
def test_maxout_of_windows(pieces: int, groups: int) -> None:
    unit = nn.MaxoutConv2d(4, 6, 3, 2, 1, groups=groups, pieces=pieces).to("float64")
    assert unit.num_parameters() == pieces * nn.Conv2d(4, 6, 3, groups=groups).num_parameters()
    w, b = weights(unit)
    x = nc.tensor(array(2, 4, 5, 6))
    # Piece by piece, each a convolution of its own.
    w, b = w.reshape(groups, pieces, 6 // groups, *w.shape[1:]), b.reshape(groups, pieces, -1)
    each = []
    for p in range(pieces):
        plain = nn.Conv2d(4, 6, 3, 2, 1, groups=groups).to("float64")
        plain.load_state_dict({"weight": w[:, p].reshape(6, *w.shape[3:]), "bias": b[:, p].reshape(6)})
        each.append(plain(x).detach().numpy())
    close(unit(x), np.max(each, 0))
    close(unit(x[0]), np.max(each, 0)[0])


def test_the_gradient_of_maxout_goes_to_the_largest_piece() -> None:
    unit = nn.Maxout(1, 1, 3, bias=False).to("float64")
    unit.load_state_dict({"weight": np.array([[1.0], [2.0], [-1.0]])})
    unit(nc.tensor([[3.0]], dtype="float64")).sum().backward()
    np.testing.assert_array_equal(unit.weight.grad.numpy(), [[0], [3], [0]])


def body() -> list[Any]:
    return [
        nn.Sequential(nn.Linear(4, 8, act="tanh"), nn.Linear(8, 8, act="tanh")),
        nn.Linear(8, 8, act="tanh"),
        nn.Linear(8, 3),
    ]


def headed(scale: Any = 0.3) -> nn.WithHeads:
    heads = {"late": nn.Linear(8, 3), "early": [nn.Linear(8, 3)]}
    return nn.WithHeads(body(), heads, {"late": "1", "early": "0.0"}, scale)


def test_heads_are_there_in_training_alone() -> None:
    model = headed().to("float64")
    x = nc.tensor(array(5, 4))
    outputs = model(x)
    assert list(outputs) == ["main", "late", "early"]
    first = model.body[0][0](x)
    close(outputs["early"], model.heads["early"](first).detach().numpy())
    late = model.body[1](model.body[0](x))
    close(outputs["late"], model.heads["late"](late).detach().numpy())
    evaluated = model.eval()(x)
    close(evaluated, outputs["main"].detach().numpy())
    assert model.loss_weights == {"main": 1.0, "late": 0.3, "early": 0.3}
    assert headed({"late": 0.5, "early": 0.1}).loss_weights == {"main": 1.0, "late": 0.5, "early": 0.1}
    assert "early" in repr(model) and "0.3" in repr(model)
    gradcheck(lambda x: tuple(model.train()(x).values()), x.numpy())


def test_a_trainer_weighs_the_heads_and_validates_the_main_output() -> None:
    rows, labels = array(64, 4).astype("float32"), rng.integers(0, 3, 64)
    data = nc.data.ArrayDataset(rows, labels)
    model = headed().initialize(0)
    trainer = nc.Trainer(model, optimizer={"name": "sgd", "lr": 0.0}, metrics=["accuracy"], seed=0)
    history = trainer.fit(data, epochs=1, batch_size=64, validate=data, progress=False)
    cross = nn.CrossEntropyLoss()
    x, y = nc.tensor(rows), nc.tensor(labels)
    outputs = model.train()(x)
    losses = {name: cross(output, y).item() for name, output in outputs.items()}
    want = losses["main"] + 0.3 * (losses["late"] + losses["early"])
    assert abs(history.last["loss"] - want) < 1e-5
    assert abs(history.last["val_loss"] - losses["main"]) < 1e-5
    assert trainer.predict(x).shape == (64, 3)
    # What is given goes before what the model says.
    other = nc.Trainer(headed().initialize(0), loss_weights={"early": 0.0, "late": 0.0}, optimizer="sgd", seed=0)
    assert other.objective.weights == {"early": 0.0, "late": 0.0} and list(other.objective.losses) == list(outputs)
    some = nc.Trainer(headed(), loss={"main": "cross_entropy", "late": "cross_entropy"}, seed=0)
    assert some.objective.weights == {"main": 1.0, "late": 0.3}


def test_heads_learn() -> None:
    rows = array(64, 4).astype("float32")
    data = nc.data.ArrayDataset(rows, (rows[:, 0] > 0).astype("int64"))
    model = headed().initialize(0)
    before = model.heads["early"][0].weight.numpy().copy()
    history = nc.Trainer(model, optimizer={"name": "adam", "lr": 0.02}, seed=0).fit(data, epochs=15, progress=False)
    assert history.last["loss"] < 0.5 * history["loss"][0]
    assert (model.heads["early"][0].weight.detach().numpy() != before).all()


def test_heads_in_wrong_places_are_refused() -> None:
    head = {"aux": nn.Linear(8, 3)}
    for wrong, message in (
        (lambda: nn.WithHeads(body(), head, {"aux": "7"}), "no module '7' in the body; it has 0, 1, 2"),
        (lambda: nn.WithHeads(body(), head, {"aux": "0.5"}), "no module '0.5' in the body; 0 has 0, 1"),
        (lambda: nn.WithHeads(body(), head, {"aux": "1.0"}), "1 is a Linear"),
        (lambda: nn.WithHeads(nn.Linear(4, 8), head, {"aux": "0"}), "the body is a Linear"),
        (lambda: nn.WithHeads(body(), head, {"other": "0"}), "at names other; the heads are aux"),
        (lambda: nn.WithHeads(body(), head, {"aux": "0"}, {"main": 1.0}), "weights names main"),
        (lambda: nn.WithHeads(body(), head, {"aux": "0"}, -1.0), "weights"),
        (lambda: nn.WithHeads(body(), head, {"aux": "0"}, main="aux"), "other than that of the main output"),
        (lambda: nn.WithHeads(body(), {}, {}), "heads need names"),
    ):
        with pytest.raises(InvalidValueError, match=message):
            wrong()


def test_parts_that_were_exchanged_are_saved(tmp_path: Path) -> None:
    block = nn.Residual(nn.Linear(3, 3))
    block.body = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3))
    model = headed()
    model.heads["late"] = nn.Sequential(nn.Linear(8, 5), nn.Linear(5, 3))
    joined = nn.Branches("relu", "tanh")
    joined.add_module("0", nn.Linear(3, 3))
    for made, width in ((block, 3), (model, 4), (joined, 3)):
        nc.save(made, tmp_path / "it.safetensors")
        back = nc.load(tmp_path / "it.safetensors").eval()
        assert list(back.state_dict()) == list(made.state_dict())
        x = nc.tensor(array(2, width).astype("float32"))
        np.testing.assert_array_equal(back(x).detach().numpy(), made.eval()(x).detach().numpy())


def test_a_list_of_modules_is_a_list() -> None:
    layers = nn.ModuleList([nn.Linear(2, 3), "relu"])
    layers.extend([nn.Linear(3, 1)])
    layers.insert(1, nn.Tanh())
    assert [type(layer).__name__ for layer in layers] == ["Linear", "Tanh", "ReLU", "Linear"]
    assert list(layers.state_dict()) == ["0.weight", "0.bias", "3.weight", "3.bias"]
    assert isinstance(layers.pop(1), nn.Tanh) and list(layers.state_dict())[2] == "2.weight"
    layers[0] = nn.Linear(4, 3)
    assert layers[0].in_features == 4 and isinstance(layers[-1], nn.Linear)
    assert isinstance(layers[1:], nn.ModuleList) and len(layers[1:]) == 2 and layers[1:][0] is layers[1]
    del layers[0]
    assert len(layers) == 2
    with pytest.raises(IndexError):
        layers[2]


def test_a_dict_of_modules_is_a_dict() -> None:
    named = nn.ModuleDict({"a": nn.Linear(2, 3), "b": "relu"})
    named["c"] = nn.Tanh()
    named["a"] = nn.Linear(2, 4)
    assert list(named) == ["a", "b", "c"] == list(named.keys()) and named["a"].out_features == 4
    assert "b" in named and "d" not in named and len(named) == 3 and len(list(named.items())) == 3
    assert isinstance(named.pop("b"), nn.ReLU) and list(named.values())[-1] is named["c"]
    assert list(named.state_dict()) == ["a.weight", "a.bias"]
    twin = nn.ModuleDict.from_config(named.config)
    assert list(twin) == ["a", "c"] and twin["a"].out_features == 4
    for name in ("keys", "training", "x.y", ""):
        with pytest.raises(InvalidValueError):
            named[name] = nn.Tanh()
    for missing in (lambda: named["z"], lambda: named.pop("z"), lambda: named.__delitem__("z")):
        with pytest.raises(KeyError):
            missing()


def test_parameters_in_lists_and_dicts(tmp_path: Path) -> None:
    values = nn.ParameterList([(3, 2), nn.Parameter(array(4)), array(2)])
    assert [p.shape for p in values] == [(3, 2), (4,), (2,)] and all(isinstance(p, nn.Parameter) for p in values)
    assert len(list(values.parameters())) == len(values) == 3 and values[-1].numel() == 2
    values[0] = (5,)
    values.append(())
    assert list(values.state_dict()) == ["0", "1", "2", "3"] and values[0].shape == (5,)
    named = nn.ParameterDict({"w": (3, 2), "b": (2,)})
    named["w"] = (4, 2)
    named["c"] = (1,)
    del named["b"]
    assert list(named) == ["w", "c"] == list(named.state_dict()) and named["w"].shape == (4, 2)
    assert "w" in named and len(named) == 2 and [p.shape for p in named.values()] == [(4, 2), (1,)]
    with pytest.raises(InvalidValueError, match="items"):
        named["items"] = (2,)
    for made in (nn.ParameterList([(3, 2), ()]), named):
        nc.save(made, tmp_path / "it.safetensors")
        back = nc.load(tmp_path / "it.safetensors")
        for name, value in made.state_dict().items():
            np.testing.assert_array_equal(back.state_dict()[name].detach().numpy(), value.detach().numpy())
        assert repr(back) == repr(made)


WRONG: list[tuple[Any, str]] = [
    (lambda: nn.Maxout(3, 0), "Maxout: out_features"),
    (lambda: nn.Maxout(3, 2, 0), "Maxout: pieces"),
    (lambda: nn.MaxoutConv2d(4, 3, 3, groups=2), "MaxoutConv2d: groups=2 must divide in_channels=4 and out_channels=3"),
    (lambda: nn.MaxoutConv2d(4, 4, 3, pieces=1.5), "MaxoutConv2d: pieces"),
    (lambda: nn.Residual(3), "expected"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_arguments_out_of_range_are_told_by_layer_and_name(make: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()
