"""What may be given to a Trainer: each check raises before anything has changed, and names the argument."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nncore.errors import InvalidValueError
from nncore.plugins import make, resolve
from nncore.plugins.near import did_you_mean

__all__ = ["callbacks", "flag", "metrics", "number", "path", "seed", "takes", "whole"]

METHODS: dict[str, tuple[str, ...]] = {
    "on_fit_begin": ("trainer",),
    "on_epoch_begin": ("trainer", "epoch"),
    "on_step_end": ("trainer", "step", "loss"),
    "on_validation_begin": ("trainer",),
    "on_validation_end": ("trainer",),
    "on_epoch_end": ("trainer", "row"),
    "on_fit_end": ("trainer",),
}
"""What a callback may have, and what each is called with."""
COLUMNS = ("epoch", "loss", "lr", "penalty", "seconds")
"""The columns of a history that are no metrics."""


def whole(name: str, value: Any, least: int, what: str = "a whole number") -> int:
    """A whole number of at least `least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or value < least:
        raise InvalidValueError(f"{name} is {_shown(value)}; expected {what}, {least} or more")
    return int(value)


def seed(value: Any) -> int:
    """A seed that every stream takes."""
    found = whole("seed", value, 0)
    if found >= 1 << 63:
        raise InvalidValueError(f"seed is {found}; expected a whole number below 2 ** 63")
    return found


def number(name: str, value: Any, least: float = 0.0, *, open: bool = False) -> float:
    """A finite number of at least `least`, or where the interval is open one above it."""
    right = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, (bool, np.bool_))
    if not right or not math.isfinite(value) or value < least or (open and value == least):
        bound = f"above {least:g}" if open else f"of at least {least:g}"
        raise InvalidValueError(f"{name} is {_shown(value)}; expected a number {bound}")
    return float(value)


def flag(name: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidValueError(f"{name} is {_shown(value)}; expected True or False")
    return bool(value)


def path(name: str, value: Any) -> str | os.PathLike[str]:
    """The name of a file."""
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        raise InvalidValueError(f"{name} is {_shown(value)}; expected the name of a file")
    return value


def takes(what: str, function: Any, *arguments: str) -> None:
    """Refuse a function that cannot be called with so many arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # written in C; it will say itself
    try:
        signature.bind(*arguments)
    except TypeError as error:
        raise InvalidValueError(f"{what} is called with ({', '.join(arguments)}): {error}") from None


def callbacks(given: Any) -> list[Any]:
    """Callbacks, each an instance with methods that a training calls."""
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        raise InvalidValueError(f"callbacks is a list of them, got {_shown(given)}")
    found = [make("callback", each) if isinstance(each, (str, Mapping)) else each for each in given]
    for at, callback in enumerate(found):
        what = f"callbacks[{at}]"
        if isinstance(callback, type):
            raise InvalidValueError(f"{what} is the class {callback.__name__}; expected an instance of it")
        known = [name for name in METHODS if callable(getattr(callback, name, None))]
        if not known:
            near = [did_you_mean(name, METHODS) for name in dir(callback) if name.startswith("on_")]
            raise InvalidValueError(
                f"{what} is {_shown(callback)}, which has none of the methods of a callback: {', '.join(METHODS)}."
                + "".join(near[:1])
            )
        for name in known:
            takes(f"{what}.{name}", getattr(callback, name), *METHODS[name])
    return found


def metrics(given: Any, outputs: Iterable[str]) -> dict[str, tuple[str | None, Any]]:
    """Metrics by their column in the history: the output that each one looks at, None for the main one, and the metric.

    Args:
        given: Metrics in a list; or in a dict by the names that they shall have. Where a dict holds a list, its metrics
            are of the output of that name, and their columns begin with it.
        outputs: Names of outputs that have a loss.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InvalidValueError(f"metrics is a list of them, got {_shown(given)}")
    outputs = list(outputs)
    found: dict[str, tuple[str | None, Any]] = {}

    def add(column: str, output: str | None, metric: Any) -> None:
        taken = (*COLUMNS, *(f"{name}_loss" for name in outputs))
        if not isinstance(column, str) or not column.isidentifier() or column in taken or column.startswith("val_"):
            raise InvalidValueError(f"a metric's name is a word, and not that of another column; got {column!r}")
        if column in found:
            raise InvalidValueError(
                f"two metrics are called {column!r}; give metrics as a dict, by the names that they shall have"
            )
        found[column] = output, _metric(column, metric)

    if isinstance(given, Mapping):
        for name, metric in given.items():
            if not isinstance(metric, (list, tuple)):
                add(name, None, metric)
                continue
            if name not in outputs:
                raise InvalidValueError(
                    f"metrics names the output {name!r}; {'losses are given for ' if outputs else 'there is '}"
                    f"{', '.join(outputs) or 'one output'}"
                )
            for each in metric:
                add(f"{name}_{_name(each)}", name, each)
    else:
        for metric in given:
            add(_name(metric), None, metric)
    return found


def _metric(column: str, given: Any) -> Any:
    """A metric, ready for use."""
    found = resolve("metric", given)
    if not found.shared and not found.config:
        try:
            inspect.signature(found.component).bind()
        except TypeError as error:
            raise InvalidValueError(
                f"metric {column!r}: {_shown(given)} makes no metric when it is called ({error}); expected a name, or an "
                "object with reset(), update(output, target) and compute()"
            ) from None
        except ValueError:
            pass  # written in C
    made = make("metric", given)
    lacking = [name for name in ("reset", "update", "compute") if not callable(getattr(made, name, None))]
    if lacking or isinstance(made, type):
        raise InvalidValueError(
            f"metric {column!r} is {_shown(made)}, which has no {lacking[0] if lacking else 'state: it is a class'}; "
            "expected an object with reset(), update(output, target) and compute()"
        )
    takes(f"metric {column!r}: update", made.update, "output", "target")
    return made


def _name(metric: Any) -> str:
    """What a metric is called where nobody said."""
    if isinstance(metric, str):
        return metric.rpartition("/")[2]
    if isinstance(metric, Mapping):
        return str(metric.get("name")).rpartition("/")[2]
    found = resolve("metric", metric)
    if found.name is not None:
        return found.name.rpartition("/")[2]
    return str(getattr(metric if isinstance(metric, type) else type(metric), "__name__", "metric"))


def _shown(value: Any) -> str:
    """A value in a message: short, whatever it is."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"an array of shape {tuple(value.shape)}"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
