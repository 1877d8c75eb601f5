"""Models that begin with weights of a file, whoever wrote it, and what is said where they do not fit."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pickles import saved

import nncore as nc
from nncore import nn
from nncore.errors import FileFormatError, InvalidValueError, StateDictError
from nncore.runs.config import RunConfig
from nncore.runs.transferring import load_weights
from nncore.transfer import load_pretrained

TEN = nc.create("lenet5", seed=3)
HEAD = ["classifier.5.weight", "classifier.5.bias"]


def state(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


def assert_same(ours: nn.Module, theirs: dict[str, np.ndarray], but: list[str] | None = None) -> None:
    found = state(ours)
    assert list(found) == list(theirs)
    for name in found:
        assert np.array_equal(found[name], theirs[name]) == (name not in (but or [])), name


@pytest.fixture(params=["pth", "safetensors", "model", "mapping", "folder"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The weights of `TEN` in each form that is taken."""
    if request.param == "pth":
        (tmp_path / "a.pth").write_bytes(saved(state(TEN)))
        return str(tmp_path / "a.pth")
    if request.param in ("safetensors", "folder"):
        nc.save(TEN, tmp_path / "model.safetensors")
        return tmp_path if request.param == "folder" else tmp_path / "model.safetensors"
    return TEN if request.param == "model" else state(TEN)


def test_a_model_begins_with_them(source: Any) -> None:
    nc.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same(nc.create("lenet5", pretrained=source), state(TEN))
    after = nn.Linear(2, 2).weight.detach().numpy()
    nc.manual_seed(0)
    np.testing.assert_array_equal(after, nn.Linear(2, 2).weight.detach().numpy())  # nothing was drawn


def test_a_model_of_pretrained_weights_is_saved_as_any(tmp_path: Path) -> None:
    nc.save(nc.create("lenet5", pretrained=TEN), tmp_path / "again.safetensors")
    assert_same(nc.load(tmp_path / "again.safetensors"), state(TEN))


def test_other_classes_are_told_by_name(source: Any) -> None:
    with pytest.raises(StateDictError) as error:
        nc.create("lenet5", num_classes=3, pretrained=source)
    assert error.value.mismatched == tuple(HEAD)
    assert (error.value.missing, error.value.unexpected) == ((), ())
    for words in ("classifier.5.weight has shape (10, 84), expected (3, 84)", "new_head=True leaves the head out"):
        assert words in str(error.value)


def test_a_new_head_is_drawn_and_named(source: Any) -> None:
    with pytest.warns(UserWarning, match=r"classifier\.5\.weight, classifier\.5\.bias begin with random values"):
        model = nc.create("lenet5", num_classes=3, pretrained=source, new_head=True, seed=5)
    fresh = nc.create("lenet5", num_classes=3, seed=5)
    assert_same(model, {**state(TEN), **{name: state(fresh)[name] for name in HEAD}})
    with pytest.warns(UserWarning, match="random"):
        again = nc.create("lenet5", pretrained=source, new_head=True)
    assert_same(again, state(TEN), but=HEAD)


def test_what_is_missing_or_too_much_is_told(tmp_path: Path) -> None:
    weights = state(TEN)
    del weights["features.0.bias"]
    path = tmp_path / "a.pth"
    path.write_bytes(saved({**weights, "features.9.bias": np.zeros(3, np.float32)}))
    with pytest.raises(
        StateDictError, match=r"a\.pth: .*missing: features\.0\.bias; unexpected: features\.9\.bias"
    ) as e:
        nc.create("lenet5", pretrained=path)
    assert e.value.missing == ("features.0.bias",) and e.value.unexpected == ("features.9.bias",)
    assert "new_head" not in str(e.value)
    with (
        pytest.warns(UserWarning, match="taken off"),
        pytest.raises(StateDictError, match=r"features\.0\.weight has shape"),
    ):
        path.write_bytes(saved({f"module.{name}": value for name, value in state(TEN).items()}))
        nc.create("lenet5", in_channels=3, pretrained=path, new_head=True)


def test_a_new_head_needs_weights_for_the_rest() -> None:
    with pytest.raises(InvalidValueError, match="new_head=True says what is not taken of pretrained"):
        nc.create("lenet5", new_head=True)
    with pytest.raises(InvalidValueError, match="pretrained weights are a file, a Module or a mapping.*got int"):
        nc.create("lenet5", pretrained=3)
    with pytest.raises(FileNotFoundError):
        nc.create("lenet5", pretrained="nowhere.pth")


def test_files_from_before_batches_were_counted(tmp_path: Path) -> None:
    theirs = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 4))
    weights = {name: value for name, value in state(theirs).items() if "num_batches" not in name}
    (tmp_path / "old.pth").write_bytes(saved(weights))
    ours = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 4))
    assert load_pretrained(ours, tmp_path / "old.pth") == ([], [])
    assert_same(ours, {**state(theirs), "1.num_batches_tracked": np.array(0)})


def test_runs_begin_with_files_of_pytorch(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(saved(state(TEN)))
    config = RunConfig.of(
        {"model": {"name": "lenet5"}, "data": {"source": "digits"}, "transfer": {"pretrained": str(tmp_path / "a.pth")}}
    )
    model = nc.create("lenet5", seed=0)
    load_weights(config, model)
    assert_same(model, state(TEN))


def test_load_says_who_reads_a_file_of_pytorch(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(saved(state(TEN)))
    for path in (tmp_path / "a.pth", Path(__file__).parent / "files" / "tensors_old.pth"):
        with pytest.raises(FileFormatError, match=r"looks like PyTorch's, whose weights nncore\.load_weights reads"):
            nc.load(path)
