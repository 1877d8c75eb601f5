"""Saving and loading: models come back as they were, files never run code, and the format stays what it is."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import FileFormatError, InvalidValueError, UnknownComponentError
from nncore.io import FORMAT_VERSION

GOLDEN = Path(__file__).parent / "golden"
sys.path.insert(0, str(GOLDEN))
from make import model as golden_model  # noqa: E402


def header(path: Path) -> dict[str, Any]:
    """The header of a safetensors file, read as the format's description says."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length])


def rewrite(path: Path, **metadata: str | None) -> None:
    """Change the metadata of a file."""
    tensors, old = nc.load_file(path)
    nc.save_file(path, tensors, {k: v for k, v in {**old, **metadata}.items() if v is not None})


def values(module: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in module.state_dict().items()}


def assert_same(ours: nn.Module, theirs: nn.Module) -> None:
    assert repr(ours) == repr(theirs)
    a, b = values(ours), values(theirs)
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], name)
        assert a[name].dtype == b[name].dtype


@pytest.fixture(autouse=True)
def no_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    ours = golden_model()
    nc.save(ours, path)
    theirs = nc.load(path)
    assert_same(ours, theirs)
    assert theirs[3]["in"] is theirs[3]["again"]
    assert [m.training for m in theirs.modules()] == [m.training for m in ours.modules()]
    assert [m.frozen for m in theirs.modules()] == [m.frozen for m in ours.modules()]
    assert [p.requires_grad for p in theirs.parameters()] == [p.requires_grad for p in ours.parameters()]
    assert theirs[1].eps == 0.125 and not theirs[1].training and theirs[0].training
    x = nc.tensor(np.random.default_rng(0).standard_normal((2, 2, 1, 2)).astype(np.float32))
    np.testing.assert_array_equal(ours.eval()(x).detach().numpy(), theirs.eval()(x).detach().numpy())


def test_the_architecture_by_name_and_the_seed_of_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mlp.safetensors"
    ours = nc.create("mlp", sizes=[4, 3, 2], seed=1)
    nc.save(ours, path)
    nc.manual_seed(0)
    expected = nn.Linear(2, 2)
    nc.manual_seed(0)
    theirs = nc.load(path)  # draws nothing
    after = nn.Linear(2, 2)
    assert_same(ours, theirs)
    np.testing.assert_array_equal(after.weight.detach().numpy(), expected.weight.detach().numpy())
    assert json.loads(header(path)["__metadata__"]["model"])["spec"]["name"] == "architecture:nncore/mlp"
    assert "nncore" in json.loads(header(path)["__metadata__"]["providers"])


def test_the_dtype_comes_back(tmp_path: Path) -> None:
    ours = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).to("float64")
    ours.load_state_dict({"0.bias": np.array([1 / 3, 2 / 3])}, strict=False)
    nc.save(ours, tmp_path / "x.safetensors")
    assert_same(ours, nc.load(tmp_path / "x.safetensors"))


def test_the_weights_lie_in_the_file_row_major_under_their_names(tmp_path: Path) -> None:
    path = tmp_path / "conv.safetensors"
    layer = nn.Conv2d(2, 3, 2)
    nc.save(layer, path)
    info, data = header(path), path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    for name, tensor in layer.state_dict().items():
        begin, end = info[name]["data_offsets"]
        assert info[name]["shape"] == list(tensor.shape) and info[name]["dtype"] == "F32"
        stored = np.frombuffer(data[start + begin : start + end], dtype="<f4").reshape(tensor.shape)
        np.testing.assert_array_equal(stored, tensor.numpy())


def test_state_dicts_and_files_of_others_are_read_as_tensors(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    nc.save({"a": np.arange(3), "b": nc.ones((2, 2))}, path)
    state = nc.load(path)
    assert sorted(state) == ["a", "b"] and state["a"].tolist() == [0, 1, 2]
    nc.save_file(path, {"c": nc.zeros((1,))}, {"format": "pt"})
    assert list(nc.load(path)) == ["c"]


class Stranger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter((2,))


def changed_child() -> nn.Module:
    model = nc.create("lenet5")
    model.classifier = nn.Sequential(nn.Flatten(), nn.Linear(400, 3))
    return model


def changed_function() -> nn.Module:
    model = nc.create("mlp", sizes=[2, 2, 2])
    model.act = nn.Tanh()
    return model


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (Stranger, "Stranger is not registered"),
        (lambda: nn.Sequential(nn.Linear(1, 1), Stranger()), "Stranger is not registered"),
        (lambda: nn.Linear(2, 2, act=lambda x: x), "not a registered activation"),
        (changed_child, "changed by hand"),
        (changed_function, "constructor makes ReLU at 'act', and there is Tanh"),
    ],
)
def test_what_cannot_be_rebuilt_is_saved_as_weights_and_said_so(make: Any, reason: str, tmp_path: Path) -> None:
    path, ours = tmp_path / "x.safetensors", make()
    with pytest.warns(UserWarning, match=f"weights only.*{reason}"):
        nc.save(ours, path)
    state = nc.load(path)
    assert isinstance(state, dict)
    ours.load_state_dict(state)


