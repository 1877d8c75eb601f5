"""What is done to a run's inputs before the network sees them: learned from its training part alone, and kept in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nncore.data import ArrayDataset
from nncore.errors import ConfigError, FileFormatError, NNCoreError, RunError
from nncore.io import load, save
from nncore.preprocess import Pipeline, Transform

__all__ = ["learn", "read_learned", "write_learned"]


def learn(steps: list[Any], train: ArrayDataset) -> Transform | None:
    """The transforms in a pipeline, fitted to the training part; None where there are none.

    Args:
        steps: Their specs, as `data.preprocess` holds them.
        train: What to learn from.

    Raises:
        ConfigError: A setting or these samples are not what a transform takes, or one changes targets.
    """
    if not steps:
        return None
    try:
        prepare = Pipeline(steps).fit(train)
        # A row tells what becomes of shapes and targets.
        row = prepare.transform(train[:1])
    except NNCoreError as error:
        raise ConfigError(f"data.preprocess: {error}") from error
    if row.num_classes != train.num_classes or not np.array_equal(np.asarray(row.y), np.asarray(train[:1].y)):
        raise ConfigError(
            "data.preprocess: these transforms change what belongs to the inputs; expected some that change inputs alone, "
            "since whoever asks for a prediction has nothing else"
        )
    return prepare


def write_learned(prepare: Transform, path: Path) -> None:
    """Keep it, so that evaluation and prediction do what the training did, whatever becomes of the data."""
    save({}, path, preprocess=prepare)


def read_learned(path: Path) -> Transform:
    """What `write_learned` has written.

    Raises:
        RunError: It is not there.
        FileFormatError: It is damaged.
    """
    if not path.exists():
        raise RunError(f"{path} is missing; it holds what data.preprocess has learned from the training data")
    try:
        _, prepare = load(path, preprocess=True)
    except NNCoreError as error:
        raise FileFormatError(f"{path} does not tell how inputs are prepared: {error}") from error
    found: Transform = prepare
    return found
