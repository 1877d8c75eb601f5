"""Data sets that have a name and lie in IDX files: from the system, from a folder, or from the network."""

from __future__ import annotations

import os

from nncore.data._dataset import ArrayDataset
from nncore.data._download import Remote, fetch
from nncore.data._folders import ALL_FILES, load_pairs, search
from nncore.errors import DataError

Pair = tuple[ArrayDataset, ArrayDataset]

FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
FASHION_SYSTEM = ["/usr/share/datasets/fashion-mnist"]  # where Debian's package dataset-fashion-mnist puts it
FASHION_FILES = [
    Remote(f"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{name}.gz", f"md5:{checksum}")
    for name, checksum in zip(
        ALL_FILES,
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        strict=True,
    )
]
MNIST_FILES = [
    Remote(f"https://storage.googleapis.com/cvdf-datasets/mnist/{name}.gz", f"sha256:{checksum}")
    for name, checksum in zip(
        ALL_FILES,
        (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
        strict=True,
    )
]


def fashion_mnist(*, root: str | os.PathLike[str] | None = None, download: bool = True) -> Pair:
    """Zalando's articles of clothing: 60,000 for training, 10,000 for testing, `(N, 1, 28, 28)`, float32 in [0, 1].

    Debian's package `dataset-fashion-mnist` has it; else it is looked for in `$NNCORE_DATA`, `./data` and the cache, and
    downloaded.

    Args:
        root: The folder of the four IDX files.
        download: Whether to download what is not here.

    Source: Xiao, Rasul and Vollgraf 2017 (arXiv 1708.07747); MIT licence.
    """
    folders = ("fashion-mnist", "fashion_mnist", "FashionMNIST", "FashionMNIST/raw")
    return _pairs("fashion-mnist", folders, root, FASHION_SYSTEM, FASHION_FILES if download else [], FASHION)


def mnist(*, root: str | os.PathLike[str] | None = None, download: bool = True) -> Pair:
    """Handwritten digits: 60,000 for training, 10,000 for testing, `(N, 1, 28, 28)`, float32 in [0, 1].

    It is looked for in `$NNCORE_DATA`, `./data` and the cache, and downloaded.

    Args:
        root: The folder of the four IDX files.
        download: Whether to download what is not here.

    Source: LeCun, Cortes and Burges 1998.
    """
    return _pairs("mnist", ("mnist", "MNIST", "MNIST/raw"), root, [], MNIST_FILES if download else [], 10)


def _pairs(
    name: str,
    folders: tuple[str, ...],
    root: str | os.PathLike[str] | None,
    system: list[str],
    remote: list[Remote],
    classes: int | tuple[str, ...],
) -> Pair:
    try:
        folder = search(name, folders, root, system)
    except DataError as absent:
        # Whoever says where the files are wants those, and no others.
        if root is not None or not remote:
            raise
        try:
            folder = fetch(name, remote)
        except DataError as error:
            raise DataError(f"{absent}. {error}") from error
    return load_pairs(folder, name=name, classes=classes)
