"""The data set inside the package. Source and licence: the file ATTRIBUTION beside this one."""

from __future__ import annotations

import numpy as np

from nncore.data._checks import whole
from nncore.data._dataset import ArrayDataset, Role
from nncore.data._resize import bilinear
from nncore.errors import DataError
from nncore.plugins import example

NATIVE = 8
CLASSES = tuple("0123456789")


@example(config={"size": 8})
def load_digits(*, size: int = 28) -> tuple[ArrayDataset, ArrayDataset]:
    """UCI optical digits: 1437 for training, 360 for testing, `(N, 1, size, size)`, float32 in [0, 1].

    The division is fixed: it is stored in the file, and stratified by class.

    Args:
        size: Height and width: 8 for the images as they are, else they are enlarged bilinearly.
    """
    size = whole(size, "size", NATIVE)
    if size > 1024:
        raise DataError(f"size is {size}; expected at most 1024: the images have {NATIVE}x{NATIVE} pixels")
    from importlib.resources import files

    with files(__package__).joinpath("digits.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in ("train_x", "train_y", "test_x", "test_y")}

    def part(role: Role) -> ArrayDataset:
        images = arrays[f"{role}_x"].astype(np.float32)[:, np.newaxis] / np.float32(16)
        if size != NATIVE:
            images = bilinear(images, size, size)
        return ArrayDataset(images, arrays[f"{role}_y"], name="digits", classes=CLASSES, role=role)

    return part("train"), part("test")
