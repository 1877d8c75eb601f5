"""CIFAR-10 and CIFAR-100, in their authors' binary form, which runs no code when it is read."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nncore.data._dataset import ArrayDataset, Role
from nncore.data._download import Remote, cache, fetch
from nncore.errors import DataError, FileFormatError

Pair = tuple[ArrayDataset, ArrayDataset]

PIXELS = 3 * 32 * 32
TEN = Remote(
    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9dddda3db29a59bca1dd",
)
HUNDRED = Remote("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz", "md5:03b5dce01913d631647c71ecec9e9cb8")
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def cifar10(*, root: str | os.PathLike[str] | None = None, download: bool = True) -> Pair:
    """Small colour pictures of ten classes: 50,000 for training, 10,000 for testing, `(N, 3, 32, 32)`, float32 in [0, 1].

    It is looked for in `$NNCORE_DATA`, `./data` and the cache, and downloaded: `cifar-10-binary.tar.gz`, as it is or unpacked.

    Args:
        root: The folder of the archive, or of the files in it.
        download: Whether to download what is not here.

    Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images".
    """
    files: dict[Role, list[str]] = {"train": [f"data_batch_{k}.bin" for k in range(1, 6)], "test": ["test_batch.bin"]}
    held = _held("cifar10", TEN, "cifar-10-batches-bin", root, download)
    return _pair("cifar10", held, files, 1, CLASSES)


def cifar100(*, root: str | os.PathLike[str] | None = None, download: bool = True) -> Pair:
    """Small colour pictures of a hundred classes: 50,000 for training, 10,000 for testing, `(N, 3, 32, 32)`, float32 in [0, 1].

    It is looked for in `$NNCORE_DATA`, `./data` and the cache, and downloaded: `cifar-100-binary.tar.gz`, as it is or unpacked.
    Labels are the fine ones.

    Args:
        root: The folder of the archive, or of the files in it.
        download: Whether to download what is not here.

    Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images".
    """
    held = _held("cifar100", HUNDRED, "cifar-100-binary", root, download)
    names = _bytes(held, "fine_label_names.txt").decode("ascii", "replace").split()
    return _pair("cifar100", held, {"train": ["train.bin"], "test": ["test.bin"]}, 2, tuple(names))


def _held(name: str, remote: Remote, folder: str, root: str | os.PathLike[str] | None, download: bool) -> Path:
    """The archive, or the folder with what was in it."""
    homes = [Path(root)] if root is not None else [cache() / name, Path("data") / name]
    for home in homes:
        for place in (home / remote.file, home / folder, home):
            if place.is_file() or any(place.glob("*.bin")):
                return place
    if root is not None or not download:
        raise DataError(
            f"{name} was not found in {', '.join(map(str, homes))}; expected {remote.file} there, or the folder {folder} of it"
        )
    return fetch(name, [remote]) / remote.file


def _pair(name: str, held: Path, files: dict[Role, list[str]], labels: int, classes: tuple[str, ...]) -> Pair:
    def part(role: Role) -> ArrayDataset:
        rows = np.concatenate([_rows(held, file, labels) for file in files[role]])
        images = rows[:, labels:].reshape(-1, 3, 32, 32)
        # The last one of several labels is the fine one.
        return ArrayDataset(images, rows[:, labels - 1], name=name, classes=classes, role=role, scale=255)

    return part("train"), part("test")


def _rows(held: Path, file: str, labels: int) -> NDArray[np.uint8]:
    content = np.frombuffer(_bytes(held, file), np.uint8)
    if not content.size or content.size % (labels + PIXELS):
        raise FileFormatError(
            f"{held}: {file} has {content.size} bytes; expected pictures of {labels + PIXELS} each, so it was cut short"
        )
    return content.reshape(-1, labels + PIXELS)


def _bytes(held: Path, file: str) -> bytes:
    if held.is_dir():
        path = held / file
        if not path.is_file():
            raise DataError(f"{held} lacks {file}")
        return path.read_bytes()
    try:
        with tarfile.open(held) as archive:
            for member in archive:
                if member.isfile() and member.name.rpartition("/")[2] == file:
                    found = archive.extractfile(member)
                    assert found is not None, "a file's content can be read"
                    return found.read()
    except (tarfile.TarError, OSError, EOFError) as error:
        raise FileFormatError(f"{held} is no archive, or was cut short: {error}") from error
    raise DataError(f"{held} lacks {file}")
