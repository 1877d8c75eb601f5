"""safetensors files of other programs: half precision, small integers, weights in several files, and damage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nncore as nc
from nncore import nn
from nncore.errors import FileFormatError, InvalidValueError, NNCoreError

BF16 = np.array([0x3F80, 0xC020, 0x7F80, 0x0001], np.uint16)  # 1, -2.5, infinity, the smallest
TENSORS: dict[str, tuple[str, np.ndarray, np.ndarray]] = {
    "half": ("F16", np.arange(6, dtype=np.float16).reshape(2, 3) / 8, np.arange(6, dtype=np.float32).reshape(2, 3) / 8),
    "brain": ("BF16", BF16, np.array([1.0, -2.5, np.inf, 2.0**-133], np.float32)),
    "single": ("F32", np.array(1.5, np.float32), np.array(1.5, np.float32)),
    "double": ("F64", np.array([1 / 3]), np.array([1 / 3])),
    "short": ("I16", np.array([-300, 300], np.int16), np.array([-300, 300], np.int32)),
    "small": ("I8", np.array([-128, 127], np.int8), np.array([-128, 127], np.int32)),
    "long": ("I64", np.array([2**62]), np.array([2**62])),
    "unsigned": ("U32", np.array([2**32 - 1], np.uint32), np.array([2**32 - 1])),
    "bool": ("BOOL", np.array([True, False]), np.array([True, False])),
    "empty": ("F16", np.zeros((0, 3), np.float16), np.zeros((0, 3), np.float32)),
}


def parts(tensors: dict[str, tuple[str, np.ndarray, Any]]) -> tuple[dict[str, Any], bytes]:
    entries: dict[str, Any] = {}
    data = b""
    for name, (dtype, array, _) in tensors.items():
        entries[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + array.nbytes],
        }
        data += array.tobytes()
    return entries, data


def whole(entries: dict[str, Any] | str, data: bytes, pad: int = 0) -> bytes:
    text = (entries if isinstance(entries, str) else json.dumps(entries)).encode()
    text += b" " * max(0, pad - len(text))
    return len(text).to_bytes(8, "little") + text + data


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("pad", [0, 0x0280, 0x037B])  # lengths that begin like a pickle, and with a brace
def test_elements_become_what_holds_their_values(tmp_path: Path, pad: int) -> None:
    tensors = dict(list(TENSORS.items())[:4]) if pad == 0x0280 else TENSORS
    entries, data = parts(tensors)
    path = write(tmp_path / "a", whole({"__metadata__": {"format": "pt"}, **entries}, data, pad))
    if pad:
        assert path.read_bytes()[:2] == pad.to_bytes(2, "little")
    for read in (nc.load_weights, nc.load):
        found = read(path)
        for name, (_, _, want) in tensors.items():
            got = found[name].numpy()
            assert got.dtype == want.dtype and got.shape == want.shape
            np.testing.assert_array_equal(got, want, name)


def test_a_module_of_any_dtype_takes_half_precision(tmp_path: Path) -> None:
    entries, data = parts({"weight": TENSORS["half"], "bias": ("BF16", BF16[:2], BF16)})
    path = write(tmp_path / "a.safetensors", whole(entries, data))
    for dtype in ("float32", "float64"):
        layer = nn.Linear(3, 2).to(dtype)
        layer.load_state_dict(nc.load_weights(path))
        assert layer.weight.dtype.name == dtype
        np.testing.assert_array_equal(layer.weight.detach().numpy(), TENSORS["half"][2])
        np.testing.assert_array_equal(layer.bias.detach().numpy(), [1.0, -2.5])


def test_what_a_transform_learned_is_no_weight(tmp_path: Path) -> None:
    scale = nc.preprocess.Standardize().fit(np.arange(6.0).reshape(3, 2))
    model = nn.Linear(2, 2)
    nc.save(model, tmp_path / "a.safetensors", preprocess=scale)
    assert set(nc.load_weights(tmp_path / "a.safetensors")) == {"weight", "bias"}


def test_weights_in_several_files(tmp_path: Path) -> None:
    for number, names in enumerate((["half", "single"], ["brain", "long"])):
        entries, data = parts({name: TENSORS[name] for name in names})
        write(tmp_path / f"part-{number}.safetensors", whole(entries, data))
    places = {"half": 0, "brain": 1, "single": 0}
    index = {"metadata": {}, "weight_map": {name: f"part-{number}.safetensors" for name, number in places.items()}}
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(json.dumps(index, indent=2))
    for given_path in (path, tmp_path):
        found = nc.load_weights(given_path)
        assert list(found) == list(places)  # as the index says: `long` is not in it
        for name in places:
            np.testing.assert_array_equal(found[name].numpy(), TENSORS[name][2])
    path.write_text(json.dumps({"weight_map": {"half": "part-1.safetensors"}}))
    with pytest.raises(FileFormatError, match=r"part-1\.safetensors holds no half, which the index says it does"):
        nc.load_weights(path)
    path.write_text(json.dumps({"weight_map": {"half": "part-9.safetensors"}}))
    with pytest.raises(FileNotFoundError, match="part-9"):
        nc.load_weights(path)


@pytest.mark.parametrize("place", ["../secret", "sub/part", "..", "", "C:part", "a\\b", "a\0b", "/etc/passwd"])
def test_an_index_names_files_beside_it_alone(tmp_path: Path, place: str) -> None:
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(json.dumps({"weight_map": {"x": place}}))
    with pytest.raises(FileFormatError, match="is no file beside it"):
        nc.load_weights(path)


def test_an_index_leads_to_no_other_index(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(json.dumps({"weight_map": {"x": path.name}}))
    with pytest.raises(FileFormatError, match="no safetensors file"):
        nc.load_weights(path)


@pytest.mark.parametrize("text", ['{"weight_map": 3}', '{"weight_map": {"x": 3}}', "{}", "{no JSON", '{"a":' * 100_000])
def test_indices_that_are_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(text)
    with pytest.raises(FileFormatError, match="index"):
        nc.load_weights(path)


def test_a_folder_without_weights(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match=r"holds none of .*pytorch_model\.bin"):
        nc.load_weights(tmp_path)


def test_a_key_is_of_torchs_files_alone(tmp_path: Path) -> None:
    nc.save({"x": nc.ones(2)}, tmp_path / "a.safetensors")
    with pytest.raises(InvalidValueError, match="key='model' names a dict in a file of torch.save, and this is none"):
        nc.load_weights(tmp_path / "a.safetensors", key="model")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"half": {"dtype": "F8_E4M3", "shape": [12], "data_offsets": [0, 12]}},
            "dtype F8_E4M3, which there is none of",
        ),
        ({"half": {"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 12]}}, "in bytes of its shape"),
        ({"half": {"dtype": "F16", "shape": [-2, -3], "data_offsets": [0, 12]}}, "no shape of integers"),
        ({"half": {"dtype": "F16", "shape": "2", "data_offsets": [0, 12]}}, "no shape of integers"),
        ({"half": {"dtype": "F16", "shape": [6], "data_offsets": [12, 0]}}, "ends before it begins"),
        ({"half": {"dtype": "F16", "shape": [6], "data_offsets": [0.0, 12]}}, "no two data_offsets"),
        ({"half": {"dtype": "F16", "shape": [6]}}, "no two data_offsets"),
        ({"brain": {"dtype": "BF16", "shape": [4], "data_offsets": [4, 12]}}, "does not lie behind"),
        ({"more": {"dtype": "F16", "shape": [4], "data_offsets": [20, 28]}}, "cut off"),
        ({"__metadata__": {"a": 3}}, "mapping of texts"),
        ({"brain": None}, "more in the file than its header tells"),
    ],
)
def test_damage_is_told(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    entries, data = parts({name: TENSORS[name] for name in ("half", "brain")})
    changed = {name: value for name, value in {**entries, **change}.items() if value is not None}
    with pytest.raises(FileFormatError, match=words):
        nc.load_weights(write(tmp_path / "a", whole(changed, data)))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damaged_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    good = whole(*parts(TENSORS))
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(good) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = data.draw(st.one_of(st.just(len(good)), st.integers(0, len(good))))
    path = write(tmp_path_factory.getbasetemp() / "damaged", bytes(changed[:cut]))
    try:
        found = nc.load_weights(path)
    except NNCoreError:
        return
    assert all(isinstance(value, nc.Tensor) for value in found.values())
