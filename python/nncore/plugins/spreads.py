"""How an initializer says, as data, what it draws; `nncore.initialization` reads it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from nncore.errors import InvalidValueError

__all__ = ["Spread", "spread", "spread_of"]

Component = TypeVar("Component")

_WHERE = "__nncore_spread__"


@dataclass(frozen=True)
class Spread:
    """What an initializer draws; `spread` makes it. Its fields are the arguments of `spread`."""

    formula: str | Callable[..., str]
    std: Callable[..., float]

    def written(self, **config: Any) -> str:
        """The distribution, with this config."""
        return self.formula if isinstance(self.formula, str) else self.formula(**config)


def spread(formula: str | Callable[..., str], std: Callable[..., float]) -> Callable[[Component], Component]:
    """Say on an initializer which distribution it draws from, so that reports can print it and compare.

    Args:
        formula: The distribution, such as `"N(0, 1/fan_in)"`; a function of the config where it depends on that.
        std: The standard deviation that is expected of all elements together, about their mean:
            `(shape, fan_in, fan_out, **config) -> float`.

    Example:
        >>> @spread("U(-1, 1)", std=lambda shape, fan_in, fan_out: 1 / 3**0.5)
        ... def symmetric(shape, fan_in, fan_out, stream, dtype):
        ...     return stream.random(shape, dtype) * 2 - 1
        >>> spread_of(symmetric).written()
        'U(-1, 1)'
    """
    if not callable(formula) and (not isinstance(formula, str) or not formula or "\n" in formula):
        raise InvalidValueError(f"spread: formula is {formula!r}; expected one line of text, such as 'N(0, 1/fan_in)'")
    if not callable(std):
        raise InvalidValueError(f"spread: std is {std!r}; expected (shape, fan_in, fan_out, **config) -> float")

    def note(component: Component) -> Component:
        setattr(component, _WHERE, Spread(formula, std))
        return component

    return note


def spread_of(component: object) -> Spread | None:
    """What was noted on an initializer, also where some of its config is bound or where an instance is asked for."""
    if isinstance(component, functools.partial):
        component = component.func
    found: Spread | None = getattr(component, _WHERE, None)
    return found
