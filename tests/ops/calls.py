"""Calls of ops as tests use them: an op's samples, with other memory, strides or dtypes behind the same values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from nncore import _core as nc


@dataclass(frozen=True)
class Call:
    """An op with arguments (a list input is a list of tensors, an input left out is None) and attributes."""

    name: str
    arguments: list[Any]
    attributes: dict[str, Any]
    number: int = 0


@cache
def table() -> dict[str, dict[str, Any]]:
    """The core's table of ops, by name."""
    return {row["name"]: row for row in nc.op_table()}


def cases(name: str) -> list[Call]:
    """An op's samples."""
    return [Call(name, list(a), dict(k), number) for number, (a, k) in enumerate(nc.op_cases(name))]


def every_case(names: Iterable[str]) -> list[Any]:
    """All samples of these ops, as parameters of a test."""
    return [pytest.param(call, id=f"{call.name}-{call.number}") for name in names for call in cases(name)]


def mapped(value: Any, change: Callable[[nc.Tensor], Any]) -> Any:
    """An argument with each tensor in it changed."""
    if isinstance(value, (list, tuple)):
        return [mapped(item, change) for item in value]
    return change(value) if isinstance(value, nc.Tensor) else value


def tensors(arguments: Sequence[Any]) -> list[nc.Tensor]:
    """The tensors among the arguments, in order."""
    found: list[nc.Tensor] = []
    mapped(list(arguments), found.append)
    return found


def moving(call: Call) -> list[bool]:
    """For each of the tensors, whether results have a gradient with respect to it."""
    flags: list[bool] = []
    op = table()[call.name]
    inputs = {row["name"]: row for row in op["inputs"]}
    for name, value in zip(op["order"] or inputs, call.arguments, strict=True):
        # An attribute that stands among the inputs holds no tensors.
        fixed = name not in inputs or inputs[name]["mutated"] or inputs[name]["constant"]
        flags += [not fixed and t.dtype == nc.float64 and t.numel() > 0 for t in tensors([value])]
    return flags


def arrays(arguments: list[Any]) -> list[Any]:
    """The arguments as NumPy arrays."""
    made: list[Any] = mapped(arguments, lambda t: t.numpy().copy())
    return made


def results(call: Call) -> tuple[nc.Tensor, ...]:
    """Run it; what it returns, as a tuple."""
    returned = getattr(nc.ops, call.name)(*call.arguments, **call.attributes)
    return returned if isinstance(returned, tuple) else (returned,)


def invoke(call: Call) -> nc.Tensor:
    """Run it; the first result."""
    return results(call)[0]


def changed(call: Call, given: Sequence[nc.Tensor]) -> Call:
    """The call with other tensors in the places of its own."""
    new = iter(given)
    return replace(call, arguments=mapped(call.arguments, lambda _: next(new)))


def freshly(call: Call) -> Call:
    """The same values in memory of their own."""
    return replace(call, arguments=mapped(call.arguments, lambda t: nc.tensor(t.numpy().copy())))


def float32(call: Call) -> Call:
    """The same values, rounded to float32."""
    narrow = lambda t: nc.tensor(t.numpy().astype(np.float32)) if t.dtype == nc.float64 else t  # noqa: E731
    return replace(call, arguments=mapped(call.arguments, narrow))


def strided(call: Call) -> Call:
    """The same values behind strides that are neither row-major nor channels-last."""

    def spread(tensor: nc.Tensor) -> nc.Tensor:
        if tensor.ndim == 0:
            return tensor
        order = tuple(reversed(range(tensor.ndim)))
        return nc.tensor(np.ascontiguousarray(tensor.numpy().transpose(order))).permute(order)

    return replace(call, arguments=mapped(call.arguments, spread))
