"""What holds for every layer, on the examples that stand with it, beside what the kit checks: see tests/kit."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest
from drawn import drawn, examples, made, tensors

import nncore as nc
from nncore.builtin import layers as package

EXAMPLES = [pytest.param(cls, example, id=name) for name, cls, example in examples()]
each = pytest.mark.parametrize(("cls", "example"), EXAMPLES)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 90


@each
@pytest.mark.parametrize("mode", ["training", "evaluation"])
def test_a_captured_call_computes_the_same_bits(cls: type, example: Any, mode: str) -> None:
    arguments, named = drawn(example, "float32")
    outcomes = []
    for capture in (False, True):
        layer = made(cls, example, "float32").train(mode == "training")

        def call(*arguments: Any, layer: Any = layer, **named: Any) -> Any:
            return tensors(layer(*arguments, **named))

        step = nc.capture(call) if capture else call
        nc.manual_seed(1)
        outputs = [step(*arguments, **named) for _ in range(4)]
        if capture:
            assert step.calls["replayed"] > 1, step.last_retrace
        state = layer.state_dict()
        outcomes.append(([[t.detach().numpy() for t in output] for output in outputs], state))
    (eager, before), (captured, after) = outcomes
    for one, other in zip(eager, captured, strict=True):
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left, right)
    for name in before:
        np.testing.assert_array_equal(before[name].detach().numpy(), after[name].detach().numpy())


@each
def test_it_prints_what_it_was_made_with(cls: type, example: Any) -> None:
    text = repr(made(cls, example))
    assert text.startswith(f"{cls.__name__}(") and text.endswith(")") and " object at " not in text


@pytest.mark.parametrize("module", sorted(info.name for info in pkgutil.iter_modules(package.__path__)))
def test_the_examples_of_the_documentation_run(module: str) -> None:
    found = importlib.import_module(f"{package.__name__}.{module}")
    assert doctest.testmod(found, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0
