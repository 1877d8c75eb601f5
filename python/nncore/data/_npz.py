"""Data sets in NumPy's files: `.npz` with arrays by name, `.npy` with one."""

from __future__ import annotations

import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data._dataset import ArrayDataset
from nncore.errors import DataError, FileFormatError

Array = NDArray[Any]
PAIRS = (("x_train", "y_train", "x_test", "y_test"), ("train_x", "train_y", "test_x", "test_y"))
OWN = {"x", "y", "scale", "classes", "role", "name", "targets"}


def save_npz(dataset: ArrayDataset, path: str | os.PathLike[str]) -> None:
    """Write a data set with all that it knows; see `ArrayDataset.save`."""
    path = Path(path)
    if path.suffix != ".npz":
        raise DataError(f"the path is {str(path)!r}; expected a name that ends in .npz")
    arrays: dict[str, Any] = {"x": dataset.stored}
    if dataset.y is not None:
        arrays["y"] = dataset.y
        arrays["targets"] = "values" if dataset.num_classes is None else "labels"
    classes = dataset.num_classes if dataset.classes is None else dataset.classes
    for name, value in (
        ("scale", dataset.scale), ("classes", classes), ("role", dataset.role), ("name", dataset.name)
    ):  # fmt: skip
        if value is not None:
            arrays[name] = np.asarray(value)
    # A file beside it first: a write that is cut off must not leave half a data set under the wanted name.
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            np.savez(file, **arrays)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _arrays(path: Path) -> dict[str, Array]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise FileFormatError(f"{path}: no readable .npz file of plain arrays ({error})") from error


def load_npz(path: Path, *, x: str | None = None, y: str | None = None, **options: Any) -> Any:
    """The data set in an `.npz` file.

    Args:
        path: A file that `ArrayDataset.save` wrote; or one with `x_train`, `y_train`, `x_test` and `y_test` (or
            `train_x`, …), which makes `(train, test)`; or one with `x` and maybe `y`; or one with a single array.
        x: Name of the inputs' array, where it is another.
        y: Name of the targets' array.
        options: Those of `ArrayDataset`.

    Raises:
        DataError: Arrays that are not there, or make no data set.
        FileFormatError: No `.npz` file, a damaged one, or one with pickled objects.
    """
    arrays = _arrays(path)
    if x is None and y is None:
        for pair in PAIRS:
            if set(pair) <= set(arrays):
                return _pair([arrays[name] for name in pair], {"name": path.stem, **options})
        if "x" in arrays and set(arrays) <= OWN:
            known = {key: arrays[key] for key in OWN & set(arrays)}
            return _own(path, known, options)
        names = list(arrays)
        x, y = ("x", "y" if "y" in arrays else None) if "x" in arrays else (names[0] if len(names) == 1 else None, None)
    if x is None or x not in arrays or (y is not None and y not in arrays):
        wanted = " and ".join(repr(name) for name in (x or "x", y) if name)
        raise DataError(
            f"{path}: holds the arrays {', '.join(map(repr, arrays)) or 'none'}; expected {wanted}, or "
            f"{', '.join(PAIRS[0])}. Say which are which: data.load(path, x=..., y=...)"
        )
    return ArrayDataset(arrays[x], None if y is None else arrays[y], **{"name": path.stem, **options})


def _own(path: Path, arrays: dict[str, Array], options: dict[str, Any]) -> ArrayDataset:
    kept: dict[str, Any] = {}
    for name in ("scale", "role", "name", "targets"):
        if name in arrays:
            kept[name] = arrays[name].item()
    if "classes" in arrays and kept.get("targets") != "values":
        kept["classes"] = arrays["classes"].tolist()
    return ArrayDataset(arrays["x"], arrays.get("y"), **{"name": path.stem, **kept, **options})


def _pair(arrays: list[Array], options: dict[str, Any]) -> tuple[ArrayDataset, ArrayDataset]:
    train_x, train_y, test_x, test_y = arrays
    labels = options.get("targets", "labels") == "labels"
    # A test set may lack a class, and both must agree on their number.
    if labels and "classes" not in options and train_y.size and test_y.size and train_y.dtype.kind in "iu":
        options["classes"] = int(max(train_y.max(), test_y.max())) + 1
    train = ArrayDataset(train_x, train_y, role="train", **options)
    return train, ArrayDataset(test_x, test_y, role="test", **options)


def load_npy(path: Path, **options: Any) -> ArrayDataset:
    """The inputs in an `.npy` file."""
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise FileFormatError(f"{path}: no readable .npy file of a plain array ({error})") from error
    return ArrayDataset(array, **{"name": path.stem, **options})
