"""What may be given as data, as batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore.data import ArrayDataset, Batches
from nncore.errors import DataError

__all__ = ["Feed"]

Batch = tuple[Tensor, Any]


class Feed:
    """Batches of inputs and targets, as often as they are asked for.

    Args:
        source: An `ArrayDataset`, its `Batches`, a pair of arrays `(x, y)`, an iterable of batches `(x, y)` that can be
            gone through again, or a function that returns a new iterator for each epoch.
        batch_size: Of data sets and arrays.
        seed: Of the order of data sets and arrays; None for no shuffling.
        targets: Whether each batch must have targets.
    """

    def __init__(self, source: Any, batch_size: int, seed: int | None, *, targets: bool = True) -> None:
        self.targets = targets
        self.name = ""
        if not targets and isinstance(source, (np.ndarray, Tensor)):
            source = ArrayDataset(_array(source))
        elif (
            isinstance(source, tuple) and len(source) == 2 and all(isinstance(s, (np.ndarray, Tensor)) for s in source)
        ):
            x, y = (_array(each) for each in source)
            kind = "labels" if y.dtype.kind in "iu" and y.ndim == 1 else "values"
            source = ArrayDataset(x, y, targets=kind)  # type: ignore[arg-type]
        if isinstance(source, ArrayDataset):
            self.name = source.name or ""
            if targets and source.y is None:
                raise DataError(f"the data set has no y to compare outputs with: {source!r}")
            source = source.batches(batch_size, shuffle=seed is not None, seed=seed)
        if isinstance(source, Iterator):
            raise DataError(
                "an iterator can be gone through once, and each epoch needs its batches: give a data set, a list of "
                "batches, or a function that returns a new iterator"
            )
        if not isinstance(source, Iterable) and not callable(source):
            raise DataError(
                "data is a data set, its batches, a pair of arrays (x, y), an iterable of batches (x, y), or a function "
                f"that returns one; got {type(source).__name__}"
            )
        self._source: Iterable[Any] | Callable[[], Iterable[Any]] = source

    def __len__(self) -> int:
        """Batches in an epoch; 0 where nobody knows."""
        return len(self._source) if isinstance(self._source, Sized) else 0

    def epoch(self, number: int, done: int = 0) -> Iterator[Batch]:
        """The batches of the epoch of that number, from 0, without the first ones that are done."""
        source = self._source
        if isinstance(source, Batches):
            source.resume(number, done)
            if done == len(source):
                return iter(())
            if source.dataset.y is not None:
                return iter(source)  # tensors, as they must be
            done = 0
        return itertools.islice(self._checked(source if isinstance(source, Iterable) else source()), done, None)

    def _checked(self, batches: Iterable[Any]) -> Iterator[Batch]:
        for at, batch in enumerate(batches):
            pair = isinstance(batch, (tuple, list)) and len(batch) == 2
            if not pair and self.targets:
                raise DataError(f"batch {at} is a {type(batch).__name__}; expected a pair (x, y)")
            x, y = batch if pair else (batch, None)
            yield (
                _tensor(x),
                {k: _tensor(v) for k, v in y.items()} if isinstance(y, dict) else y if y is None else _tensor(y),
            )


def _array(value: Any) -> np.ndarray[Any, Any]:
    return value.numpy() if isinstance(value, Tensor) else value


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else _core.tensor(np.asarray(value))
