"""What a network was trained on, in a few facts: enough to bring a stranger's picture or row into that form."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nncore.data import ArrayDataset
from nncore.data._images import PICTURES, read_picture
from nncore.errors import DataError, FileFormatError, NNCoreError
from nncore.module import Module

__all__ = ["PICTURES", "SampleForm", "read_samples"]

Array = NDArray[Any]
ARRAYS = (".npy", ".npz")
TABLES = (".csv", ".tsv", ".txt", ".data")


@dataclass(frozen=True)
class SampleForm:
    """The form of a network's inputs, and what its outputs are called.

    Args:
        shape: Of one sample, such as `(1, 28, 28)`; None where nobody knows.
        classes: The classes' names, where they have any.
        scale: What stored whole numbers are divided by, as in `ArrayDataset`.
        pixels: Whether pictures went in as numbers from 0 to 255, not from 0 to 1.
        labels: Whether the targets were classes; None where nobody knows.
    """

    shape: tuple[int, ...] | None = None
    classes: tuple[str, ...] | None = None
    scale: float | None = None
    pixels: bool = False
    labels: bool | None = None

    @classmethod
    def of(cls, samples: ArrayDataset) -> Self:
        """The form of a data set."""
        names = samples.classes or (tuple(map(str, range(samples.num_classes))) if samples.num_classes else None)
        pixels = samples.scale is None and samples.stored.dtype.kind in "iu"
        return cls(samples.sample_shape, names, samples.scale, pixels, samples.num_classes is not None)

    @classmethod
    def guessed(cls, model: Module) -> Self:
        """What a network alone tells: the channels that it takes, or how many numbers."""
        for _, module in model.named_modules():
            channels = getattr(module, "in_channels", None)
            features = getattr(module, "in_features", None)
            if isinstance(channels, int) and not module._modules:
                return cls((channels, 0, 0))
            if isinstance(features, int) and not module._modules:
                return cls((features,))
        return cls()

    @classmethod
    def read(cls, path: Path) -> Self:
        """What `write` has written.

        Raises:
            FileFormatError: It is damaged.
        """
        try:
            held = json.loads(path.read_text())
            shape, classes = held["shape"], held["classes"]
            return cls(
                None if shape is None else tuple(int(size) for size in shape),
                None if classes is None else tuple(map(str, classes)),
                None if held["scale"] is None else float(held["scale"]),
                bool(held["pixels"]),
                held["labels"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise FileFormatError(f"{path} does not tell what the samples are like: {error!r}") from error

    def text(self) -> str:
        """As JSON, for the run's folder."""
        return json.dumps(asdict(self), indent=2) + "\n"


def read_samples(path: Path, form: SampleForm, *, target: int | str | None = None, invert: bool = False) -> Array:
    """The samples in a file, in the form that the network takes: float32 `(N, *shape)`.

    Args:
        path: A picture, which Pillow reads, is brought to the form's size and channels; `.npy` and `.npz` hold one sample or
            many, a table one in each line.
        form: What the network takes.
        target: A table's column that is no input, where it has one more than the network takes.
        invert: Whether light becomes dark in pictures, for dark ink on white.

    Raises:
        DataError: The samples have another shape than the network takes.
        FileFormatError: The file cannot be decoded.
    """
    if not path.exists():
        raise DataError("there is no such file")
    if path.is_dir():
        raise DataError("there are no pictures in this folder")
    suffix = path.suffix.lower()
    if suffix in ARRAYS:
        return _fitted(_array(path), form)
    if suffix in TABLES:
        return _fitted(_table(path, form, target), form)
    return _picture(path, form, invert)


def _picture(path: Path, form: SampleForm, invert: bool) -> Array:
    shape = form.shape
    if shape is None or len(shape) != 3 or shape[0] not in (1, 3):
        taken = "its form is not known" if shape is None else f"it takes {shape}"
        raise DataError(f"a picture is no sample of this network: {taken}; give an .npy, .npz or .csv file")
    size = (shape[1], shape[2]) if shape[1] and shape[2] else (None, None)
    try:
        pixels = read_picture(path, size, shape[0] == 1)
    except FileFormatError as error:
        raise FileFormatError(f"cannot be decoded: {error.__cause__ or error}") from error
    if invert:
        pixels = 255 - pixels
    values = pixels.astype(np.float32)[np.newaxis]
    return values if form.pixels else values / np.float32(form.scale or 255)


def _array(path: Path) -> Array:
    try:
        held = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise FileFormatError(f"cannot be read: {error}") from error
    if isinstance(held, np.ndarray):
        return held
    with held:
        name = "x" if "x" in held.files else held.files[0] if len(held.files) == 1 else None
        if name is None:
            raise DataError(f"holds the arrays {', '.join(held.files)}; expected one called 'x', or one alone")
        try:
            array: Array = held[name]
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise FileFormatError(f"cannot be read: {error}") from error
        return array


def _table(path: Path, form: SampleForm, target: int | str | None) -> Array:
    from nncore.data._csv import load_csv

    wanted = form.shape[0] if form.shape is not None and len(form.shape) == 1 else None
    try:
        rows = load_csv(path, target=None).x
    except NNCoreError:
        # The target's column may hold text.
        if target is None:
            raise
        return load_csv(path, target=target).x
    if target is not None and wanted is not None and rows.shape[1] == wanted + 1:
        return load_csv(path, target=target).x
    return rows


def _fitted(array: Array, form: SampleForm) -> Array:
    if array.dtype.kind not in "biuf":
        raise DataError(f"holds {array.dtype}; expected numbers")
    whole = array.dtype.kind in "iu"
    array = array.astype(np.float32)
    if whole and form.scale is not None:
        array = array / np.float32(form.scale)
    shape = form.shape
    if shape is None or 0 in shape:
        return array if array.ndim > 1 else array[np.newaxis]
    if array.shape == shape or (len(shape) == 3 and shape[0] == 1 and array.shape == shape[1:]):
        return array.reshape(1, *shape)
    if array.shape[1:] == shape:
        return array
    if len(shape) == 3 and shape[0] == 1 and array.shape[1:] == shape[1:]:
        return array[:, np.newaxis]
    if array.ndim == 2 and array.shape[1] == int(np.prod(shape)):
        return array.reshape(-1, *shape)
    raise DataError(f"has shape {array.shape}; the network takes samples of shape {shape}, one or (N, ...) of them")
