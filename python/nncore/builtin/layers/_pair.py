"""Sizes of recurrent layers."""

from typing import Any

from nncore.api import InvalidValueError


def positive(value: Any, name: str) -> int:
    """An integer above zero."""
    if type(value) is not int or value < 1:
        raise InvalidValueError(f"{name} is a positive integer, got {value!r}")
    return value
