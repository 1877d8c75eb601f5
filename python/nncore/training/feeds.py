"""What may be given as data, as batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore.data import ArrayDataset, Batches
from nncore.errors import DataError, InvalidValueError
from nncore.training import checks

__all__ = ["Feed", "ahead", "divided"]

Batch = tuple[Tensor, Any]


class Feed:
    """Batches of inputs and targets, as often as they are asked for.

    Args:
        source: An `ArrayDataset`, its `Batches`, a pair of arrays `(x, y)`, where y may be a dict of arrays by outputs'
            names, an iterable of batches `(x, y)` that can be gone through again, or a function that returns a new
            iterator for each epoch.
        batch_size: Of data sets and arrays.
        seed: Of the order of data sets and arrays; None for no shuffling.
        targets: Whether each batch must have targets.

    Attributes:
        source: The batches.
        columns: Targets by outputs' names, where `source` gives rows of them.
    """

    def __init__(self, source: Any, batch_size: int, seed: int | None, *, targets: bool = True) -> None:
        self.targets = targets
        self.columns: dict[str, np.ndarray[Any, Any]] = {}
        if not targets and _is_array(source):
            source = ArrayDataset(_array(source))
        elif isinstance(source, tuple) and len(source) == 2 and isinstance(source[1], Mapping) and _is_array(source[0]):
            source = self._by_name(*source)
        else:
            source = dataset(source)
        if isinstance(source, ArrayDataset):
            if targets and source.y is None:
                raise DataError(f"the data set has no y to compare outputs with: {source!r}")
            source = source.batches(batch_size, shuffle=seed is not None, seed=seed)
        if isinstance(source, Iterator):
            raise DataError(
                "an iterator can be gone through once, and each epoch needs its batches: give a data set, a list of "
                "batches, or a function that returns a new iterator"
            )
        if isinstance(source, (str, bytes)):
            raise DataError(f"data is the text {source!r}; nncore.data.load gives a data set by its name or path")
        if isinstance(source, Mapping) or (not isinstance(source, Iterable) and not callable(source)):
            raise DataError(
                "data is a data set, its batches, a pair of arrays (x, y), an iterable of batches (x, y), or a function "
                f"that returns one; got {type(source).__name__}"
            )
        self.source: Iterable[Any] | Callable[[], Iterable[Any]] = source

    def _by_name(self, x: Any, targets: Mapping[Any, Any]) -> ArrayDataset:
        """A data set of rows' numbers as targets."""
        made = ArrayDataset(_array(x))
        for name, values in targets.items():
            column = made_of(_array(x), values)
            self.columns[str(name)] = column
        return ArrayDataset(_array(x), np.arange(len(made)), targets="values")

    def __len__(self) -> int:
        """Batches in an epoch; 0 where nobody knows."""
        return len(self.source) if isinstance(self.source, Sized) else 0

    def epoch(self, number: int, done: int = 0) -> Iterator[Batch]:
        """The batches of the epoch of that number, from 0, without the first ones that are done."""
        source = self.source
        if isinstance(source, Batches):
            source.resume(number, done)
            if done == len(source):
                return iter(())
            if source.dataset.y is not None:
                return self._named(source) if self.columns else iter(source)  # tensors, as they must be
            done = 0
        return itertools.islice(self._checked(source if isinstance(source, Iterable) else source()), done, None)

    def _named(self, batches: Iterable[Any]) -> Iterator[Batch]:
        for x, rows in batches:
            order = rows.numpy()
            yield x, {name: _core.from_numpy(column.take(order, axis=0)) for name, column in self.columns.items()}

    def _checked(self, batches: Iterable[Any]) -> Iterator[Batch]:
        if not isinstance(batches, Iterable):
            raise DataError(
                f"the function that was given as data returned {type(batches).__name__}; expected an iterable"
            )
        for at, batch in enumerate(batches):
            pair = isinstance(batch, (tuple, list)) and len(batch) == 2
            if not pair and self.targets:
                raise DataError(
                    f"batch {at} is a {type(batch).__name__}; expected a pair (x, y). A whole data set is given as a tuple "
                    "of two NumPy arrays, not of lists"
                )
            x, y = batch if pair else (batch, None)
            yield (
                _tensor(x, at),
                {k: _tensor(v, at) for k, v in y.items()}
                if isinstance(y, dict)
                else y
                if y is None
                else _tensor(y, at),
            )


def dataset(source: Any) -> Any:
    """A pair of arrays as a data set; anything else as it is."""
    if isinstance(source, tuple) and len(source) == 2 and _is_array(source[0]) and isinstance(source[1], list):
        # Labels in a list, as people write a few of them. Of two lists each may be a batch.
        source = (source[0], np.asarray(source[1]))
    if not (isinstance(source, tuple) and len(source) == 2 and all(map(_is_array, source))):
        return source
    x, y = map(_array, source)
    # Negative class numbers are those that a loss leaves out, such as -100; it says which.
    labels = y.dtype.kind in "iuUSO" and y.ndim == 1 and not (y.dtype.kind == "i" and (y < 0).any())
    return ArrayDataset(x, y, targets="labels" if labels else "values")


def divided(train: Any, validate: Any, seed: int) -> tuple[Any, Any]:
    """Data to train on and to validate with, where the latter may be a part of the former.

    Raises:
        InvalidValueError: A part makes no sense, or there is nothing to take it from.
    """
    if isinstance(validate, (bool, np.bool_, int, np.integer)):
        raise InvalidValueError(f"validate is {validate!r}; expected data, or a part of it between 0 and 1")
    if not isinstance(validate, (float, np.floating)):
        return train, validate
    checks.number("validate", validate, open=True)
    whole = dataset(train)
    if not isinstance(whole, ArrayDataset):
        raise InvalidValueError(
            "validate as a part of the data needs a data set or a pair of arrays to train on; pass data for it"
        )
    return whole.split(float(validate), seed=seed)


def ahead(batches: Iterator[Any], at: int) -> Iterator[tuple[int, Any, bool]]:
    """Each batch with its number, from `at` on, and whether it is the last one."""
    following = next(batches, None)
    while following is not None:
        batch, following = following, next(batches, None)
        yield at, batch, following is None
        at += 1


def made_of(x: np.ndarray[Any, Any], values: Any) -> np.ndarray[Any, Any]:
    """Targets of one output, as a data set holds them."""
    made: Any = dataset((x, np.asarray(_array(values))))
    return np.asarray(made.y)


def _is_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, Tensor)) or (
        hasattr(value, "__array__") and not isinstance(value, (ArrayDataset, type)) and not np.isscalar(value)
    )


def _array(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else np.asarray(value)


def _tensor(value: Any, at: int) -> Tensor:
    if isinstance(value, Tensor):
        return value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise DataError(f"batch {at} holds what cannot be made an array: {error}") from error
    if array.dtype.kind not in "biuf":
        what = "text" if array.dtype.kind in "US" else f"a {type(value).__name__} of dtype {array.dtype}"
        raise DataError(f"batch {at} holds {what}; expected numbers")
    return _core.tensor(array)
