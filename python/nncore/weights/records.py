"""What a file says about its tensors before any of them is read: storages, and views of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore.errors import FileFormatError

__all__ = ["BYTES", "ELEMENTS", "WIDTHS", "Bytes", "Storage", "View", "tensor_of", "tensors_of"]

Bytes: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]

ELEMENTS: dict[str, tuple[str, str]] = {
    "bool": ("u1", "bool"),
    "uint8": ("u1", "uint8"),
    "int8": ("i1", "int32"),
    "int16": ("i2", "int32"),
    "uint16": ("u2", "int32"),
    "int32": ("i4", "int32"),
    "uint32": ("u4", "int64"),
    "int64": ("i8", "int64"),
    "float16": ("f2", "float32"),
    "bfloat16": ("u2", "float32"),
    "float32": ("f4", "float32"),
    "float64": ("f8", "float64"),
}
"""Elements by name: how they lie in a file, and the dtype that holds each of their values exactly."""

BYTES = "bytes"
"""The element of a storage that does not say what is in it; each view of it does."""

WIDTHS = {BYTES: 1, "complex64": 8, "complex128": 16}
WIDTHS |= {element: np.dtype(kind).itemsize for element, (kind, _) in ELEMENTS.items()}
"""Bytes of one element, of those too that storages may hold and tensors here may not."""

_SPARE = 1 << 26
_TIMES = 16


@dataclass(frozen=True, slots=True)
class Storage:
    """A block of elements in the file."""

    key: str
    element: str
    count: int

    @property
    def width(self) -> int:
        """Bytes of one element."""
        return WIDTHS[self.element]

    @property
    def nbytes(self) -> int:
        return self.count * self.width


@dataclass(frozen=True, slots=True)
class View:
    """A tensor as part of a storage. Offset and strides count elements."""

    storage: Storage
    element: str
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def __post_init__(self) -> None:
        numbers = (self.offset, *self.size, *self.stride)
        if len(self.size) != len(self.stride) or any(number < 0 for number in numbers):
            raise FileFormatError(
                f"a tensor of size {self.size} with strides {self.stride} at {self.offset} is none: as many strides as "
                "sizes are expected, and nothing negative"
            )
        last = self.offset + sum((size - 1) * stride for size, stride in zip(self.size, self.stride, strict=True))
        # Elements that there are none of here are refused when they are read: a file may hold some that nobody asks for.
        if self.numel() and (last + 1) * WIDTHS.get(self.element, 1) > self.storage.nbytes:
            raise FileFormatError(
                f"a tensor of size {self.size} with strides {self.stride} at {self.offset} goes beyond its storage "
                f"of {self.storage.count} {self.storage.element}"
            )

    def numel(self) -> int:
        return math.prod(self.size)


def tensors_of(
    views: Mapping[str, View], read: Callable[[Storage], Bytes], length: int, *, big: bool = False
) -> dict[str, Tensor]:
    """Read the tensors. Each storage is read once, and let go when its last view has been made.

    Args:
        views: What is wanted, by name. Names with the same view share a tensor, as tied weights do.
        read: Gives the bytes of a storage.
        length: Bytes of the file. Views that repeat elements are refused where they would take many times that.
        big: Whether elements lie with their first byte first.
    """
    for name, view in views.items():
        if view.element not in ELEMENTS:
            raise FileFormatError(
                f"tensor {name!r} has elements of {view.element}, which there is none of here; there are {', '.join(ELEMENTS)}"
            )
    distinct = set(views.values())
    total = sum(view.numel() * WIDTHS[view.element] for view in distinct)
    if total > _TIMES * length + _SPARE:
        raise FileFormatError(f"a file of {length} bytes whose tensors repeat elements until they take {total} bytes")
    uses: dict[Storage, int] = {}
    for view in distinct:
        uses[view.storage] = uses.get(view.storage, 0) + 1
    open_: dict[Storage, Bytes] = {}
    made: dict[View, Tensor] = {}
    for view in views.values():
        if view in made:
            continue
        storage = view.storage
        if storage not in open_:
            open_[storage] = read(storage)
        made[view] = tensor_of(view, open_[storage], big=big)
        uses[storage] -= 1
        if not uses[storage]:
            del open_[storage]
    return {name: made[view] for name, view in views.items()}


def tensor_of(view: View, data: Bytes, *, big: bool = False) -> Tensor:
    """A view's elements as a tensor of its own, row-major."""
    kind, dtype = ELEMENTS[view.element]
    if not view.numel():
        return _core.from_numpy(np.empty(view.size, dtype))
    source = np.dtype(kind).newbyteorder(">" if big else "<")
    whole = data[: len(data) // source.itemsize * source.itemsize].view(source)
    # In bounds, since every view was checked against its storage when it was made, and the storage when it was read.
    strides = [stride * source.itemsize for stride in view.stride]
    found: Any = np.lib.stride_tricks.as_strided(whole[view.offset :], view.size, strides, writeable=False)
    if view.element == "bool" and (found > 1).any():
        raise FileFormatError("a tensor of bool has other bytes than 0 and 1")
    if view.element == "bfloat16":
        # The upper half of a float32.
        found = np.left_shift(found, 16, dtype=np.uint32).view(np.float32)
    return _core.from_numpy(np.array(found, dtype, order="C"))
