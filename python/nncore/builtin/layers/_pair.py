"""Sizes of two dimensions, of which users often write one."""

from collections.abc import Sequence
from typing import Any

from nncore.api import InvalidValueError

Pair = int | Sequence[int]


def pair(value: Any, name: str, least: int) -> tuple[int, int]:
    """`3` and `(3, 3)` alike as `(3, 3)`.

    Raises:
        InvalidValueError: It is neither, or a size below `least`.
    """
    both = (value, value) if isinstance(value, int) else value
    if isinstance(both, (tuple, list)) and len(both) == 2 and all(type(size) is int and size >= least for size in both):
        return both[0], both[1]
    raise InvalidValueError(f"{name} is an integer or two of them, {least} or more; got {value!r}")


def positive(value: Any, name: str) -> int:
    """An integer above zero."""
    if type(value) is not int or value < 1:
        raise InvalidValueError(f"{name} is a positive integer, got {value!r}")
    return value
