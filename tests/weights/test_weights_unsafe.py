"""Files that ask for code to be run: none is, whatever they try, and whatever is damaged."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pickles import archive, named, number, old, state, storage, tensor, text

import nncore as nc
from nncore.errors import FileFormatError, NNCoreError, UnsafeFileError

FILES = Path(__file__).parent / "files"
ACTS = ("os.", "subprocess.", "exec", "compile", "import", "pickle.find_class", "socket.", "shutil.", "ctypes.")
# What pickletools says of texts whose escapes are none.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")
seen: list[str] | None = None


def _watch(event: str, args: tuple[Any, ...]) -> None:
    # Python itself imports the tables of texts' encodings when one is met for the first time.
    if seen is not None and event.startswith(ACTS) and "encodings" not in str(args):
        seen.append(f"{event}{args}")


sys.addaudithook(_watch)


def load(path: Path) -> Any:
    """Read a file, and hold that the interpreter was asked for nothing but to read it."""
    global seen
    nc.load_weights(FILES / "tensors.pth")  # so that all that is imported late has been
    seen = []
    try:
        return nc.load_weights(path)
    finally:
        found, seen = seen, None
        assert not found, found


class Canary:
    """What a pickle of this makes when it is read as pickles are."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


SYSTEM = named("posix.system")
TOUCH = "touch {}"


def attacks(path: Path) -> dict[str, bytes]:
    """Pickles that would run a command, or come near to it, by every instruction that can."""
    touch = text(TOUCH.format(path))
    line = TOUCH.format(path).encode()
    call = SYSTEM + touch + b"\x85R"
    return {
        **{f"reduce {protocol}": pickle.dumps({"x": Canary(path)}, protocol) for protocol in (2, 3, 4, 5)},
        "global": b"\x80\x02" + call + b".",
        "global that is not called": state(x=SYSTEM),
        "stack global": b"\x80\x04\x8c\x05posix\x8c\x06system\x93" + touch + b"\x85R.",
        "stack global with dots": b"\x80\x04\x8c\x0btorch.utils\x8c\x0e_python_dispat\x93.",
        "eval": b"\x80\x02" + named("builtins.eval") + text("1") + b"\x85R.",
        "getattr": b"\x80\x02" + named("builtins.getattr") + text("x") + text("upper") + b"\x86R.",
        "import": b"\x80\x02" + named("builtins.__import__") + text("os") + b"\x85R.",
        "inside torch": b"\x80\x02" + named("torch.load") + text("x") + b"\x85R.",
        "inside torch's tables": b"\x80\x02" + named("torch._utils._import_dotted_name") + text("os") + b"\x85R.",
        "nested pickle": b"\x80\x02" + named("torch.storage._load_from_bytes") + text("x") + b"\x85R.",
        "inst": b"\x80\x02(" + b"S'" + line + b"'\niposix\nsystem\n.",
        "inst of a known name": b"\x80\x02(icollections\nOrderedDict\n.",
        "obj": b"\x80\x02(" + SYSTEM + touch + b"o.",
        "obj of a known name": b"\x80\x02(" + named("collections.OrderedDict") + b"o.",
        "newobj": b"\x80\x02" + SYSTEM + touch + b"\x85\x81.",
        "newobj of a known name": b"\x80\x02" + named("torch.Tensor") + b")\x81.",
        "newobj with keywords": b"\x80\x04" + named("collections.OrderedDict") + b")}\x92.",
        "a type that is called": b"\x80\x02" + named("torch.Tensor") + b")R.",
        "a storage that is called": b"\x80\x02" + named("torch.FloatStorage") + b")R.",
        "a tensor that is called": b"\x80\x02" + tensor() + b")R.",
        "a text that is called": b"\x80\x02" + text("x") + b")R.",
        "build on a function": b"\x80\x02"
        + named("torch._utils._rebuild_tensor_v2")
        + b"}"
        + text("x")
        + number(1)
        + b"sb.",
        "build on a tensor": b"\x80\x02" + tensor() + b"}" + text("__class__") + number(1) + b"sb.",
        "build on a list": b"\x80\x02]}b.",
        "extension": b"\x80\x02\x82\x01.",
        "extension of two bytes": b"\x80\x02\x83\x01\x00.",
        "extension of four bytes": b"\x80\x02\x84\x01\x00\x00\x00.",
        "persistent id in a line": b"\x80\x02Pposix system\n.",
        "in a persistent id": b"\x80\x02(" + text("storage") + call + text("0") + text("cpu") + number(1) + b"tQ.",
        "in the key of a storage": b"\x80\x02(" + text("storage") + named("torch.FloatStorage") + call + b"tQ.",
        "in the size of a tensor": state(x=named("torch._utils._rebuild_tensor_v2") + b"(" + storage() + call + b"tR"),
        "in the attributes of a state dict": b"\x80\x02}" + call + b"b.",
        "in a tensor of a type": state(x=named("torch._tensor._rebuild_from_type_v2") + SYSTEM + b"))}tR"),
        "behind what is thrown away": b"\x80\x02" + call + b"0}.",
        "out of band": b"\x80\x05\x97.",
        "reread": b"\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00x\x98.",
    }


