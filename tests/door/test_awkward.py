"""Awkward arguments: every public op, each argument in turn. Each call answers, or refuses in the op's name."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import _core, ops
from nncore.errors import DTypeError, InvalidValueError, NNCoreError, ShapeError

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


def outcome(name: str, arguments: list[Any], named: dict[str, Any], call: Any = None) -> str:
    """What is wrong with how a call ends; nothing where it answers, or says in the op's name what is wrong with it."""
    try:
        (call or getattr(ops, name))(*arguments, **named)
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


def ones(*shape: int) -> nc.Tensor:
    return nc.ones(shape)


WRITTEN_IN_PYTHON: dict[str, list[Any]] = {
    "einsum": ["ij,jk->ik", ones(2, 3), ones(3, 2)],
    "tensordot": [ones(2, 3), ones(3, 2), 1],
    "dropout": [ones(2, 3), 0.5],
    "dropout1d": [ones(2, 3, 4), 0.5],
    "dropout2d": [ones(2, 3, 4, 4), 0.5],
    "dropout3d": [ones(2, 3, 4, 4, 1), 0.5],
    "alpha_dropout": [ones(2, 3), 0.5],
    "feature_alpha_dropout": [ones(2, 3), 0.5],
    "gumbel_softmax": [ones(2, 3), 1.0],
    "matrix_norm": [ones(2, 3), "fro"],
    "lstm": [ones(5, 2, 3), (ones(1, 2, 4), ones(1, 2, 4)), [ones(16, 3), ones(16, 4)], False, 1, 0.0],
    "gru": [ones(5, 2, 3), ones(1, 2, 4), [ones(12, 3), ones(12, 4)], False, 1, 0.0],
    "rnn_tanh": [ones(5, 2, 3), ones(1, 2, 4), [ones(4, 3), ones(4, 4)], False, 1, 0.0],
    "lstm_cell": [ones(2, 3), (ones(2, 4), ones(2, 4)), ones(16, 3), ones(16, 4), ones(16), ones(16)],
    "gru_cell": [ones(2, 3), ones(2, 4), ones(12, 3), ones(12, 4), ones(12), ones(12)],
    "rnn_relu_cell": [ones(2, 3), ones(2, 4), ones(4, 3), ones(4, 4), ones(4), ones(4)],
}


@pytest.mark.parametrize("name", WRITTEN_IN_PYTHON)
def test_what_is_written_in_python_refuses_by_name_too(name: str) -> None:
    function, own = getattr(ops, name, None) or getattr(nc.linalg, name), WRITTEN_IN_PYTHON[name]
    function(*own)
    # Everything is true or false.
    places = [place for place, value in enumerate(own) if not isinstance(value, bool)]
    wrong = [
        f"{what} as argument {place}: {end}"
        for what, value in awkward().items()
        for place in places
        if (end := outcome(name, [*own[:place], value, *own[place + 1 :]], {}, function))
    ]
    assert not wrong, "\n".join([f"{len(wrong)} calls of {name}:", *wrong])


@pytest.mark.parametrize(
    "name", ["zeros", "ones", "empty", "rand", "randn", "eye", "arange", "randperm", "tensor", "asarray"]
)
def test_what_makes_tensors_takes_an_awkward_argument_or_refuses_it_by_name(name: str) -> None:
    make = getattr(nc, name)
    wrong = [f"{what}: {end}" for what, value in awkward().items() if (end := outcome(name, [value], {}, make))]
    assert not wrong, "\n".join([f"{len(wrong)} calls of {name}:", *wrong])


def test_numbers_of_a_function_that_makes_tensors_are_named() -> None:
    for name, arguments, words in [
        ("full", [(2,), "x"], r"full\(\) argument fill_value: a number expected, got 'x' \(str\)"),
        ("full", ["x", 1], r"full\(\): sizes are ints, or one tuple of ints, got 'x' \(str\)"),
        ("linspace", [0, 1, 0.5], r"linspace\(\) argument steps: an int expected, got 0.5 \(float\)"),
        ("randint", ["x", (2,)], r"randint\(\) argument high: an int expected"),
        ("eye", [2, "x"], r"eye\(\) argument m: an int expected"),
    ]:
        with pytest.raises(TypeError, match=words):
            getattr(nc, name)(*arguments)


X = nc.ones((2, 3))
PLACE = nc.tensor([0])
REFUSED: list[tuple[str, type[Exception], str, list[Any]]] = [
    ("pad", TypeError, r"pad\(\) argument pad: an int or a tuple of ints expected, got bytes", [X, b"ab"]),
    ("pad", TypeError, r"argument pad: .* got set", [X, {1, 2}]),
    ("pad", TypeError, r"argument pad: .* got \[1, None\] \(list\)", [X, [1, None]]),
    ("pad", ShapeError, "a tensor holds at most 2147483647 elements", [X, [2**62, 2**62]]),
    ("pad", TypeError, r"argument pad: .* got an int that does not fit 64 bits", [X, 2**70]),
    ("reshape", TypeError, r"argument shape: an int or a tuple of ints expected, got 'ab' \(str\)", [X, "ab"]),
    (
        "conv1d",
        InvalidValueError,
        "groups must be at least 1",
        [nc.ones((1, 2, 5)), nc.ones((3, 2, 2)), None, 1, 0, 1, 0],
    ),
    ("channel_shuffle", ShapeError, "0 groups of 2 channels", [nc.ones((1, 2, 5)), 0]),
    ("group_norm", ShapeError, "0 groups of 2 channels", [nc.ones((1, 2, 5)), 0]),
    (
        "index_copy",
        ShapeError,
        r"a source of shape \[\] expected, got \[1\]",
        [nc.tensor(1.0), 0, PLACE, nc.ones((1,))],
    ),
    ("index_add", ShapeError, r"takes an index of one element, got \[2\]", [nc.tensor(1.0), 0, nc.tensor([0, 0]), X]),
    ("cat", TypeError, r"cat\(\) argument tensors: a Tensor expected, got NoneType", [[X, None]]),
    ("cat", ShapeError, "at least one tensor expected, got none", [[]]),
    ("cumsum", DTypeError, "a dtype of numbers expected, got bool", [X, 0, "bool"]),
    ("cast", DTypeError, "there is no dtype float16 here; the dtypes are", [X, "float16"]),
    ("leaky_relu", TypeError, r"argument negative_slope: a float expected, got a Tensor of float32\(2, 3\)", [X, X]),
    *(
        (name, ShapeError, "at least one element to choose from expected, got size 0", [nc.zeros((0,))])
        for name in ("min", "max", "argmin", "argmax", "amin", "amax", "aminmax")
    ),
]


@pytest.mark.parametrize(
    ("name", "error", "words", "arguments"), REFUSED, ids=[f"{r[0]}-{i}" for i, r in enumerate(REFUSED)]
)
def test_a_refusal_says_what_was_given_and_what_is_expected(
    name: str, error: type[Exception], words: str, arguments: list[Any]
) -> None:
    with pytest.raises(error, match=words) as caught:
        getattr(ops, name)(*arguments)
    assert name in str(caught.value)


def test_a_dropout_that_is_refused_draws_nothing() -> None:
    first, second = nc.tensor([3, 0]), nc.tensor([3, 0])
    with pytest.raises(DTypeError):
        ops.dropout(nc.tensor([1, 2]), generator=first)
    assert (
        ops.dropout(nc.ones((64,)), generator=first).tolist() == ops.dropout(nc.ones((64,)), generator=second).tolist()
    )