def test_a_later_version_a_missing_component_and_damage_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    nc.save(nn.Linear(2, 2), path)
    rewrite(path, version=str(FORMAT_VERSION + 1))
    with pytest.raises(FileFormatError, match="reads versions up to"):
        nc.load(path)
    spec = {"spec": {"name": "architecture:a-stranger/vgg99", "config": {}}}
    rewrite(path, version=str(FORMAT_VERSION), model=json.dumps(spec))
    with pytest.raises(UnknownComponentError, match="a-stranger"):
        nc.load(path)
    for damage in ("{", "[]", '{"spec": 3}', '{"spec": {"name": "layer:nncore/linear", "config": {"size": 1}}}'):
        rewrite(path, model=damage)
        with pytest.raises(FileFormatError):
            nc.load(path)
    with pytest.raises(FileFormatError):
        path.write_bytes(path.read_bytes()[:50])
        nc.load(path)
    with pytest.raises(FileNotFoundError):
        nc.load(tmp_path / "none")


@pytest.mark.parametrize(
    "name", ["os:system", "layer:os/system", "builtins.exec", "nncore.builtin.layers.linear:Linear"]
)
def test_a_name_that_is_not_registered_is_never_imported(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    nc.save(nn.Linear(2, 2), path)
    rewrite(path, model=json.dumps({"spec": {"name": name, "config": {}}}))
    with pytest.raises((FileFormatError, UnknownComponentError)):
        nc.load(path)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    nc.save({"a": nc.ones((2,))}, path)
    before = path.read_bytes()
    with pytest.raises(InvalidValueError, match="got a str for 'b'"):
        nc.save({"a": nc.zeros((2,)), "b": "text"}, path)
    with pytest.raises(InvalidValueError, match="a Module or a mapping from names to tensors, got int"):
        nc.save(3, path)
    with pytest.raises(InvalidValueError, match="of an optimizer, which holds settings too; Trainer.save keeps"):
        nc.save(nc.optim.SGD([nc.nn.Parameter((2,), init="ones")], lr=0.1).state_dict(), path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_files_of_every_version_are_read(version: int) -> None:
    theirs = nc.load(GOLDEN / f"model-v{version}.safetensors")
    ours = golden_model()
    assert_same(ours, theirs)
    assert [m.training for m in theirs.modules()] == [m.training for m in ours.modules()]
    assert [p.requires_grad for p in theirs.parameters()] == [p.requires_grad for p in ours.parameters()]


def assert_within(old: Any, new: Any) -> None:
    if isinstance(old, dict):
        assert old.keys() <= new.keys()
        for name, value in old.items():
            assert_within(value, new[name])
    elif isinstance(old, list):
        assert len(old) == len(new)
        for value, other in zip(old, new, strict=True):
            assert_within(value, other)
    else:
        assert old == new


def test_the_format_is_what_the_golden_file_pins(tmp_path: Path) -> None:
    path, golden = tmp_path / "x.safetensors", GOLDEN / f"model-v{FORMAT_VERSION}.safetensors"
    nc.save(golden_model(), path)
    ours, theirs = header(path), header(golden)
    for each in (ours, theirs):
        metadata = each["__metadata__"]
        assert metadata.pop("written_by").startswith("nncore ")
        assert set(json.loads(metadata.pop("providers"))) == {"nncore"}
        each["model"] = json.loads(metadata.pop("model"))
    # A component may gain settings, which old files do not have; what they have stays what it was.
    assert_within(theirs.pop("model"), ours.pop("model"))
    assert ours == theirs
    # All bytes of the tensors are the same too.
    data = [file.read_bytes()[8 + int.from_bytes(file.read_bytes()[:8], "little") :] for file in (path, golden)]
    assert data[0] == data[1]
