"""`load`: data sets by name, from a folder, or from arrays."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, overload

from numpy.typing import ArrayLike

from nncore.data._csv import load_csv
from nncore.data._dataset import ArrayDataset
from nncore.data._folders import has_pictures, load_folder
from nncore.data._idx import GZIP, read_idx
from nncore.data._images import load_images
from nncore.data._npz import load_npy, load_npz
from nncore.data._sources import is_bunch, load_batches, load_bunch
from nncore.errors import DataError, FileFormatError


def available() -> dict[str, str]:
    """The names that `load` knows, each with a summary; those of installed plugins are among them.

    >>> from nncore import data
    >>> list(data.available())
    ['cifar10', 'cifar100', 'digits', 'fashion-mnist', 'mnist']
    """
    from nncore.plugins import current_host

    return {_spoken(row.name): row.summary for row in current_host().registry("dataset").describe()}


@overload
def load(source: str | os.PathLike[str], **options: Any) -> Any: ...
@overload
def load(source: ArrayLike | Iterator[Any] | Mapping[str, Any], **options: Any) -> ArrayDataset: ...
def load(source: Any, **options: Any) -> Any:
    """Load a data set.

    Args:
        source: One of

            - a name, see `available()` and `nncore list datasets`. `"digits"` takes `size=28` (8: the raw images);
              `"fashion-mnist"`, `"mnist"`, `"cifar10"` and `"cifar100"` take `root=`, the folder of their files. Without
              it they are looked for in `$NNCORE_DATA/NAME`, `./data/NAME` and `~/.cache/nncore/NAME`, Fashion-MNIST also
              in `/usr/share/datasets`, and downloaded if `download=True`.
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
        `(train, test)` for nncore's own names or a folder of IDX files: images `(N, C, H, W)`, float32 in [0, 1], labels
        int64. The same for an `.npz` file with `x_train`, `y_train`, `x_test` and `y_test`. One `ArrayDataset` else.

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
    from nncore.plugins import current_host

    registry = current_host().registry("dataset")
    name = _registered(source) if isinstance(source, str) else ""
    path = Path(source)
    # A file or folder keeps its meaning whatever plugin is installed; nncore's own names come first.
    if name in registry and (registry.provider(name).builtin or not path.exists()):
        loader = registry[name]
        _check_options(_spoken(name), loader, options)
        return loader(**options)
    if path.is_dir() and has_pictures(path):
        _check_options("a folder of pictures", load_images, options, without=("folder",))
        return load_images(path, **options)
    if path.is_dir():
        _check_options("a folder", load_folder, options, without=("folder",))
        return load_folder(path)
    if path.is_file():
        return _file(path, options)
    from nncore.plugins.near import did_you_mean

    known = [_spoken(each) for each in registry]
    raise DataError(
        f"no data set, no folder and no file is called {str(source)!r}; expected {', '.join(known)} or a path."
        f"{did_you_mean(str(source).lower(), known)}"
    )


def _registered(name: str) -> str:
    """A data set's name as the registry writes it: people write hyphens too, and capitals."""
    distribution, slash, bare = name.rpartition("/")
    return f"{distribution}{slash}{bare.lower().replace('-', '_')}"


def _spoken(name: str) -> str:
    """A registry name as people write it."""
    distribution, slash, bare = name.rpartition("/")
    return f"{distribution}{slash}{bare.replace('_', '-')}"


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
    parameters = inspect.signature(taker).parameters
    if not without and any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        return
    known = [name for name in parameters if name not in without] + list(more)
    for name in options:
        if name not in known:
            takes = f"takes {', '.join(known)}" if known else "takes no options"
            raise DataError(f"unknown option {name!r}: {what} {takes}")
