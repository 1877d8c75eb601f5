"""How a component says, as data, what it is made with and called with; the kit in `nncore.testing` reads it.

Nothing here computes: `example` leaves a note on a class or function. Whoever checks components draws the inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nncore.errors import InvalidValueError

__all__ = ["Example", "Given", "example", "examples_of", "given"]

Component = TypeVar("Component")

_WHERE = "__nncore_examples__"


@dataclass(frozen=True)
class Given:
    """An input that is drawn; `given` makes it."""

    shape: tuple[int, ...]
    low: float | None = None
    high: float | None = None
    dtype: str | None = None
    grad: bool = True

    @property
    def bounds(self) -> tuple[float, float]:
        """What it is drawn between, defaults filled in."""
        floats = self.dtype is None or self.dtype.startswith("float")
        low = (-2.0 if floats else 0) if self.low is None else self.low
        return low, (2.0 if floats else low + 2) if self.high is None else self.high


def given(
    shape: Sequence[int],
    low: float | None = None,
    high: float | None = None,
    dtype: str | None = None,
    grad: bool = True,
) -> Given:
    """An input for `example`: numbers drawn uniformly.

    Args:
        shape: Its shape.
        low, high: Drawn from [low, high). Default: [-2, 2) for floats; for integers 0 and 1, so give `high`, such as the
            number of classes.
        dtype: Such as `"int64"` or `"bool"`. Default: floats, in whichever dtype is checked.
        grad: Whether the component is differentiable by it.

    Example:
        >>> given((4,), high=10, dtype="int64").bounds  # four class numbers
        (0, 10)
    """
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else None
    if sizes is None or not all(type(size) is int and size >= 0 for size in sizes):
        raise InvalidValueError(f"given: shape {shape!r} is no shape; expected sizes, such as (4, 3)")
    if dtype is not None and not isinstance(dtype, str):
        raise InvalidValueError(f"given: dtype {dtype!r} is no name; expected one such as 'int64'")
    found = Given(sizes, low, high, dtype, bool(grad))
    if not found.bounds[0] < found.bounds[1]:
        raise InvalidValueError(f"given: low={low!r} and high={high!r} leave nothing to draw from")
    return found


@dataclass(frozen=True)
class Example:
    """One way to make a component and to call it; `example` makes it.

    Its fields are the arguments of `example`.
    """

    config: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = field(default_factory=dict)
    inputs: Sequence[Any] | Mapping[str, Any] | None = None
    output: Any = None
    skip: Mapping[str, str] = field(default_factory=dict)


def example(
    *,
    config: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    inputs: Sequence[Any] | Mapping[str, Any] | None = None,
    output: Any = None,
    skip: Mapping[str, str] | None = None,
) -> Callable[[Component], Component]:
    """Say on a class or function what it can be made with and called with, so that the kit can check it.

    It changes nothing else. Several may stand above one another; each is checked. A component that needs no config and
    takes one tensor, or a loss that takes an output and a target alike, needs none: the kit guesses.

    Args:
        config: The constructor's arguments by name; a `*args` parameter's are a list. A function that returns them where
            they hold Modules. Default: none.
        inputs: What it is called with, in order, or by name in a dict. A tuple of numbers is the *shape* of floats to
            draw, `given(...)` says more, a list or an array is the *values* (by which it is not differentiated), any other
            tuple is a tuple of inputs, and the rest is passed on as it is. For an initializer: shapes of parameters. Default: guessed.
        output: The shape that comes out, or a tuple of them. Default: not claimed (an activation keeps its input's).
        skip: Checks that do not apply, with the reason, such as `{"gradient": "passes straight through"}`.

    Example:
        >>> @example(config={"features": 3}, inputs=[(4, 3)], output=(4, 3))
        ... class Scale:
        ...     def __init__(self, features): ...
        >>> examples_of(Scale)[0].inputs
        ((4, 3),)
    """
    if config is not None and not callable(config):
        _check(isinstance(config, Mapping) and all(isinstance(key, str) for key in config), "config", config, "a dict")
    names = isinstance(inputs, Mapping)
    _check(inputs is None or names or isinstance(inputs, (list, tuple)), "inputs", inputs, "a list such as [(4, 3)]")
    _check(output is None or isinstance(output, tuple), "output", output, "a shape such as (4, 3)")
    reasons = dict(skip or {})
    _check(all(isinstance(why, str) and why for why in reasons.values()), "skip", skip, "a reason for each check")
    made = Example(
        {} if config is None else config,
        inputs if inputs is None else dict(inputs) if isinstance(inputs, Mapping) else tuple(inputs),
        output,
        reasons,
    )

    def note(component: Component) -> Component:
        # The one above was written first in the file, and is applied last.
        setattr(component, _WHERE, (made, *examples_of(component)))
        return component

    return note


def examples_of(component: object) -> tuple[Example, ...]:
    """The examples that were noted on this very object; a subclass has none of its parent's."""
    found: tuple[Example, ...] = getattr(component, "__dict__", {}).get(_WHERE, ())
    return found


def _check(right: bool, name: str, value: object, expected: str) -> None:
    if not right:
        raise InvalidValueError(f"example: {name} is {value!r}; expected {expected}")
