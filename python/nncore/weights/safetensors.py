"""safetensors files, those with elements that there are no tensors of here among them."""

from __future__ import annotations

import json
import math
import os
from typing import Any, BinaryIO

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore.errors import FileFormatError
from nncore.weights.records import WIDTHS, Storage, View, tensor_of

__all__ = ["begins", "read"]

_ELEMENTS = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "U16": "uint16",
    "I16": "int16",
    "U32": "uint32",
    "I32": "int32",
    "I64": "int64",
    "F16": "float16",
    "BF16": "bfloat16",
    "F32": "float32",
    "F64": "float64",
}
_CONVERTED = frozenset({"I8", "U16", "I16", "U32", "F16", "BF16"})
_LARGEST_HEADER = 100_000_000


def begins(head: bytes) -> bool:
    """Whether a file that begins like this is a safetensors file: the length of a header, and its brace."""
    return int.from_bytes(head[:8], "little") <= _LARGEST_HEADER and head[8:9] == b"{"


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and the metadata of a safetensors file; float16 and bfloat16 come as float32, small integers as larger.

    Raises:
        FileFormatError: It is damaged, of another format, or has elements that fit in no dtype here.
    """
    with open(path, "rb") as file:
        found = _header(file)
        if found is not None and any(
            isinstance(entry, dict) and entry.get("dtype") in _CONVERTED for entry in found.values()
        ):
            return _read(file, found, os.fspath(path))
        if found is None:
            file.seek(0)
            _foreign(file.read(16), os.fspath(path))
    # What the core reads, and what it says of files that nobody reads.
    tensors, metadata = _core.load_file(path)
    return tensors, metadata


def _foreign(head: bytes, path: str) -> None:
    """Say of a file of PyTorch's what reads it.

    Raises:
        FileFormatError: It is one.
    """
    from nncore.weights.pytorch import is_archive, is_pickle

    if not begins(head) and (is_archive(head) or is_pickle(head)):
        raise FileFormatError(
            f"{path}: no safetensors file; it looks like PyTorch's, whose weights nncore.load_weights reads"
        )


def _header(file: BinaryIO) -> dict[str, Any] | None:
    """The header, or None where there is none. The file stands at its first tensor afterwards."""
    size = int.from_bytes(file.read(8), "little")
    if not 2 <= size <= _LARGEST_HEADER:
        return None
    text = file.read(size)
    if not text.startswith(b"{") or len(text) < size:
        return None
    try:
        found = json.loads(text, object_pairs_hook=_once)
    # Text that is none, names that come twice, or lists in lists in lists.
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _read(file: BinaryIO, entries: dict[str, Any], path: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise FileFormatError(f"{path}: the metadata is a mapping of texts")
    tensors = {}
    at = 0
    for name, entry in sorted(entries.items(), key=lambda item: _place(item, path)):
        begin, end = _place((name, entry), path)
        element, shape = _ELEMENTS.get(entry.get("dtype")), entry.get("shape")
        if element is None:
            raise FileFormatError(
                f"{path}: tensor {name!r} has dtype {entry.get('dtype')}, which there is none of here"
            )
        if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
            raise FileFormatError(f"{path}: tensor {name!r} has no shape of integers")
        count = math.prod(shape)
        if begin != at or end - begin != count * WIDTHS[element]:
            raise FileFormatError(
                f"{path}: tensor {name!r} does not lie behind the one before it, in bytes of its shape"
            )
        data = np.frombuffer(file.read(end - begin), np.uint8) if end > begin else np.empty(0, np.uint8)
        if len(data) < end - begin:
            raise FileFormatError(f"{path}: tensor {name!r} is cut off")
        steps = [math.prod(shape[dim + 1 :]) for dim in range(len(shape))]
        view = View(Storage(name, element, count), element, 0, tuple(shape), tuple(steps))
        tensors[name] = tensor_of(view, data)
        at = end
    if file.read(1):
        raise FileFormatError(f"{path}: there is more in the file than its header tells of")
    return tensors, metadata


def _place(item: tuple[str, Any], path: str) -> tuple[int, int]:
    """Where a tensor begins and ends."""
    name, entry = item
    found = entry.get("data_offsets") if isinstance(entry, dict) else None
    if not isinstance(found, list) or len(found) != 2 or not all(type(place) is int for place in found):
        raise FileFormatError(f"{path}: tensor {name!r} has no two data_offsets")
    begin, end = found
    if not 0 <= begin <= end:
        raise FileFormatError(f"{path}: tensor {name!r} ends before it begins")
    return begin, end
