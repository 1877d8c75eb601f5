"""`load`: data sets by name, from a folder, or from arrays."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from numpy.typing import ArrayLike

from nncore.data._csv import load_csv
from nncore.data._dataset import ArrayDataset
from nncore.data._digits import load_digits
from nncore.data._folders import has_pictures, load_folder, load_pairs, search
from nncore.data._idx import GZIP, read_idx
from nncore.data._images import load_images
from nncore.data._npz import load_npy, load_npz
from nncore.data._sources import is_bunch, load_batches, load_bunch
from nncore.errors import DataError, FileFormatError

Pair = tuple[ArrayDataset, ArrayDataset]

FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
FASHION_SYSTEM = ["/usr/share/datasets/fashion-mnist"]  # where Debian's package dataset-fashion-mnist puts it


def _fashion_mnist(*, root: str | os.PathLike[str] | None = None) -> Pair:
    """Zalando's articles of clothing (H. Xiao, K. Rasul, R. Vollgraf, 2017, arXiv:1708.07747; MIT licence)."""
    folders = ("fashion-mnist", "fashion_mnist", "FashionMNIST", "FashionMNIST/raw")
    folder = search("fashion-mnist", folders, root, FASHION_SYSTEM)
    return load_pairs(folder, name="fashion-mnist", classes=FASHION)


def _mnist(*, root: str | os.PathLike[str] | None = None) -> Pair:
    """Handwritten digits (Y. LeCun, C. Cortes, C. Burges, 1998)."""
    return load_pairs(search("mnist", ("mnist", "MNIST", "MNIST/raw"), root, []), name="mnist", classes=10)


@dataclass(frozen=True)
class Named:
    """One data set that has a name; the loader's keyword arguments are its options."""

    name: str
    summary: str
    load: Callable[..., Pair]


NAMED = {
    entry.name: entry
    for entry in (
        Named("digits", "UCI optical digits, 1437 + 360, (1, 28, 28), 10 classes; inside the package", load_digits),
        Named("fashion-mnist", "Fashion-MNIST, 60000 + 10000, (1, 28, 28), 10 classes; IDX files", _fashion_mnist),
        Named("mnist", "MNIST digits, 60000 + 10000, (1, 28, 28), 10 classes; IDX files, by root=", _mnist),
    )
}


def available() -> dict[str, str]:
    """The names that `load` knows, each with a summary.

    >>> from nncore import data
    >>> list(data.available())
    ['digits', 'fashion-mnist', 'mnist']
    """
    return {name: entry.summary for name, entry in NAMED.items()}


@overload
def load(source: str | os.PathLike[str], **options: Any) -> Any: ...
@overload
def load(source: ArrayLike | Iterator[Any] | Mapping[str, Any], **options: Any) -> ArrayDataset: ...
def load(source: Any, **options: Any) -> Any:
    """Load a data set.

    Args:
        source: One of

            - a name, see `available()`. `"digits"` takes `size=28` (8: the raw images); `"fashion-mnist"` and
              `"mnist"` take `root=`, the folder of their four IDX files. Without it Fashion-MNIST is looked for in
              `$NNCORE_DATA/fashion-mnist`, `/usr/share/datasets/fashion-mnist` and `./data/fashion-mnist`.
            - a folder with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
              `t10k-labels-idx1-ubyte`, each plain or `.gz`. A folder in the working directory is spelled `./name`.
            - a folder of pictures: one folder for each class, or `train`, `val` and `test` with these. Takes Pillow:
              `pip install 'nncore[images]'`.
            - a file: `.npz`, `.npy`, IDX, or a table in text (`.csv`, `.tsv`, `.txt`, `.data`).
            - arrays: `(x, y)`, or x alone.
            - a scikit-learn bunch, such as `sklearn.datasets.load_digits()`.
            - a generator or other iterator of batches, `(x, y)` or x alone; all of it is read.
        options: Options of the named data set or of what the path turns out to be. Arrays, `.npy` and IDX: those of
            `ArrayDataset`. `.npz`: these too, and `x=` and `y=`, the names of the arrays. Tables: `target=-1`, a
            column's name or number, or `None`; `header=`, `delimiter=`, `missing="error"` or `"drop"`,
            `targets="auto"`, `"labels"` or `"values"`, `name=` and `role=`. Bunches: the last three. Pictures: `size=`,
            a number or (height, width), `grey=False`, `name=` and `role=`. Iterators: those of `ArrayDataset`, and
            `limit=`, a number of samples.

    Returns:
        `(train, test)` for a name or a folder of IDX files: images `(N, 1, H, W)`, float32 in [0, 1], labels int64. The
        same for an `.npz` file with `x_train`, `y_train`, `x_test` and `y_test`. One `ArrayDataset` else.

    Raises:
        DataError: An unknown name or option, files that are missing, or arrays that make no data set.
        FileFormatError: A file that is damaged, or not what its name says.

    Example:
        >>> import numpy as np
        >>> from nncore import data
        >>> train, test = data.load("digits", size=8)
        >>> train.x.shape, test.x.shape, float(train.x.max())
        ((1437, 1, 8, 8), (360, 1, 8, 8), 1.0)
        >>> data.load((np.zeros((4, 3)), [0, 1, 0, 1]), role="train")
        ArrayDataset(train: 4 samples, x float32 (3,), y int64 (), 2 classes)
    """
    if isinstance(source, (str, os.PathLike)):
        return _by_name_or_path(source, options)
    if is_bunch(source):
        _check_options("a bunch", load_bunch, options, without=("bunch",))
        return load_bunch(source, **options)
    if isinstance(source, Iterator):
        arrays = tuple(name for name in inspect.signature(ArrayDataset).parameters if name not in ("x", "y"))
        _check_options("an iterator", load_batches, options, without=("batches", "options"), more=arrays)
        return load_batches(source, **options)
    _check_options("arrays", ArrayDataset, options, without=("x", "y"))
    if isinstance(source, tuple):
        if len(source) != 2:
            raise DataError(f"a tuple of {len(source)} was given; expected (x, y), or x alone")
        return ArrayDataset(source[0], source[1], **options)
    return ArrayDataset(source, **options)


