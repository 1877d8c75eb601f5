"""`load_weights`: the tensors of a file, whoever wrote it."""

from __future__ import annotations

import errno
import json
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from nncore._core import Tensor
from nncore.errors import FileFormatError, InvalidValueError, NNCoreError
from nncore.weights import safetensors
from nncore.weights.choose import state_of, without_prefix
from nncore.weights.pytorch import Archive, Pickles, is_archive, is_pickle
from nncore.weights.records import tensors_of

__all__ = ["load_weights"]

_IN_FOLDERS = (
    "model.safetensors.index.json",
    "model.safetensors",
    "pytorch_model.bin.index.json",
    "pytorch_model.bin",
)
_LARGEST_INDEX = 1 << 27


def load_weights(
    path: str | os.PathLike[str], *, key: str | None = None, prefix: str | None = None
) -> dict[str, Tensor]:
    """Read weights by name from a file, whoever wrote it. Nothing in a file is executed.

    safetensors files, the `.pth`, `.pt` and `.bin` files of `torch.save`, and the `.index.json` of weights in several files
    are told apart by what is in them. float16 and bfloat16 become float32, int8, int16 and uint16 become int32, uint32
    becomes int64: each value is the same. `Module.load_state_dict` converts to the parameters' dtype.

    Args:
        path: The file; or a folder that holds `model.safetensors` or `pytorch_model.bin`, or their index.
        key: Where in the file the state dict is, such as `"model"`, or `"ema.state_dict"` for dicts in dicts. Default:
            under a usual name, such as `state_dict` or `model`; else the file itself, or the only dict of tensors in it.
        prefix: Take the names that begin with it alone, and take it off, such as `"module."` or `"backbone."`. Default:
            `"module."` where all names begin with it.

    Returns:
        Tensors by name, in the order of the file. Names that share their elements in the file share a tensor.

    Raises:
        UnsafeFileError: The file asks for code to be run, or names anything but tensors and plain containers. A model that
            was saved whole is such a file.
        FileFormatError: It is damaged, cut off, or of another format.
        StateDictError: It holds no state dict, or several.
        InvalidValueError: There is nothing under `key`, or no name with `prefix`.

    Warns:
        UserWarning: `"module."` was taken off without being asked for.

    Example:
        >>> import nncore as nc
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "old.safetensors")
        >>> nc.save({"backbone.fc.weight": nc.ones(2, 3), "step": nc.tensor(7)}, path)
        >>> nc.load_weights(path, prefix="backbone.")["fc.weight"].shape
        (2, 3)
    """
    place = Path(path)
    if place.is_dir():
        place = _inside(place)
    return without_prefix(_read(place, key, True), prefix, os.fspath(path))


def _inside(folder: Path) -> Path:
    """The weights' file in a folder."""
    for name in _IN_FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise InvalidValueError(f"{folder} holds none of {', '.join(_IN_FOLDERS)}; name the file itself")


def _read(path: Path, key: str | None, indexed: bool) -> dict[str, Tensor]:
    # What the system says about a file that cannot be opened is said as it is, and not taken for damage.
    with open(path, "rb") as file:
        head = file.read(16)
        length = os.fstat(file.fileno()).st_size
        file.seek(0)
        # First of all, since the length of a header may begin like a pickle.
        if not safetensors.begins(head):
            if is_archive(head) or is_pickle(head):
                return _read_pytorch(path, file, length, key, is_archive(head))
            if indexed and head.lstrip()[:1] == b"{":
                return _read_parts(path, file.read(_LARGEST_INDEX), key)
    if key is not None:
        raise InvalidValueError(f"{path}: key={key!r} names a dict in a file of torch.save, and this is none")
    tensors, metadata = safetensors.read(path)
    if "preprocess" in metadata:
        from nncore.preprocess.saved import PREFIX

        # What a transform learned: it lies in the file and is no part of the state dict.
        tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith(PREFIX)}
    return tensors


def _read_pytorch(path: Path, file: BinaryIO, length: int, key: str | None, archive: bool) -> dict[str, Tensor]:
    try:
        found: Archive | Pickles = Archive(file, length) if archive else Pickles(file, length)
        return tensors_of(state_of(found.content, key), found.read, length, big=found.big)
    except NNCoreError as error:
        raise type(error)(f"{path}: {error.message}") from error.__cause__
    except (*_DAMAGE, OSError) as error:
        # A place that is none, as damaged numbers tell; the disk's own errors are no damage of the file.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise FileFormatError(f"{path}: the file is damaged: {error}") from error


_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RecursionError),
    *(ArithmeticError, LookupError, ValueError),
)
"""What reading a damaged archive leads to."""


def _read_parts(path: Path, text: bytes, key: str | None) -> dict[str, Tensor]:
    """The weights that an index names, each from its file."""
    if key is not None:
        raise InvalidValueError(f"{path}: key={key!r} names a dict in a file of torch.save, and this is an index")
    try:
        index = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{path}: the index is no JSON: {error}") from error
    places = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(places, dict) or not all(isinstance(name, str) for name in places.values()):
        raise FileFormatError(f"{path}: an index has a 'weight_map' from names to files")
    for name in places.values():
        # Nothing else than a file beside the index, wherever the index comes from.
        if name in ("", ".", "..") or "\0" in name or set("/\\:") & set(name):
            raise FileFormatError(f"{path}: the index names {name!r}, which is no file beside it")
    found: dict[str, Tensor] = {}
    for part in dict.fromkeys(places.values()):
        tensors = _read(path.parent / part, None, False)
        missing = [name for name, place in places.items() if place == part and name not in tensors]
        if missing:
            raise FileFormatError(f"{path}: {part} holds no {', '.join(missing[:12])}, which the index says it does")
        found.update((name, tensors[name]) for name, place in places.items() if place == part)
    return {name: found[name] for name in places}
