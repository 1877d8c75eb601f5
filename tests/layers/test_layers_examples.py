"""What holds for every layer, on the examples that stand with it."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import drawn, examples, made, tensors

import nncore as nc
from nncore.builtin import layers as package
from nncore.testing import gradcheck

EXAMPLES = [pytest.param(cls, example, id=name) for name, cls, example in examples()]
each = pytest.mark.parametrize(("cls", "example"), EXAMPLES)


def called(layer: Any, example: Any, dtype: str = "float64") -> Any:
    arguments, named = drawn(example, dtype)
    nc.manual_seed(1)
    return layer(*arguments, **named)


def sizes(shapes: Any) -> list[tuple[int, ...]]:
    """The shapes of an output, in order."""
    if all(isinstance(size, int) for size in shapes):
        return [shapes]
    return [shape for part in shapes for shape in sizes(part)]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 90


@each
def test_the_output_has_the_shape_that_is_promised(cls: type, example: Any) -> None:
    shapes = [tensor.shape for tensor in tensors(called(made(cls, example), example))]
    assert shapes and (example.output is None or shapes == sizes(example.output))


@each
def test_gradients_agree_with_differences(cls: type, example: Any) -> None:
    if "gradient" in example.skip:
        pytest.skip(example.skip["gradient"])
    layer = made(cls, example)
    arguments, named = drawn(example)
    names = [name for name, value in named.items() if isinstance(value, nc.Tensor)]

    class Whole(nc.nn.Module):
        """All inputs by place, all floats out, the same draws in each call."""

        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, *inputs: Any) -> Any:
            nc.manual_seed(1)
            by_name = dict(zip(names, inputs[len(arguments) :], strict=True))
            output = layer(*inputs[: len(arguments)], **{**named, **by_name})
            floats = [tensor for tensor in tensors(output) if tensor.dtype.name == "float64"]
            return tuple(floats) if len(floats) > 1 else floats[0]

    gradcheck(Whole(), *arguments, *(named[name] for name in names))


@each
def test_a_file_brings_it_back(cls: type, example: Any, tmp_path: Path) -> None:
    layer = made(cls, example, "float32")
    called(layer, example, "float32")  # statistics that have moved
    layer.eval()
    nc.save(layer, tmp_path / "layer.safetensors")
    back = nc.load(tmp_path / "layer.safetensors").eval()
    assert type(back) is cls and back.config == layer.config and repr(back) == repr(layer)
    assert list(back.state_dict()) == list(layer.state_dict())
    outputs = [tensors(called(model, example, "float32")) for model in (layer, back)]
    for one, other in zip(*outputs, strict=True):
        np.testing.assert_array_equal(one.detach().numpy(), other.detach().numpy())


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