def _by_name_or_path(source: str | os.PathLike[str], options: dict[str, Any]) -> Any:
    entry = NAMED.get(source.lower().replace("_", "-")) if isinstance(source, str) else None
    if entry is not None:
        _check_options(entry.name, entry.load, options)
        return entry.load(**options)
    path = Path(source)
    if path.is_dir() and has_pictures(path):
        _check_options("a folder of pictures", load_images, options, without=("folder",))
        return load_images(path, **options)
    if path.is_dir():
        _check_options("a folder", load_folder, options, without=("folder",))
        return load_folder(path)
    if path.is_file():
        return _file(path, options)
    from difflib import get_close_matches

    near = get_close_matches(str(source).lower(), NAMED, n=3)
    guess = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise DataError(
        f"no data set, no folder and no file is called {str(source)!r}; expected {', '.join(NAMED)} or a path.{guess}"
    )


TABLES = (".csv", ".tsv", ".txt", ".data")


def _file(path: Path, options: dict[str, Any]) -> Any:
    """What one file holds: its first bytes tell, or the name where it is text."""
    with path.open("rb") as file:
        head = file.read(6)
    arrays = tuple(name for name in inspect.signature(ArrayDataset).parameters if name not in ("x", "y"))
    if head[:2] == b"PK":
        _check_options("an .npz file", load_npz, options, without=("path", "options"), more=arrays)
        return load_npz(path, **options)
    if head == b"\x93NUMPY":
        _check_options("an .npy file", ArrayDataset, options, without=("x", "y"))
        return load_npy(path, **options)
    if head[:2] in (b"\0\0", GZIP):
        _check_options("an IDX file", ArrayDataset, options, without=("x", "y"))
        return ArrayDataset(read_idx(path), **{"name": path.name.partition(".")[0], **options})
    if path.suffix.lower() in TABLES:
        _check_options("a CSV file", load_csv, options, without=("path",))
        return load_csv(path, **options)
    if path.suffix.lower() == ".npz":
        raise FileFormatError(f"{path}: begins with {head!r}; an .npz file is a zip archive")
    raise DataError(f"{path} begins with {head!r}; expected an .npz, .npy or IDX file, or a table: {', '.join(TABLES)}")


def _check_options(
    what: str,
    taker: Callable[..., Any],
    options: dict[str, Any],
    without: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
) -> None:
    known = [name for name in inspect.signature(taker).parameters if name not in without] + list(more)
    for name in options:
        if name not in known:
            takes = f"takes {', '.join(known)}" if known else "takes no options"
            raise DataError(f"unknown option {name!r}: {what} {takes}")