@pytest.mark.parametrize("name", attacks(Path("x")))
@pytest.mark.parametrize("made", [archive, old])
def test_no_attack_runs(tmp_path: Path, made: Any, name: str) -> None:
    canary, path = tmp_path / "canary", tmp_path / "a.pth"
    path.write_bytes(made(attacks(canary)[name]))
    with pytest.raises(UnsafeFileError):
        load(path)
    assert not canary.exists()


def test_the_canary_would_sing(tmp_path: Path) -> None:
    for name in ("reduce 2", "global", "stack global", "inst", "obj", "behind what is thrown away"):
        canary = tmp_path / name.replace(" ", "")
        pickle.loads(attacks(canary)[name])
        assert canary.exists(), name


def test_what_was_met_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    for name, words in {
        "global": r"a\.pth: the pickle names posix\.system, which is none of a tensor's parts; nothing was imported or run",
        "eval": r"names builtins\.eval",
        "stack global": r"names posix\.system",
        "inst": r"makes an object of posix\.system, by INST at byte",
        "newobj of a known name": "makes an object, by NEWOBJ at byte",
        "extension": "by EXT1 at byte 2",
        "build on a function": r"sets attributes of torch\._utils\._rebuild_tensor_v2",
        "a text that is called": "calls str",
    }.items():
        path.write_bytes(archive(attacks(tmp_path / "canary")[name]))
        with pytest.raises(UnsafeFileError, match=words):
            load(path)


def test_other_pickles_are_none_of_torchs(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps({"x": 1}))
    with pytest.raises(FileFormatError, match=r"a pickle that torch\.save has not written"):
        load(path)
    path.write_bytes(pickle.dumps(Canary(tmp_path / "canary")))
    with pytest.raises(UnsafeFileError, match=r"posix\.system"):
        load(path)
    assert not (tmp_path / "canary").exists()


def doubled(levels: int, close: bytes) -> bytes:
    """A list of ten times the list before, and so on: a few bytes a level, 10**levels items if it were walked through."""
    code = b"\x80\x02" + text("lol") + b"q\x00"
    for level in range(levels):
        code += b"(" + (b"h" + bytes([level])) * 10 + close + b"q" + bytes([level + 1])
    return code


