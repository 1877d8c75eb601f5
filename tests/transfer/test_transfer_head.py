"""A head for other classes: what is kept, what is new, and that the model can still be saved."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError, StateDictError
from nncore.transfer import load_pretrained

sys.path.insert(0, str(Path(__file__).parent))
from networks import Tied, conv_net, images


def state(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


@pytest.mark.parametrize(
    ("make", "head"),
    [
        (lambda: nc.create("lenet5", seed=0), "classifier.5"),
        (lambda: nc.create("mlp", in_features=6, num_classes=4, n_layers=3, seed=0), "layers.2"),
        (lambda: nc.create("mlp", sizes=[6, 5, 4], seed=0), "layers.1"),
        (conv_net, "fc"),
        (lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 6, 1), nn.GlobalAvgPool()), "2"),
        (lambda: nn.Sequential(conv_net()), "0.fc"),
    ],
)
def test_all_but_the_head_is_kept_and_the_model_can_be_saved(make: Any, head: str, tmp_path: Path) -> None:
    model = make()
    before = state(model)
    new = nc.replace_head(model, 3, seed=1)
    after = state(new)
    assert list(after) == list(before)
    for name, value in after.items():
        if name.startswith(f"{head}."):
            assert value.shape == (3, *before[name].shape[1:]) and (name.endswith("bias") or np.ptp(value) > 0)
        else:
            assert np.array_equal(value, before[name])
    assert all(np.array_equal(value, before[name]) for name, value in state(model).items()), "the given one has changed"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nc.save(new, tmp_path / "new.safetensors")
    again = state(nc.load(tmp_path / "new.safetensors"))
    assert all(np.array_equal(value, after[name]) for name, value in again.items())


def test_the_two_share_no_memory() -> None:
    model = conv_net()
    for new in (nc.replace_head(model, 4), nc.replace_head(nc.create("lenet5"), 4)):
        for parameter in new.parameters():
            parameter.detach().zero_()
    assert all(np.abs(p.detach().numpy()).sum() for name, p in model.named_parameters() if "weight" in name)


def test_modes_frozen_layers_and_settings_stay_and_the_head_is_trained() -> None:
    model = nc.create("mlp", in_features=6, n_layers=3, dropout=0.5, seed=0)
    model.freeze().eval()
    model.dropout.p = 0.25
    new = nc.replace_head(model, 2)
    assert not new.training and new.dropout.p == 0.25
    assert [n for n, p in new.named_parameters() if p.requires_grad] == ["layers.2.weight", "layers.2.bias"]
    assert new.layers[0].frozen and not new.layers[2].frozen
    # As many classes as before: drawn anew all the same.
    same = nc.replace_head(model, 10)
    assert not np.array_equal(state(same)["layers.2.weight"], state(model)["layers.2.weight"])
    assert np.array_equal(state(same)["layers.0.weight"], state(model)["layers.0.weight"])


def test_the_seed_decides_and_the_dtype_stays() -> None:
    model = nc.create("lenet5", seed=0).to("float64")
    one, two, other = (state(nc.replace_head(model, 5, seed=seed))["classifier.5.weight"] for seed in (1, 1, 2))
    assert np.array_equal(one, two) and not np.array_equal(one, other) and one.dtype == np.float64
    assert state(nc.replace_head(conv_net().to("float64"), 5))["fc.weight"].dtype == np.float64
    # It is the head that a model which was made so would have.
    fresh, new = nc.create("lenet5", num_classes=5, seed=1), nc.replace_head(nc.create("lenet5"), 5, seed=1)
    assert np.array_equal(state(new)["classifier.5.weight"], state(fresh)["classifier.5.weight"])


def test_a_head_by_its_name() -> None:
    model = nc.replace_head(conv_net(), 7, head="body.0")
    assert model["body"][0].weight.shape == (7, 3, 3, 3) and [n for n, _ in model.named_children()][-1] == "fc"
    tied = nc.replace_head(Tied(), 3, head="first")
    assert tied.first is tied.second and list(tied._modules) == ["first", "act", "second", "out"]
    assert nc.replace_head(Tied(), 9)(nc.ones((1, 3))).shape == (1, 9)


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (conv_net, {"num_classes": 0}, "num_classes is a positive integer, got 0"),
        (conv_net, {"num_classes": True}, "num_classes is a positive integer, got True"),
        (conv_net, {"num_classes": 3, "head": "fd"}, "nothing in Sequential is called 'fd'"),
        (conv_net, {"num_classes": 3, "head": "pol"}, "Did you mean 'pool'"),
        (conv_net, {"num_classes": 3, "head": "pool"}, "GlobalAvgPool, which does not say how many outputs"),
        (lambda: nn.Sequential(nn.ReLU()), {"num_classes": 3}, "has no layer with out_features or out_channels"),
        (
            lambda: nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)),
            {"num_classes": 3},
            "since 1 comes after 0; give head=",
        ),
        (
            lambda: nn.WithHeads([nn.Linear(3, 4), nn.Linear(4, 2)], {"aux": nn.Linear(4, 2)}, {"aux": "0"}),
            {"num_classes": 3},
            "the model has several; give head=",
        ),
    ],
)
def test_what_is_refused(make: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        nc.replace_head(make(), **arguments)


def test_pretrained_weights_without_their_head(tmp_path: Path) -> None:
    source = nc.create("lenet5", num_classes=10, seed=3)
    nc.save(source, tmp_path / "source.safetensors")
    nc.save(source.state_dict(), tmp_path / "weights.safetensors")
    for given in (tmp_path / "source.safetensors", tmp_path / "weights.safetensors", source, state(source)):
        model = nc.create("lenet5", num_classes=4, seed=0)
        before = state(model)
        found = load_pretrained(model, given)
        assert found.missing_keys == ["classifier.5.weight", "classifier.5.bias"]
        assert set(found.unexpected_keys) == set(found.missing_keys)
        for name, value in state(model).items():
            assert np.array_equal(value, (before if name.startswith("classifier.5") else state(source))[name])
    same = nc.create("lenet5", seed=0)
    assert load_pretrained(same, source) == ([], [])
    assert np.array_equal(same(images(side=28)).detach().numpy(), source(images(side=28)).detach().numpy())
    kept = nc.create("lenet5", seed=0)
    load_pretrained(kept, source, new_head=True)
    assert np.array_equal(state(kept)["classifier.5.bias"], state(nc.create("lenet5", seed=0))["classifier.5.bias"])
    assert np.array_equal(state(kept)["classifier.3.bias"], state(source)["classifier.3.bias"])


def test_weights_of_another_network_are_told_name_by_name_and_change_nothing() -> None:
    model = nc.create("mlp", in_features=6, hidden=5, n_layers=3, seed=0)
    before = state(model)
    with pytest.raises(
        StateDictError, match=r"(?s)layers.0.weight has shape \(8, 6\), expected \(5, 6\).*layers.2, may"
    ) as e:
        load_pretrained(model, nc.create("mlp", in_features=6, hidden=8, n_layers=3, num_classes=4))
    assert set(e.value.mismatched) == {"layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"}
    weights = state(nc.create("mlp", in_features=6, hidden=5, n_layers=3))
    del weights["layers.1.bias"]
    with pytest.raises(StateDictError, match="missing: layers.1.bias"):
        load_pretrained(model, {**weights, "layers.7.bias": np.zeros(3)})
    with pytest.raises(InvalidValueError, match="got int"):
        load_pretrained(model, 3)  # type: ignore[arg-type]
    assert all(np.array_equal(value, before[name]) for name, value in state(model).items())
