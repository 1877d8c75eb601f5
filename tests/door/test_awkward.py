"""Awkward arguments: every public op, each argument in turn. Each call answers, or refuses in the op's name."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import _core, ops
from nncore.errors import NNCoreError

TABLE = {row["name"]: row for row in _core.op_table() if row["public"]}


def awkward() -> dict[str, Any]:
    """What is seldom passed on purpose, by what it is called in a report."""
    far = 2**62
    plain: list[Any] = [None, True, 0, 1, -1, 3, 2**40, far, -far, 2**63 - 1, -(2**63), 2**70, 0.5, -1e308, 1j]
    plain += [float("nan"), float("inf"), "", "abc", "float16", b"", b"ab", bytearray(b"ab"), int, ...]
    plain += [[], (), [0], [-1], [1, 2, 3], [1] * 9, [far, far], [2**70], [None], [float("nan")], ["a"], [[1]]]
    plain += [{1: 2}, {1, 2}, range(3), object(), np.ones(3), np.array(["a"]), np.array([None]), np.float32(2)]
    values = {repr(value): value for value in plain}
    values["numbers without end"] = itertools.count()
    arrays: list[Any] = [np.float32(1), np.zeros(0, np.float32), np.zeros((0, 3)), np.ones((2, 3)), np.full(2, np.nan)]
    arrays += [np.array([1, -7, far]), np.array([True, False]), np.array([1, 2], np.uint8), np.ones((1,) * 8)]
    arrays += [np.array([[1, 0], [2, 1]], np.int32)]
    values.update({f"a tensor {array.dtype}{array.shape} {array.flat[:1]}": nc.tensor(array) for array in arrays})
    return values


def calls(name: str) -> Iterator[tuple[str, list[Any], dict[str, Any]]]:
    """Calls with one argument each that is awkward, from the op's first sample."""
    given, named = _core.op_cases(name)[0]
    arguments = list(given)
    for what, value in awkward().items():
        for place, own in enumerate(arguments):
            before, after = arguments[:place], arguments[place + 1 :]
            yield f"{what} as argument {place}", [*before, value, *after], named
            if isinstance(own, list):
                yield f"{what} in argument {place}", [*before, [*own, value], *after], named
        for key in named:
            yield f"{key}={what}", arguments, {**named, key: value}
    yield "nothing", [], {}
    yield "too much", [*arguments, *range(30)], named
    yield "a keyword that there is none of", arguments, {**named, "nonsense": 1}


def outcome(name: str, arguments: list[Any], named: dict[str, Any]) -> str:
    """What is wrong with how a call ends; nothing where it answers, or says in the op's name what is wrong with it."""
    try:
        getattr(ops, name)(*arguments, **named)
    except NNCoreError as error:
        return "" if error.op == name and error.message else f"{type(error).__name__}: {error}"
    except TypeError as error:
        return "" if f"{name}(" in str(error) else f"TypeError: {error}"
    except BaseException as error:  # a panic of the core is none of Exception
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.mark.parametrize("name", TABLE)
def test_an_awkward_argument_is_taken_or_refused_by_name(name: str) -> None:
    wrong = [f"{what}: {end}" for what, arguments, named in calls(name) if (end := outcome(name, arguments, named))]
    assert not wrong, "\n".join([f"{len(wrong)} calls of {name}:", *wrong])
