"""Data sets in memory: load them, divide them, walk over them in batches.

>>> from nncore import data
>>> train, test = data.load("digits")
>>> train
ArrayDataset(digits, train: 1437 samples, x float32 (1, 28, 28), y int64 (), 10 classes)
>>> train, val = train.split(0.1, seed=0)
>>> batches = train.batches(64, shuffle=True, seed=0)
>>> len(train), len(val), len(batches)
(1293, 144, 21)
>>> x, y = next(iter(batches))
>>> tuple(x.shape), tuple(y.shape)
((64, 1, 28, 28), (64,))
"""

from typing import Any

from nncore.data._augment import Augmentation, HorizontalFlip, RandomCrop, VerticalFlip
from nncore.data._augment_colour import ColorJitter, Cutout
from nncore.data._augment_mix import CutMix, MixUp
from nncore.data._augment_warp import RandomResizedCrop, RandomRotation
from nncore.data._batches import Batches
from nncore.data._dataset import ArrayDataset
from nncore.data._download import Remote, fetch
from nncore.data._idx import read_idx, write_idx
from nncore.data._load import available, load
from nncore.hints import missing

__all__ = [
    "ArrayDataset",
    "Augmentation",
    "Batches",
    "ColorJitter",
    "CutMix",
    "Cutout",
    "HorizontalFlip",
    "MixUp",
    "RandomCrop",
    "RandomResizedCrop",
    "RandomRotation",
    "Remote",
    "VerticalFlip",
    "available",
    "fetch",
    "load",
    "read_idx",
    "write_idx",
]


def __getattr__(name: str) -> Any:
    raise AttributeError(missing("data", name, "module 'nncore.data'", __all__))