@pytest.mark.parametrize("made", [archive, old])
def test_bombs_take_no_time_and_no_memory(tmp_path: Path, made: Any) -> None:
    path = tmp_path / "a.pth"
    bombs = {
        "lists": doubled(60, b"l") + b".",
        "tuples": doubled(60, b"t") + b".",
        "tuples as keys": doubled(60, b"t") + b"}h\x3cNs.",
        "tuples in a set": doubled(60, b"t") + b"\x8f(h\x3c\x90.",
        "dicts in dicts": b"\x80\x02" + (b"}" + text("x")) * 50_000 + b"N" + b"s" * 50_000 + b".",
        "lists in lists": b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
        "marks": b"\x80\x02" + b"(" * 100_000 + b".",
        "a dict in itself": b"\x80\x02}q\x00" + text("x") + b"h\x00s.",
        "types of types": b"\x80\x02"
        + named("torch._tensor._rebuild_from_type_v2")
        + b"q\x00"
        + b"h\x00N" * 5_000
        + b"N"
        + b"\x87" * 5_000
        + b"R.",
        "a text encoded over and over": b"\x80\x02"
        + text("x" * 200_000)
        + b"q\x00"
        + named("_codecs.encode")
        + b"q\x01"
        + text("latin1")
        + b"q\x02"
        + b"h\x01h\x00h\x02\x86R" * 20_000
        + b".",
        "a dict copied over and over": b"\x80\x02]("
        + (text("x") + b"N\x86") * 20_000
        + b"e\x85q\x00"
        + named("collections.OrderedDict")
        + b"q\x01"
        + b"h\x01h\x00R" * 20_000
        + b".",
        "a tensor of many dimensions": state(x=tensor((1,) * 100, (1,) * 100)),
        "a tensor of long numbers": state(x=tensor().replace(number(0), b"\x8b\x00\x10\x00\x00" + b"\x7f" * 4096)),
        "a key of many parts": b"\x80\x02(" + b"N" * 100_000 + b"tq\x00}q\x01" + b"h\x01h\x00Ns" * 20_000 + b".",
        "a key of many digits": b"\x80\x02}\x8b\x00\x00\x10\x00" + b"\x7f" * (1 << 20) + b"Ns.",
        "dicts of the same dicts": b"\x80\x02Nq\x00"
        + b"".join(
            b"}("
            + b"".join(text(str(key)) + b"h" + bytes([level]) for key in range(2_000))
            + b"uq"
            + bytes([level + 1])
            for level in range(5)
        )
        + b".",
        "a length without its bytes": b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f",
        "a length of bytes": b"\x80\x04\x8e\xff\xff\xff\xff\xff\x00\x00\x00",
        "a long integer": b"\x80\x02\x8b\xff\xff\xff\x7f",
        "a long line": b"\x80\x02I" + b"9" * 100_000 + b"\n.",
        "numbers of many digits": state(
            x=tensor((2,), (1,)).replace(number(2), b"\x8b\x00\x10\x00\x00" + b"\x7f" * 4096)
        ),
    }
    words = {
        "tuples as keys": "as a key",
        "tuples in a set": "as a key",
        "types of types": "a tensor made by",
        "a text encoded over and over": "again and again",
        "a dict copied over and over": "again and again",
        "a tensor of many dimensions": "a tuple of integers",
        "a tensor of long numbers": "a storage and an integer",
        "a key of many parts": "as a key",
        "a key of many digits": "as a key",
    }
    for name, code in bombs.items():
        path.write_bytes(made(code))
        with pytest.raises(NNCoreError, match=words.get(name, "")):
            load(path)
            raise AssertionError(name)


def damaged() -> Iterator[bytes]:
    for name in ("tensors.pth", "checkpoint_old.pth", "parallel.pth"):
        yield (FILES / name).read_bytes()


def read_or_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        found = load(path)
    except NNCoreError:
        return
    assert all(isinstance(value, nc.Tensor) for value in found.values())


@settings(max_examples=300, deadline=None)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore:.*all names begin with:UserWarning")
def test_damaged_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(list(damaged())))
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))
    read_or_refused(tmp_path_factory.getbasetemp() / "damaged.pth", bytes(changed[:cut]))


GOOD = state(x=tensor(), y=b"]" + b"(" + number(1) + text("z") + b"e", z=tensor((3,), (2,), 1))


@settings(max_examples=500, deadline=None)
@given(at=st.integers(0, len(GOOD)), cut=st.integers(0, 12), new=st.binary(max_size=12))
def test_damaged_pickles_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, new: bytes
) -> None:
    # In an archive that is whole, so that no checksum stands before the pickle.
    data = archive(GOOD[:at] + new + GOOD[at + cut :], {"0": bytes(24)})
    read_or_refused(tmp_path_factory.getbasetemp() / "damaged.pth", data)


PIECES = [bytes([code]) for code in b"().0123NQRabcdeghijlopqrstu}]\x85\x86\x87\x88\x89\x8f\x90\x91\x93\x94"]
PIECES += [named(name) for name in ("collections.OrderedDict", "torch.Size", "torch.FloatStorage", "_codecs.encode")]
PIECES += [text("x"), number(3), storage(), tensor(), b"q\x00", b"h\x00", named("torch._tensor._rebuild_from_type_v2")]


@settings(max_examples=500, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
def test_programs_of_any_instructions_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    data = archive(b"\x80\x02" + b"".join(pieces) + b".", {"0": bytes(24)})
    read_or_refused(tmp_path_factory.getbasetemp() / "program.pth", data)
