"""Names that hands used to other libraries will type say what to use instead."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import nncore as nc
from nncore import nn, optim
from nncore.hints import _INSTEAD

sys.path.insert(0, str(Path(__file__).parent))
from nn_stub import COMMAND, STUB, text

PLACES = {
    "nncore": nc,
    "nn": nn,
    "optim": optim,
    "ops": nc.ops,
    "data": nc.data,
    "Module": nn.Linear(1, 1),
    "Tensor": nc.zeros(1),
}


@pytest.mark.parametrize(("place", "name"), [(place, name) for place in PLACES for name in _INSTEAD[place]])
def test_every_hint_is_given_where_it_belongs(place: str, name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(PLACES[place], name)
    assert _INSTEAD[place][name] in str(caught.value)


def test_a_slip_of_the_pen_is_put_right() -> None:
    with pytest.raises(AttributeError, match="Did you mean .*'Linear'"):
        _ = nn.Linaer
    with pytest.raises(AttributeError, match="Did you mean 'Sequential'"):
        _ = nn.sequential
    with pytest.raises(AttributeError, match="Did you mean 'weight'"):
        _ = nn.Linear(1, 1).wieght


def test_what_is_listed_is_there() -> None:
    for module in (nc, nn, optim, nc.ops, nc.api):
        for name in dir(module) if module is nn else module.__all__:
            assert getattr(module, name) is not None


def test_type_checkers_see_the_same_names() -> None:
    assert STUB.read_text() == text(), f"run `{COMMAND}`"
