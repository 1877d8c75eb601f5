"""Data sets that lie in folders as the four IDX files of MNIST."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nncore.data._dataset import ArrayDataset, Role
from nncore.data._download import cache
from nncore.data._idx import read_idx
from nncore.data._images import PICTURES
from nncore.errors import DataError, FileFormatError

FILES: dict[Role, tuple[str, str]] = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
ALL_FILES = [name for pair in FILES.values() for name in pair]


def find(folder: Path, name: str) -> Path | None:
    """The file of that name, plain or gzipped."""
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def missing(folder: Path) -> list[str]:
    """Which of the four files a folder lacks."""
    return [name for name in ALL_FILES if find(folder, name) is None]


def load_pairs(
    folder: Path, *, name: str | None = None, classes: int | Sequence[str] | None = None
) -> tuple[ArrayDataset, ArrayDataset]:
    """The four files as `(train, test)`: images `(N, 1, H, W)`, float32 in [0, 1], one byte a pixel in memory."""
    # A test set may lack a class, and both must agree on their number.
    labels = {role: read_idx(_need(folder, pair[1])) for role, pair in FILES.items()}
    if classes is None and all(values.size and values.dtype.kind in "iu" for values in labels.values()):
        classes = max(int(values.max()) for values in labels.values()) + 1

    def part(role: Role) -> ArrayDataset:
        path = _need(folder, FILES[role][0])
        images = read_idx(path)
        if images.ndim != 3 or images.dtype.name != "uint8":
            raise FileFormatError(f"{path}: holds {images.dtype} of shape {images.shape}; expected uint8 (N, H, W)")
        return ArrayDataset(images[:, None], labels[role], name=name, classes=classes, role=role, scale=255)

    return part("train"), part("test")


def _need(folder: Path, name: str) -> Path:
    path = find(folder, name)
    if path is None:
        raise DataError(f"{folder} lacks {name} (or {name}.gz)")
    return path


def load_folder(folder: Path) -> tuple[ArrayDataset, ArrayDataset]:
    """What a folder holds, as `(train, test)`."""
    lacking = missing(folder)
    if not lacking:
        return load_pairs(folder, name=folder.resolve().name)
    raise DataError(
        f"{folder} lacks {', '.join(lacking)}; expected the four IDX files {', '.join(ALL_FILES)}, each plain or .gz, "
        "or pictures in folders, one for each class"
    )


def has_pictures(folder: Path) -> bool:
    """Whether a folder holds pictures, and not some of the IDX files."""
    if len(missing(folder)) < len(ALL_FILES):
        return False
    return any(path.suffix.lower() in PICTURES for path in _some_files(folder))


def _some_files(folder: Path, limit: int = 1000) -> list[Path]:
    found: list[Path] = []
    for parent, _, names in os.walk(folder):
        found += [Path(parent, name) for name in names]
        if len(found) >= limit:
            break
    return found


def search(name: str, subfolders: Sequence[str], root: str | os.PathLike[str] | None, system: Sequence[str]) -> Path:
    """The first folder that holds the four files of a named data set.

    With `root`, it or one of its subfolders. Else subfolders of `NNCORE_DATA`, the system's folders, subfolders of
    `./data`, and of the cache that downloads go to. A shared folder itself is never taken: the files of MNIST and of its successors have the same names.
    """
    if root is not None:
        places = [Path(root), *(Path(root) / sub for sub in subfolders)]
    else:
        shared = os.environ.get("NNCORE_DATA")
        places = [Path(shared) / sub for sub in subfolders] if shared else []
        places += [Path(folder) for folder in system]
        places += [Path("data") / sub for sub in subfolders]
        places += [] if shared else [cache() / name]
    for place in places:
        if not missing(place):
            return place
    partly = [place for place in places if len(missing(place)) < len(ALL_FILES)]
    if partly:
        raise DataError(f"{name}: {partly[0]} lacks {', '.join(missing(partly[0]))} (plain or .gz)")
    install = f"`apt-get install dataset-{name}` (Debian, Ubuntu) puts them where they are found; or " if system else ""
    raise DataError(
        f"{name} was not found in {', '.join(map(str, places))}. {install}put {', '.join(ALL_FILES)} (plain or .gz) "
        f'into one folder and pass data.load("{name}", root=that_folder)'
    )
