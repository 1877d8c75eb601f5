"""What the constructors of built-in components refuse. Each message names the component and the argument."""

import math
from collections.abc import Sequence
from typing import Any

from nncore.api import InvalidValueError


def number(
    component: str,
    name: str,
    value: Any,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
) -> float:
    """A finite number in a range, as it was given.

    Raises:
        InvalidValueError: It is none.
    """
    real = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if (
        real
        and (least is None or value >= least)
        and (above is None or value > above)
        and (most is None or value <= most)
    ):
        return value  # type: ignore[no-any-return]
    bounds = [
        f"of at least {least:g}" if least is not None else "",
        f"above {above:g}" if above is not None else "",
        f"of at most {most:g}" if most is not None else "",
    ]
    expected = " and ".join(bound for bound in bounds if bound)
    raise InvalidValueError(f"{component}: {name} is a finite number{expected and f' {expected}'}, got {value!r}")


def whole(component: str, name: str, value: Any, *, least: int | None = None) -> int:
    """An integer, as it was given.

    Raises:
        InvalidValueError: It is none, or below the least.
    """
    if isinstance(value, int) and not isinstance(value, bool) and (least is None or value >= least):
        return value
    raise InvalidValueError(
        f"{component}: {name} is an integer{'' if least is None else f' of at least {least}'}, got {value!r}"
    )


def flag(component: str, name: str, value: Any) -> bool:
    """True or False, as it was given.

    Raises:
        InvalidValueError: It is neither.
    """
    if isinstance(value, bool):
        return value
    raise InvalidValueError(f"{component}: {name} is True or False, got {value!r}")


def one_of(component: str, name: str, value: Any, words: Sequence[Any]) -> Any:
    """One of some words, as it was given.

    Raises:
        InvalidValueError: It is another one.
    """
    if any(value == word and type(value) is type(word) for word in words):
        return value
    *most, last = map(repr, words)
    raise InvalidValueError(f"{component}: {name} is {', '.join(most)} or {last}, got {value!r}")
