"""What layers check of their arguments and inputs. Each message names the layer, what was given and what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nncore.api import InvalidValueError, Module, ShapeError, Tensor
from nncore.builtin import _checks

Size = int | Sequence[int]
"""Sizes of some dimensions, of which users often write one."""


def sizes(layer: Module, name: str, value: Any, count: int, least: int) -> tuple[int, ...]:
    """`3` and `(3, 3)` alike as `(3, 3)`.

    Raises:
        InvalidValueError: It is neither, or a size below `least`.
    """
    each = (value,) * count if type(value) is int else value
    if isinstance(each, (tuple, list)) and len(each) == count and all(type(n) is int and n >= least for n in each):
        return tuple(each)
    expected = "an integer" if count == 1 else f"an integer or {count} of them"
    raise InvalidValueError(f"{_name(layer)}: {name} is {expected}, {least} or more; got {value!r}")


def pair(layer: Module, name: str, value: Any, least: int) -> tuple[int, int]:
    """Sizes of two dimensions."""
    first, second = sizes(layer, name, value, 2, least)
    return first, second


def adaptive_sizes(layer: Module, value: Any, count: int) -> tuple[int | None, ...]:
    """The sizes of a pool's output, of which None keeps the input's."""
    each = (value,) * count if value is None or type(value) is int else value
    known = isinstance(each, (tuple, list)) and len(each) == count
    if known and all(size is None or (type(size) is int and size >= 1) for size in each):
        return tuple(each)
    expected = "a positive integer or None" if count == 1 else f"a positive integer or None, or {count} of them"
    raise InvalidValueError(f"{_name(layer)}: output_size is {expected}; got {value!r}")


def shape(layer: Module, name: str, value: Any) -> tuple[int, ...]:
    """Sizes of the last dimensions, one number for one of them."""
    each = (value,) if type(value) is int else value
    if isinstance(each, (tuple, list)) and each and all(type(n) is int and n >= 1 for n in each):
        return tuple(each)
    raise InvalidValueError(f"{_name(layer)}: {name} is a positive integer or several of them, got {value!r}")


def positive(layer: Module, name: str, value: Any) -> int:
    """An integer above zero."""
    if type(value) is not int or value < 1:
        raise InvalidValueError(f"{_name(layer)}: {name} is a positive integer, got {value!r}")
    return value


def divided(layer: Module, groups: Any, **channels: int) -> int:
    """A number of groups that divides all of these numbers of channels."""
    positive(layer, "groups", groups)
    if any(count % groups for count in channels.values()):
        given = " and ".join(f"{name}={count}" for name, count in channels.items())
        raise InvalidValueError(f"{_name(layer)}: groups={groups} must divide {given}")
    return int(groups)


def number(layer: Module, name: str, value: Any, **bounds: float) -> float:
    """A finite number, in the bounds that `nncore.builtin._checks.number` knows."""
    return float(_checks.number(_name(layer), name, value, **bounds))


def choice(layer: Module, name: str, value: Any, known: Sequence[str]) -> Any:
    """One of some words."""
    return _checks.one_of(_name(layer), name, value, known)


def probability(layer: Module, value: Any) -> float:
    """A probability of dropping."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1:
        return value
    raise InvalidValueError(f"{_name(layer)}: p is the probability of dropping, 0 <= p < 1, got {value!r}")


def half_window(layer: Module, padding: tuple[int, ...], kernel_size: tuple[int, ...]) -> tuple[int, ...]:
    """Padding of a pool: more than half of the window would leave windows that hold nothing else."""
    if any(2 * border > size for border, size in zip(padding, kernel_size, strict=True)):
        raise InvalidValueError(
            f"{_name(layer)}: padding is at most half of kernel_size={kernel_size}, got padding={padding}"
        )
    return padding


def fits(layer: Module, input: Tensor, forms: dict[int, str], channels: int | None = None, at: int = 1) -> None:
    """Whether an input has one of these ranks, and so many channels.

    Args:
        layer: Who asks.
        input: What it was called with.
        forms: How a shape of each rank is written, such as `{4: "(N, C, H, W)"}`.
        channels: How many there are, if that matters.
        at: Which dimension they are.
    """
    if input.ndim not in forms:
        raise ShapeError(f"{_name(layer)} takes {' or '.join(forms.values())}", shapes=[input.shape])
    if channels is not None and input.shape[at] != channels:
        raise ShapeError(f"{_name(layer)} has {channels} channels, got {input.shape[at]}", shapes=[input.shape])


def _name(layer: Module) -> str:
    return type(layer).__name__
