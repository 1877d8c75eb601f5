"""safetensors files: what is written can be read by others, and what is damaged is refused."""

from __future__ import annotations

import errno
import json
import os
import resource
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore import _core as nc
from nncore.errors import FileFormatError

DTYPES = {"bool": "BOOL", "uint8": "U8", "int32": "I32", "int64": "I64", "float32": "F32", "float64": "F64"}


def parse(path: Path) -> tuple[dict[str, object], bytes]:
    """The format as its specification tells it: length, JSON header, bytes."""
    raw = path.read_bytes()
    (n,) = struct.unpack("<Q", raw[:8])
    return json.loads(raw[8 : 8 + n]), raw[8 + n :]


def test_the_file_is_what_the_format_says(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    tensors = {name: nc.tensor(np.arange(6).reshape(2, 3).astype(name)) for name in DTYPES}
    nc.save_file(path, tensors, {"b": "2", "a": 'quote " and \n line'})
    header, body = parse(path)
    assert header.pop("__metadata__") == {"a": 'quote " and \n line', "b": "2"}
    assert set(header) == set(DTYPES)
    for name, entry in header.items():
        assert entry["dtype"] == DTYPES[name] and entry["shape"] == [2, 3]
        start, end = entry["data_offsets"]
        assert start % np.dtype(name).itemsize == 0
        want = np.arange(6).reshape(2, 3).astype(name)
        np.testing.assert_array_equal(np.frombuffer(body[start:end], name).reshape(2, 3), want)
    loaded, metadata = nc.load_file(path)
    assert metadata == {"a": 'quote " and \n line', "b": "2"}
    for name, t in loaded.items():
        assert t.dtype.name == name
        np.testing.assert_array_equal(t.numpy(), np.arange(6).reshape(2, 3).astype(name))


def test_other_writers_and_readers(tmp_path: Path) -> None:
    theirs = pytest.importorskip("safetensors.numpy")
    path = tmp_path / "a.safetensors"
    theirs.save_file({"x": np.eye(3, dtype=np.float32)}, path, {"k": "v"})
    loaded, metadata = nc.load_file(path)
    np.testing.assert_array_equal(loaded["x"].numpy(), np.eye(3))
    assert metadata == {"k": "v"}
    nc.save_file(path, {"y": nc.arange(3)})
    np.testing.assert_array_equal(theirs.load_file(path)["y"], [0, 1, 2])


def test_odd_shapes_and_layouts(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    tensors = {
        "": nc.tensor(1.5),
        "empty": nc.zeros(2, 0, 3),
        "ünïcode": nc.arange(6).reshape(2, 3).T,
        "last": nc.arange(24, dtype="float32").reshape(1, 2, 3, 4).contiguous("channels_last"),
        "leaf": nc.ones(2, requires_grad=True),
    }
    nc.save_file(path, tensors)
    loaded, metadata = nc.load_file(str(path))
    assert metadata == {} and set(loaded) == set(tensors)
    for name, t in tensors.items():
        assert loaded[name].is_contiguous()
        np.testing.assert_array_equal(loaded[name].numpy(), t.detach().numpy())
    nc.save_file(path, {})
    assert nc.load_file(path) == ({}, {})
    nc.save_file(path, {}, {"only": "metadata"})
    assert nc.load_file(path)[1] == {"only": "metadata"}


def test_equal_contents_give_equal_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    tensors = {f"t{i}": nc.full((i,), i) for i in range(9)}
    texts = {f"k{i}": str(i) for i in range(9)}
    nc.save_file(one, tensors, texts)
    nc.save_file(two, dict(reversed(tensors.items())), dict(reversed(texts.items())))
    assert one.read_bytes() == two.read_bytes()


@settings(max_examples=60)
@given(cut=st.integers(0, 400), flip=st.tuples(st.integers(0, 120), st.integers(0, 255)))
def test_damaged_files_are_refused_or_read_as_they_say(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flip: tuple[int, int]
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "a"
    nc.save_file(path, {"a": nc.ones(3, 4), "b": nc.arange(5)})
    raw = bytearray(path.read_bytes())
    if cut < len(raw):
        path.write_bytes(raw[:cut])
        with pytest.raises(FileFormatError):
            nc.load_file(path)
    raw[flip[0]] = flip[1]
    path.write_bytes(raw)
    try:
        loaded, _ = nc.load_file(path)
    except FileFormatError:
        return
    assert sum(t.nbytes for t in loaded.values()) == 3 * 4 * 4 + 5 * 8


def test_messages_of_files_that_can_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with pytest.raises(FileNotFoundError):
        nc.load_file(path)
    path.write_bytes(b"")
    with pytest.raises(FileFormatError, match="cut off"):
        nc.load_file(path)
    path.write_bytes(b"PK\x03\x04 this is something else")
    with pytest.raises(FileFormatError, match="no safetensors file"):
        nc.load_file(path)
    header = b'{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}'
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\0\0")
    with pytest.raises(FileFormatError, match="F16"):
        nc.load_file(path)
    with pytest.raises(ValueError):
        nc.load_file(path)


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    nc.save_file(path, {"a": nc.ones(3)})
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError) as caught:
            nc.save_file(path, {"a": nc.ones(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a"]
    with pytest.raises(FileNotFoundError):
        nc.save_file(tmp_path / "nowhere" / "a", {})


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    nc.save_file(path, {"a": nc.ones(3)})
    before = path.read_bytes()
    with path.open("rb") as opened_before:
        nc.save_file(path, {"a": nc.zeros(30)})
        assert opened_before.read() == before
    assert nc.load_file(path)[0]["a"].shape == (30,)
    assert os.listdir(tmp_path) == ["a"]


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    nc.save_file(real, {"a": nc.ones(3)})
    real.chmod(0o600)
    link.symlink_to(real)
    nc.save_file(link, {"b": nc.ones(3)})
    assert link.is_symlink() and set(nc.load_file(real)[0]) == {"b"}
    assert real.stat().st_mode & 0o777 == 0o600


def test_only_tensors_and_text(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Tensor expected"):
        nc.save_file(tmp_path / "a", {"x": np.ones(3)})
    with pytest.raises(TypeError):
        nc.save_file(tmp_path / "a", {}, {"x": 1})
    with pytest.raises(TypeError):
        nc.save_file(tmp_path / "a", {1: nc.ones(1)})
    assert os.listdir(tmp_path) == []
