"""Targets as files and other libraries give them: which are classes, and what these are called."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nncore.errors import DataError

Array = NDArray[Any]
Targets = Literal["auto", "labels", "values"]


def check(targets: object) -> None:
    """Refuse another word than the three."""
    if targets not in ("auto", "labels", "values"):
        raise DataError(f"targets is {targets!r}; expected 'auto', 'labels' or 'values'")


def resolve(values: Array, targets: Targets, what: str) -> tuple[Array, dict[str, Any]]:
    """Targets as `ArrayDataset` takes them: `y`, and the options that go with it.

    Args:
        values: Shape `(N,)` of numbers, or of text, or `(N, ...)` of numbers.
        targets: `"labels"`: the distinct values, sorted, are the classes. `"values"`: they are numbers. `"auto"`: text
            is labels; so are whole numbers in which each of 0, 1, …, K - 1 occurs; everything else is values.
        what: Whose targets, for messages.

    Example:
        >>> resolve(np.array(["dog", "cat", "dog"]), "auto", "pets")
        (array([1, 0, 1]), {'classes': ('cat', 'dog')})
        >>> resolve(np.array([0.5, 2.0]), "auto", "prices")
        (array([0.5, 2. ]), {'targets': 'values'})
        >>> resolve(np.array([3, 1, 3]), "labels", "grades")
        (array([1, 0, 1]), {'classes': ('1', '3')})
    """
    check(targets)
    text = values.dtype.kind not in "biuf"
    if text:
        values = np.array([str(value) for value in values.ravel()]).reshape(values.shape)
    if text and targets == "values":
        raise DataError(
            f'{what}: targets are text, such as {str(values.flat[0])!r}; expected numbers for targets="values"'
        )
    if targets == "values" or values.ndim != 1 or not values.size:
        return values, {"targets": "values"}
    distinct, numbers = np.unique(values, return_inverse=True)
    if text:
        names = sorted((str(name) for name in distinct), key=_key(distinct))
        places = {name: place for place, name in enumerate(names)}
        order = np.array([places[str(name)] for name in distinct])
        return order[numbers], {"classes": tuple(names)}
    counted = values.dtype.kind != "b" and np.array_equal(distinct, np.arange(len(distinct)))
    if counted:
        return numbers, {"classes": len(distinct)}
    if targets == "auto" and values.dtype.kind != "b":
        return values, {"targets": "values"}
    return numbers, {"classes": tuple(f"{value:g}" if value.dtype.kind == "f" else str(value) for value in distinct)}


def _key(names: Array) -> Any:
    """Text that is whole numbers sorts as numbers, so that "10" comes after "9"."""
    return int if all(str(name).isascii() and str(name).isdigit() for name in names) else str
