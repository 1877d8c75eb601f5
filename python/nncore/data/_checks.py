"""Checks of what a caller gives: each raises before anything is changed, naming what was given and expected."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.errors import DataError

Array = NDArray[Any]
MOST = 1 << 24
"""Classes that labels may be of where nothing says how many there are: more come of a mistake, such as of identifiers."""


def whole(value: object, name: str, low: int) -> int:
    """`value` as an int of at least `low`."""
    number: int | None = None
    if not isinstance(value, (bool, np.bool_)):
        try:
            number = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            number = None
    if number is None or number < low:
        raise DataError(f"{name} is {value!r}; expected a whole number of {low} or more")
    return number


def as_array(values: object, name: str) -> Array:
    """`values` as a NumPy array of numbers or booleans, without a copy where it is one already."""
    try:
        array: Array = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise DataError(f"{name} cannot be made an array: {error}") from error
    if array.dtype.kind not in "biuf":
        what = "strings" if array.dtype.kind in "USO" and _holds_text(array) else f"dtype {array.dtype}"
        advice = "; number the classes from 0 and pass their names as classes=" if name == "y" else ""
        raise DataError(f"{name} holds {what}; expected numbers{advice}")
    if array.ndim == 0:
        raise DataError(f"{name} is a single value; expected one row for each sample")
    return array


def _holds_text(array: Array) -> bool:
    return array.dtype.kind in "US" or any(isinstance(value, (str, bytes)) for value in array.flat[:1])


def inputs(values: object) -> Array:
    """What a model is fed: floats as float32, uint8 and bool as they are, other integers as int64; rows contiguous."""
    array = as_array(values, "x")
    if array.dtype.kind == "f":
        dtype: np.dtype[Any] = np.dtype(np.float32)
    elif array.dtype.kind == "b" or array.dtype == np.uint8:
        dtype = array.dtype
    else:
        dtype = np.dtype(np.int64)
        if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
            raise DataError(f"x holds {array.max()}, which is beyond int64; expected smaller numbers, or floats")
    # Gathering rows of an array that is not C-contiguous would copy the whole array for each batch.
    try:
        with np.errstate(over="raise"):
            return np.ascontiguousarray(array, dtype=dtype)
    except FloatingPointError:
        large = array[np.isfinite(array)]
        worst = large[np.abs(large).argmax()].item()
        raise DataError(
            f"x holds {worst:g}, which is beyond float32; expected numbers up to 3.4e38, so scale x down"
        ) from None


def labels(values: object, classes: int | None) -> Array:
    """Class numbers as int64, each checked to be whole and in `[0, classes)`."""
    array = as_array(values, "y")
    if array.ndim != 1:
        raise DataError(
            f"y has shape {array.shape}; labels are 1-D, one class number for each sample. "
            'For other targets pass targets="values"; for one-hot rows pass y.argmax(axis=1)'
        )
    if array.dtype.kind == "f":
        _refuse(array, np.isnan(array), "NaN")
        _refuse(array, array != np.floor(array), "not a whole number")
        _refuse(array, np.isinf(array), "infinite")
    _refuse(array, array < 0, "negative")
    if classes is not None:
        _refuse(array, array >= classes, f"not below the number of classes, {classes}")
    elif array.size and array.max() > np.iinfo(np.int64).max:
        _refuse(array, array > np.iinfo(np.int64).max, "beyond int64")
    elif array.size and array.max() >= MOST:
        _refuse(array, array >= MOST, f"which would make more than {MOST:,} classes")
    return np.ascontiguousarray(array, dtype=np.int64)


def _refuse(array: Array, bad: NDArray[np.bool_], why: str) -> None:
    count = int(np.count_nonzero(bad))
    if count:
        row = int(np.argmax(bad))
        more = f" ({count} such labels)" if count > 1 else ""
        hint = '; for regression pass targets="values"' if array.dtype.kind == "f" and why.startswith("not a") else ""
        raise DataError(f"y[{row}] is {array[row].item()}, {why}{more}; expected class numbers from 0{hint}")


def targets(values: object) -> Array:
    """Targets that are no class labels: floats as float32, integers and booleans as int64; all finite."""
    array = as_array(values, "y")
    if array.dtype.kind != "f":
        return np.ascontiguousarray(array, dtype=np.int64)
    finite = np.isfinite(array)
    if not finite.all():
        row = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise DataError(f"y[{', '.join(map(str, row))}] is {array[row].item()}; expected finite targets")
    return np.ascontiguousarray(array, dtype=np.float32)


def class_names(classes: int | Sequence[str] | None) -> tuple[int | None, tuple[str, ...] | None]:
    """How many classes there are, and their names, as far as `classes` says."""
    if classes is None:
        return None, None
    if isinstance(classes, str):
        raise DataError(f"classes is the string {classes!r}; expected a number of classes or a sequence of names")
    if isinstance(classes, (Sequence, np.ndarray)):
        names = tuple(str(name) for name in classes)
        if not names or len(set(names)) != len(names):
            raise DataError(f"classes is {names!r}; expected one or more names, each once")
        return len(names), names
    return whole(classes, "classes", 1), None


def rows(index: object, length: int) -> slice | NDArray[np.intp]:
    """A slice, mask or index array as something that picks rows of `length` samples, bounds checked."""
    if isinstance(index, slice):
        return index
    array = np.asarray(index)
    if array.ndim != 1:
        raise DataError(f"an index of shape {array.shape} was given; expected an int, a slice, or a 1-D mask or index")
    if array.dtype == np.bool_:
        if len(array) != length:
            raise DataError(f"the mask has {len(array)} entries; expected {length}, one for each sample")
        return np.flatnonzero(array)
    if array.size == 0:
        return np.empty(0, dtype=np.intp)
    if array.dtype.kind not in "iu":
        raise DataError(f"an index of dtype {array.dtype} was given; expected whole numbers or a mask")
    low, high = int(array.min()), int(array.max())
    if low < -length or high >= length:
        raise DataError(f"index {low if low < -length else high} is outside of {length} samples")
    picked = array.astype(np.intp)
    return np.where(picked < 0, picked + length, picked)
