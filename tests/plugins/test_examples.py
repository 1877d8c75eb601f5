"""What a component says of itself, as data: `example` and `given`."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from nncore.api import example, given
from nncore.errors import InvalidValueError
from nncore.plugins import examples_of


def test_examples_are_in_the_order_of_the_file_and_change_nothing_else() -> None:
    @example(config={"size": 1}, inputs=[(4, 3)], output=(4, 3))
    @example(config={"size": 2}, inputs={"input": given((2,), high=5, dtype="int64")})
    class Layer:
        def __init__(self, size: int) -> None:
            self.size = size

    first, second = examples_of(Layer)
    assert first.config == {"size": 1} and first.inputs == ((4, 3),) and first.output == (4, 3)
    assert second.config == {"size": 2} and second.output is None
    assert isinstance(second.inputs, dict) and second.inputs["input"].bounds == (0, 5)
    assert Layer(3).size == 3


def test_a_subclass_has_none_of_its_parents_examples() -> None:
    @example(inputs=[(1,)])
    class Parent:
        pass

    class Child(Parent):
        pass

    assert examples_of(Parent) and not examples_of(Child)


def test_functions_and_partials_can_have_examples() -> None:
    @example(inputs=[(2,)])
    def act(input: Any, b: float = 1.0) -> Any:
        return input

    assert examples_of(example(inputs=[(3,)])(functools.partial(act, b=2.0)))[0].inputs == ((3,),)
    assert examples_of(act)[0].inputs == ((2,),)
    assert examples_of(len) == ()


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: example(config=[1]), "config"),  # type: ignore[arg-type]
        (lambda: example(inputs=(4)), "inputs"),  # type: ignore[arg-type]
        (lambda: example(output=[4, 3]), "output"),
        (lambda: example(skip={"gradient": ""}), "skip"),
        (lambda: given(4), "shape"),  # type: ignore[arg-type]
        (lambda: given((-1,)), "shape"),
        (lambda: given((1,), dtype=int), "dtype"),  # type: ignore[arg-type]
        (lambda: given((1,), low=1, high=1), "low=1"),
        (lambda: given((1,), low=3), "low=3"),
    ],
)
def test_slips_are_refused_where_they_are_written(make: Any, named: str) -> None:
    with pytest.raises(InvalidValueError, match=named):
        make()


def test_integers_begin_at_zero() -> None:
    assert given((3,)).bounds == (-2.0, 2.0)
    assert given((3,), dtype="int64").bounds == (0, 2)
    assert given((3,), low=4, dtype="int64").bounds == (4, 6)
