"""What settings of optimizers may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nncore.errors import InvalidValueError

__all__ = ["ascending", "betas", "number", "numbers"]


def number(name: str, value: Any, least: float = 0.0, below: float = float("inf")) -> float:
    """A finite number in a range.

    Raises:
        InvalidValueError: It is none.
    """
    try:
        # Text that reads as a number would stay a text, and fail where it is used.
        checked = float("nan") if isinstance(value, (str, bytes, bool)) else float(value)
    except (TypeError, ValueError):
        checked = float("nan")
    if not least <= checked < below:
        bound = "" if below == float("inf") else f" and below {below:g}"
        raise InvalidValueError(f"{name} is a number of at least {least:g}{bound}, got {value!r}")
    return checked


def numbers(settings: Mapping[str, Any], *names: str) -> None:
    """Refuse settings of these names that are negative, infinite or no numbers."""
    for name in names:
        number(name, settings[name])


def betas(settings: Mapping[str, Any]) -> None:
    """Refuse `betas` that are not two numbers of at least 0 and below 1."""
    for beta in _pair("betas", settings["betas"]):
        number("a beta", beta, 0.0, 1.0)


def ascending(name: str, value: Any) -> tuple[float, float]:
    """Two numbers of at least 0, the first of which is not the larger."""
    low, high = (number(f"a part of {name}", part) for part in _pair(name, value))
    if low > high:
        raise InvalidValueError(f"{name} are a smaller and a larger number, got {value!r}")
    return low, high


def _pair(name: str, value: Any) -> Any:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise InvalidValueError(f"{name} are two numbers, got {value!r}")
    return value
