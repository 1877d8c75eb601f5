"""Preprocessing, by scikit-learn's conventions: learned from training data, and made alike to all data.

    >>> from nncore import data, preprocess
    >>> train, test = data.load("digits")
    >>> prepare = preprocess.Pipeline([preprocess.Standardize(), preprocess.PCA(20, whiten=True)])
    >>> train = prepare.fit_transform(train)
    >>> test = prepare.transform(test)
    >>> train.sample_shape, test.sample_shape
    ((20,), (20,))

Nothing is learned from data that is known to be for validation or testing:

    >>> prepare.fit(data.load("digits")[1])
    Traceback (most recent call last):
    ...
    nncore.errors.DataLeakError: ...

`nncore.save(model, path, preprocess=prepare)` writes what was learned into the model's file, and
`model, prepare = nncore.load(path, preprocess=True)` reads it back. Random changes of training images are arguments of
`train.batches(augment=...)` and stand in `nncore.data`.
"""

from typing import Any

from nncore.hints import missing
from nncore.preprocess.decorrelate import PCA, ZCA
from nncore.preprocess.elementwise import IMAGENET_MEAN, IMAGENET_STD, MeanSubtraction, MinMax, Normalize, Standardize
from nncore.preprocess.one_hot import OneHot
from nncore.preprocess.pipeline import Pipeline
from nncore.preprocess.samples import Samples
from nncore.preprocess.transform import Transform

__all__ = [
    "IMAGENET_MEAN",
    "IMAGENET_STD",
    "PCA",
    "ZCA",
    "MeanSubtraction",
    "MinMax",
    "Normalize",
    "OneHot",
    "Pipeline",
    "Samples",
    "Standardize",
    "Transform",
]


def __getattr__(name: str) -> Any:
    raise AttributeError(missing("preprocess", name, "module 'nncore.preprocess'", __all__))
