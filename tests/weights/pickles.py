"""Files as `torch.save` writes them, around any pickle."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

MAGIC = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
SYSTEM = pickle.dumps({"protocol_version": 1001, "little_endian": True}, 2)


def archive(code: bytes, storages: dict[str, bytes] | None = None, **entries: bytes) -> bytes:
    """The format of today: a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a/data.pkl", code)
        for name, data in entries.items():
            made.writestr(f"a/{name}", data)
        for key, data in (storages or {}).items():
            made.writestr(f"a/data/{key}", data)
    return file.getvalue()


def old(code: bytes, storages: dict[str, bytes] | None = None, width: int = 4) -> bytes:
    """The format before: pickles, then the storages."""
    storages = storages or {}
    after = b"".join((len(data) // width).to_bytes(8, "little") + data for data in storages.values())
    return MAGIC + SYSTEM + code + pickle.dumps(list(storages), 2) + after


def text(value: str) -> bytes:
    """An instruction that pushes a text."""
    data = value.encode()
    return b"X" + len(data).to_bytes(4, "little") + data


def number(value: int) -> bytes:
    """An instruction that pushes a number."""
    return b"\x8a\x0a" + value.to_bytes(10, "little", signed=True)


def numbers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(map(number, values)) + b"t"


def named(name: str) -> bytes:
    """An instruction that pushes what has a name."""
    module, _, attribute = name.rpartition(".")
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"


def storage(key: str = "0", kind: str = "torch.FloatStorage", count: int = 6) -> bytes:
    return b"(" + text("storage") + named(kind) + text(key) + text("cpu") + number(count) + b"tQ"


def tensor(
    size: tuple[int, ...] = (2, 3), stride: tuple[int, ...] = (3, 1), offset: int = 0, block: bytes = storage()
) -> bytes:
    """Instructions that push a tensor."""
    parts = block + number(offset) + numbers(size) + numbers(stride) + b"\x89" + b"}"
    return named("torch._utils._rebuild_tensor_v2") + b"(" + parts + b"tR"


def state(**tensors: bytes) -> bytes:
    """A whole pickle of a dict."""
    return items(tensors)


def saved(values: Mapping[str, Any]) -> bytes:
    """An archive of float32 and int64 tensors."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    code = {}
    for name, array in arrays.items():
        kind = {"float32": "Float", "int64": "Long"}[array.dtype.name]
        block = storage(name, f"torch.{kind}Storage", array.size)
        steps = tuple(step // array.itemsize for step in np.empty(array.shape, array.dtype).strides)
        code[name] = tensor(array.shape, steps, 0, block)
    return archive(items(code), {name: array.tobytes() for name, array in arrays.items()})


def items(tensors: Mapping[str, bytes]) -> bytes:
    return b"\x80\x02}(" + b"".join(text(name) + code for name, code in tensors.items()) + b"u."
