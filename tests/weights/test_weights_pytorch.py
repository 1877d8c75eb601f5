"""Files of `torch.save`: what is in them comes out, whatever its elements, strides and places. make_pth.py wrote them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pickles import archive, named, number, numbers, old, state, storage, tensor, text

import nncore as nc
from nncore import nn
from nncore.errors import FileFormatError, InvalidValueError, StateDictError, UnsafeFileError

FILES = Path(__file__).parent / "files"
BASE = np.arange(48, dtype=np.float32).reshape(6, 8)
WANT = {
    "float32": BASE,
    "float64": np.arange(6) / 3,
    "float16": (np.arange(-4, 4) / 16).astype(np.float32),
    "bfloat16": np.array([1.0, -2.5, np.inf, np.nan, -0.0, 2.0**-130], np.float32),
    "int64": np.array([-(2**62), 5]),
    "int32": np.array([-7, 7], np.int32),
    "int16": np.array([-300, 300], np.int32),
    "int8": np.array([-128, 127], np.int32),
    "uint8": np.array([0, 255], np.uint8),
    "uint16": np.array([1, 65535], np.int32),
    "uint32": np.array([1, 2**32 - 1]),
    "bool": np.array([True, False, True]),
    "strided": BASE[1:5:2, ::3],
    "transposed": BASE.T,
    "tied": BASE,
    "expanded": np.ones((4, 5), np.float32),
    "channels_last": np.arange(120, dtype=np.float32).reshape(2, 3, 4, 5),
    "scalar": np.float32(3.5),
    "empty": np.zeros((0, 3), np.float32),
    "parameter": np.full((2, 2), 0.25, np.float32),
    "buffer": np.ones(2, np.float32),
    "tagged": np.ones(2, np.float32),
}
NET = {
    "0.weight": np.arange(6, dtype=np.float32).reshape(3, 2),
    "0.bias": np.arange(3, dtype=np.float32) + 10,
    "1.weight": np.arange(3, dtype=np.float32) + 20,
    "1.bias": np.arange(3, dtype=np.float32) + 30,
}


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def assert_net(found: dict[str, nc.Tensor], factor: float = 1.0) -> None:
    assert list(found) == [*NET, "1.running_mean", "1.running_var", "1.num_batches_tracked"]
    for name, value in NET.items():
        np.testing.assert_array_equal(found[name].numpy(), factor * value)
    assert found["1.num_batches_tracked"].item() == factor


@pytest.mark.parametrize("name", ["tensors", "tensors_old", "tensors_protocol4"])
def test_every_element_and_view(name: str) -> None:
    found = nc.load_weights(FILES / f"{name}.pth")
    assert list(found) == list(WANT)
    for name, want in WANT.items():
        got = found[name].numpy()
        assert got.dtype == want.dtype and got.shape == want.shape, name
        np.testing.assert_array_equal(got, want, name)
        np.testing.assert_array_equal(np.signbit(got), np.signbit(want), name)
    assert found["tied"] is found["float32"] and found["strided"] is not found["float32"]
    assert not any(value.requires_grad for value in found.values())


@pytest.mark.parametrize("name", ["checkpoint", "checkpoint_old"])
def test_the_state_dict_of_a_checkpoint(name: str) -> None:
    path = FILES / f"{name}.pth"
    assert_net(nc.load_weights(path))
    assert_net(nc.load_weights(path, key="model"))
    assert_net(nc.load_weights(path, key="ema.shadow"), 2.0)
    with pytest.raises(InvalidValueError, match=r"nothing under key='modle'.*'epoch' \(int\), 'model' \(7 tensors\)"):
        nc.load_weights(path, key="modle")
    with pytest.raises(InvalidValueError, match="no tensors under key='args'"):
        nc.load_weights(path, key="args")


def test_a_module_takes_them() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    model.load_state_dict(nc.load_weights(FILES / "checkpoint.pth"))
    assert_net(model.state_dict())
    half = nn.Linear(2, 3).to("float64")
    half.load_state_dict(
        {"weight": nc.load_weights(FILES / "tensors.pth")["float16"][:6].reshape(3, 2), "bias": np.ones(3)}
    )
    assert half.weight.dtype.name == "float64" and half.weight[0, 0].item() == -0.25


def test_the_wrapper_for_several_devices_is_taken_off() -> None:
    path = FILES / "parallel.pth"
    with pytest.warns(UserWarning, match="'module.'.*taken off"):
        assert_net(nc.load_weights(path))
    assert_net(nc.load_weights(path, prefix="module."))
    assert all(name.startswith("module.") for name in nc.load_weights(path, prefix=""))
    assert list(nc.load_weights(path, prefix="module.0.")) == ["weight", "bias"]
    with pytest.raises(InvalidValueError, match=r"no name begins with prefix='net\.'; there are module\.0\.weight"):
        nc.load_weights(path, prefix="net.")


def test_weights_in_several_files() -> None:
    assert_net(nc.load_weights(FILES / "parts" / "pytorch_model.bin.index.json"))
    assert_net(nc.load_weights(FILES / "parts"))


def test_a_whole_model_is_refused_by_its_name() -> None:
    with pytest.raises(
        UnsafeFileError, match=r"names torch\.nn\.modules\.container\.Sequential.*model\.state_dict\(\)"
    ):
        nc.load_weights(FILES / "whole.pth")


def test_elements_that_there_are_none_of() -> None:
    with pytest.raises(FileFormatError, match=r"complex\.pth: tensor 'z' has elements of complex64"):
        nc.load_weights(FILES / "complex.pth")


@given(
    size=st.lists(st.integers(0, 4), max_size=4),
    stride=st.lists(st.integers(-1, 7), max_size=4),
    offset=st.integers(-1, 30),
)
def test_views_are_numpys_or_refused(
    tmp_path_factory: pytest.TempPathFactory, size: list[int], stride: list[int], offset: int
) -> None:
    data = np.arange(24, dtype=np.float32)
    code = state(x=tensor(tuple(size), tuple(stride), offset, storage(count=24)))
    path = write(tmp_path_factory.mktemp("view") / "a.pth", archive(code, {"0": data.tobytes()}))
    inside = len(size) == len(stride) and min([offset, *stride, 0]) >= 0
    places = [
        offset + sum(i * s for i, s in zip(index, stride, strict=True))
        for index in (np.ndindex(*size) if inside else ())
    ]
    if inside and all(place < 24 for place in places):
        np.testing.assert_array_equal(nc.load_weights(path)["x"].numpy(), data[places].reshape(size))
    else:
        with pytest.raises(FileFormatError):
            nc.load_weights(path)


def test_the_other_order_of_bytes(tmp_path: Path) -> None:
    data = {"0": np.arange(6, dtype=">f4").tobytes()}
    path = write(tmp_path / "a.pth", archive(state(x=tensor()), data, byteorder=b"big"))
    np.testing.assert_array_equal(nc.load_weights(path)["x"].numpy(), np.arange(6).reshape(2, 3))
    for order in (b"middle", b"\xff"):
        with pytest.raises(FileFormatError):
            nc.load_weights(write(path, archive(state(x=tensor()), data, byteorder=order)))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (state(x=tensor(block=storage(count=5))), "goes beyond its storage of 5 float32"),
        (state(x=tensor((2,), (1, 1))), "as many strides as sizes"),
        (state(x=tensor(offset=-1)), "nothing negative"),
        (state(x=tensor(block=storage(key="7"))), "no entry 'data/7'|storages is damaged"),
        (state(x=tensor(block=number(3))), "a tensor of int"),
        (state(x=tensor(block=storage() + b"0" + storage(count=7))), "storage '0' in two ways"),
        (state(x=tensor(block=storage(kind="torch.float32"))), r"a storage of torch\.float32"),
        (state(x=tensor(block=storage(count=-1))), "without its number"),
        (state(x=text("no tensor")), "no dict of tensors, but a dict of 'x'"),
        (b"\x80\x02" + tensor() + b".", "one tensor without a name"),
        (b"\x80\x02](" + tensor() + b"e.", "but a list"),
        (b"\x80\x02}.", "an empty dict"),
        (state(a=b"}(" + text("x") + tensor() + b"u", b=b"}(" + text("x") + tensor() + b"u"), r"key='a' \(1 tensors\)"),
        (
            state(x=named("torch._utils._rebuild_tensor_v2") + b"(" + storage() + number(0) + numbers((6,)) + numbers((1,))
                  + b"\x89}}" + text("conj") + b"\x88stR"),
            "conj",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, code: bytes, words: str) -> None:
    block = {"0": np.arange(6, dtype=np.float32).tobytes()} if b"Storage" in code else {}
    for made in (archive, old):
        with pytest.raises((FileFormatError, StateDictError), match=words):
            nc.load_weights(write(tmp_path / "a.pth", made(code, block)))


def test_several_dicts_of_tensors(tmp_path: Path) -> None:
    one = b"}(" + text("x") + tensor() + b"u"
    block = {"0": np.arange(6, dtype=np.float32).tobytes()}
    path = write(tmp_path / "a.pth", archive(state(first=one, second=one), block))
    with pytest.raises(StateDictError, match="none has a usual name; say which: key='first'"):
        nc.load_weights(path)
    assert list(nc.load_weights(path, key="second")) == ["x"]


@pytest.mark.parametrize(
    ("entries", "names"),
    [
        ({"ema": "ab", "net": "cd", "rng": ""}, "cd"),  # a usual name
        ({"net": "ab", "weights": "ef", "state_dict": "cd"}, "cd"),  # the surest of them
        ({"mine": "ab", "rng": ""}, "ab"),  # more than what stands beside it
        ({"u": "", "v": "", "extra": "a"}, "uv"),  # less than that
        ({"mine": {"net": "ab"}, "net": "cd"}, "cd"),  # the outer of two
        ({"mine": {"deeper": "ab"}, "epoch": None}, "ab"),
        ({"optimizer": {"state": "abc", "param_groups": None}, "mine": "de"}, "de"),
        ({"state": "ab"}, "ab"),
    ],
)
def test_which_dict_is_the_state_dict(tmp_path: Path, entries: dict[str, object], names: str) -> None:
    def code(value: object) -> bytes:
        if value is None:
            return b"N"
        if value == "":
            return tensor()
        inner = value if isinstance(value, dict) else dict.fromkeys(str(value), "")
        return b"}(" + b"".join(text(name) + code(item) for name, item in inner.items()) + b"u"

    path = write(tmp_path / "a.pth", archive(b"\x80\x02" + code(entries) + b".", {"0": bytes(24)}))
    assert list(nc.load_weights(path)) == list(names)


def test_archives_that_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    block = {"0": np.arange(6, dtype=np.float32).tobytes()}
    good = archive(state(x=tensor()), block)
    at = good.index(block["0"])
    with pytest.raises(FileFormatError, match="'data/0' has another checksum"):
        nc.load_weights(write(path, good[:at] + b"\x01" + good[at + 1 :]))
    with pytest.raises(FileFormatError, match="has 20 bytes; it is cut off"):
        nc.load_weights(write(path, archive(state(x=tensor()), {"0": bytes(20)})))
    with pytest.raises(FileFormatError, match=r"program of torch\.jit"):
        nc.load_weights(write(path, archive(state(), **{"constants.pkl": b""})))
    with pytest.raises(FileFormatError, match="no entry NAME/data.pkl, but 'weights.npy'"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            made.writestr("weights.npy", b"")
        nc.load_weights(write(path, file.getvalue()))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a/data.pkl", state() + bytes(10_000_000))
    with pytest.raises(FileFormatError, match="compressed"):
        nc.load_weights(write(path, file.getvalue()))
    with pytest.raises(FileNotFoundError):
        nc.load_weights(tmp_path / "none.pth")


def test_entries_of_an_archive_lie_apart(tmp_path: Path) -> None:
    data = archive(state(x=tensor(), y=tensor(block=storage(key="1"))), {"0": bytes(24), "1": bytes(24)})
    directory = data.rindex(b"PK\x01\x02")  # of the last entry; 42 bytes on is where it begins
    first = data.rindex(b"PK\x01\x02", 0, directory)
    entry = bytearray(data)
    entry[directory + 42 : directory + 46] = data[first + 42 : first + 46]
    with pytest.raises(FileFormatError, match="'a/data/0' and 'a/data/1' of the archive overlap"):
        nc.load_weights(write(tmp_path / "a.pth", bytes(entry)))


def test_a_small_file_makes_no_large_tensors(tmp_path: Path) -> None:
    block = {"0": np.ones(6, np.float32).tobytes()}
    path = write(tmp_path / "a.pth", archive(state(x=tensor((1 << 20, 1 << 20), (0, 0))), block))
    with pytest.raises(FileFormatError, match="repeat elements until they take"):
        nc.load_weights(path)


def test_offsets_of_an_archive_that_lead_nowhere(tmp_path: Path) -> None:
    data = archive(state(x=tensor()), {"0": bytes(24)})
    ends = data.rindex(b"PK\x05\x06")
    for at in range(data.index(b"PK\x01\x02"), len(data)):
        for byte in (0x00, 0x7F, 0xFF):
            changed = data[:at] + bytes([byte]) + data[at + 1 :]
            try:
                nc.load_weights(write(tmp_path / "a.pth", changed))
            except FileFormatError:
                continue
    for at in (12, 16):  # the length of the list of entries, and where it begins
        changed = data[: ends + at] + b"\xfe\xff\xff\xff" + data[ends + at + 4 :]
        with pytest.raises(FileFormatError):
            nc.load_weights(write(tmp_path / "a.pth", changed))
    entry = data.index(b"PK\x01\x02") + 42
    with pytest.raises(FileFormatError, match="do not lie in the file"):
        nc.load_weights(write(tmp_path / "a.pth", data[:entry] + b"\xfe\xff\xff\x7f" + data[entry + 4 :]))


@pytest.mark.parametrize("name", ["tensors", "tensors_old"])
def test_every_cut_is_refused(tmp_path: Path, name: str) -> None:
    data = (FILES / f"{name}.pth").read_bytes()
    for cut in [*range(64), *range(64, len(data), 97), *range(len(data) - 40, len(data))]:
        with pytest.raises(FileFormatError):
            nc.load_weights(write(tmp_path / "a.pth", data[:cut]))
