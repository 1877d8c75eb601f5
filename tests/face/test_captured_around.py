"""What a captured step reads from around it: whatever changes there, a call gives what the plain step would give."""

from __future__ import annotations

import copy
import functools
import itertools
import operator
import random
import warnings
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

import nncore as nc
from nncore import nn, ops, optim
from nncore.errors import CaptureWarning

FACTOR = 2.0
TABLE = {"shift": 1.0}


def scaled(x: nc.Tensor) -> nc.Tensor:
    return x * FACTOR + TABLE["shift"]


def doubly(x: nc.Tensor) -> nc.Tensor:
    return scaled(x) if x.shape else doubly(x)  # a cycle, which the walk must survive


@dataclass
class Settings:
    scale: float = 2.0
    steps: list[float] = field(default_factory=lambda: [1.0])


class Slotted:
    __slots__ = ("scale",)

    def __init__(self) -> None:
        self.scale = 2.0


class Shared:
    scale: ClassVar[float] = 2.0

    @property
    def twice(self) -> float:
        return 2 * self.inner["value"]

    inner: ClassVar[dict[str, float]] = {"value": 1.0}


def check(step: Callable[..., Any], *changes: Callable[[], Any], reason: str = "") -> None:
    """Captured and plain agree before and after each change, each change is noticed, and what it leads to is replayed."""
    captured, x = nc.capture(step), nc.ones((2,))
    for change in (lambda: None, *changes):
        retraces = captured.calls["eager"]
        change()
        replayed = captured.calls["replayed"]
        results = [captured(x).tolist() for _ in range(3)]
        assert results == [step(x).tolist()] * 3
        assert captured.calls["replayed"] == replayed + 1 and captured.calls["eager"] == retraces + 1
    assert reason in captured.last_retrace


def test_containers() -> None:
    options, weights, chosen, queue = {"scale": 2.0, "deep": {"shift": [1.0]}}, [1.0, 2.0], {"tanh"}, deque([1.0])

    def step(x: nc.Tensor) -> nc.Tensor:
        for weight in weights:
            x = x + weight
        x = ops.tanh(x) if "tanh" in chosen else x
        return x * options["scale"] + options["deep"]["shift"][0] + queue[0]

    check(
        step,
        lambda: options.update(scale=3.0),
        lambda: options["deep"].update(shift=[2.0]),
        lambda: options["deep"]["shift"].append(5.0),
        lambda: options["deep"]["shift"].__setitem__(0, 4.0),
        lambda: weights.append(3.0),
        lambda: weights.__setitem__(0, 7.0),
        lambda: chosen.clear(),
        lambda: queue.appendleft(3.0),
        reason="'queue', which the step reads from around it, holds something else now",
    )


def test_attributes_of_objects() -> None:
    settings, slotted, shared, space = Settings(), Slotted(), Shared(), SimpleNamespace(scale=1.0)

    def step(x: nc.Tensor) -> nc.Tensor:
        x = x * settings.scale * slotted.scale * shared.scale * space.scale
        return x * getattr(shared, "twice") + sum(settings.steps)  # noqa: B009

    check(
        step,
        lambda: setattr(settings, "scale", 3.0),
        lambda: settings.steps.append(2.0),
        lambda: setattr(slotted, "scale", 5.0),
        lambda: setattr(shared, "scale", 3.0),
        lambda: shared.inner.update(value=2.0),
        lambda: setattr(space, "scale", 2.0),
        reason="'space.scale', which the step reads from around it, was 1.0 and is now 2.0",
    )
    shared.inner.update(value=1.0)


def test_what_no_code_names_does_not_matter() -> None:
    trainer = Trainer()
    captured = nc.capture(trainer.step)
    for _ in range(5):
        trainer.history.append(captured(nc.ones((2,)))[0].item())
    assert captured.calls == {"eager": 1, "recorded": 1, "replayed": 3}


class Trainer:
    def __init__(self) -> None:
        self.weight = nc.full((2,), 2.0)
        self.settings = Settings()
        self.history: list[float] = []

    def scale(self) -> float:
        return self.settings.scale

    def step(self, x: nc.Tensor) -> nc.Tensor:
        return x * self.weight * self.scale()

    def __call__(self, x: nc.Tensor) -> nc.Tensor:
        return self.step(x)


@pytest.mark.parametrize("way", ["method", "object", "partial", "closure", "no_grad"])
def test_methods_and_objects_that_are_called(way: str) -> None:
    trainer = Trainer()
    step: Any = {
        "method": trainer.step,
        "object": trainer,
        "partial": functools.partial(Trainer.step, trainer),
        "closure": lambda x: trainer.step(x),
        "no_grad": nc.no_grad(trainer.step),
    }[way]
    check(
        step,
        lambda: setattr(trainer, "weight", nc.full((2,), 3.0)),
        lambda: setattr(trainer.settings, "scale", 5.0),
        lambda: setattr(trainer, "settings", Settings(7.0)),
        lambda: setattr(trainer, "scale", lambda: 3.0),
    )


def test_helpers_that_the_step_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    check(
        lambda x: doubly(x),
        lambda: monkeypatch.setitem(globals(), "FACTOR", 3.0),
        lambda: monkeypatch.setitem(TABLE, "shift", 5.0),
        lambda: monkeypatch.setitem(globals(), "scaled", lambda x: x),
    )


class Base:
    scale = 2.0


class Derived(Base):
    pass


class Listed(list[float]):
    scale = 1.0


def test_what_may_be_replaced_or_hidden() -> None:
    def helper(x: nc.Tensor, shift: float = 1.0) -> nc.Tensor:
        return x * helper.scale + shift  # type: ignore[attr-defined]

    def another(x: nc.Tensor, shift: float = 1.0) -> nc.Tensor:
        return x * 7 * bool(helper)

    helper.scale = 2.0  # type: ignore[attr-defined]
    variable, derived, listed = ContextVar("variable", default=1.0), Derived(), Listed([1.0])
    check(
        lambda x: helper(x) * variable.get() * derived.scale * Derived.scale * listed.scale,
        lambda: setattr(helper, "scale", 3.0),
        lambda: setattr(helper, "__defaults__", (5.0,)),
        lambda: setattr(Base, "scale", 3.0),
        lambda: setattr(Derived, "scale", 4.0),
        lambda: setattr(derived, "scale", 5.0),
        lambda: setattr(listed, "scale", 2.0),
        lambda: variable.set(2.0),
        lambda: setattr(helper, "__code__", another.__code__),
    )


def test_what_hooks_read() -> None:
    layer, scale = nn.Identity(), [2.0]
    layer.register_forward_hook(lambda module, args, output: output * scale[0])
    check(lambda x: layer(x), lambda: scale.__setitem__(0, 3.0))


def test_arrays() -> None:
    array = np.array([1.0, 2.0])
    check(lambda x: x * float(array[1]), lambda: array.__setitem__(1, 5.0), lambda: array.fill(3.0))


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter((2,), init="ones")
        self.scales = [1.0, 2.0]
        self.options = {"shift": 0.0}
        self.settings = Settings()
        self._hidden = 1.0
        self.function = ops.relu
        self.mask = nc.ones((2,))

    def forward(self, x: nc.Tensor) -> nc.Tensor:
        x = self.function(x) * self.weight * sum(self.scales) + self.options["shift"]
        return x * self.settings.scale * self._hidden * self.mask * FACTOR


@pytest.mark.parametrize("way", ["module", "forward", "closure", "inner"])
def test_modules(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model()
    holder = nn.Sequential(model)
    step: Any = {
        "module": model,
        "forward": model.forward,
        "closure": lambda x: model(x),
        "inner": lambda x: holder(x),
    }[way]
    check(
        step,
        lambda: model.scales.append(4.0),
        lambda: model.options.update(shift=1.0),
        lambda: setattr(model.settings, "scale", 3.0),
        lambda: setattr(model, "_hidden", 2.0),
        lambda: setattr(model, "function", ops.tanh),
        lambda: setattr(model, "mask", nc.full((2,), 3.0)),
        lambda: monkeypatch.setitem(globals(), "FACTOR", 3.0),
    )


def test_a_tensor_that_begins_to_require_a_gradient() -> None:
    weight = nc.ones((2,))
    captured = nc.capture(lambda x: (x * weight).sum())
    for _ in range(3):
        captured(nc.ones((2,)))
    weight.requires_grad_()
    captured(nc.ones((2,)))
    assert (
        captured.last_retrace
        == "'weight', which the step reads from around it, did not require a gradient and now does"
    )


def test_objects_among_the_arguments() -> None:
    captured, settings, x = nc.capture(lambda x, settings: x * settings.scale), Settings(), nc.ones((2,))
    for scale in (2.0, 3.0):
        settings.scale = scale
        assert [captured(x, settings)[0].item() for _ in range(3)] == [scale] * 3
    assert captured.calls["replayed"] == 2


def test_equal_numbers_of_other_types_are_other_numbers() -> None:
    box: dict[str, Any] = {"value": 1}
    captured, x = nc.capture(lambda x: x * box["value"] + pair[0]), nc.tensor([2, 3])
    pair: tuple[Any, ...] = (0,)
    for value, dtype in ((1, nc.int64), (1.0, nc.float32), (True, nc.int64)):
        box["value"] = value
        assert [captured(x).dtype for _ in range(3)] == [dtype] * 3
    pair = (0.0,)
    assert captured(x).dtype == nc.float32


def test_zeros_of_both_signs_are_two_numbers() -> None:
    captured, x = nc.capture(lambda x, shift: 1.0 / (x * shift)), nc.ones((1,))
    for shift in (0.0, -0.0, 0.0):
        assert captured(x, shift).item() == captured(x, shift).item() == (1.0 / (x * shift)).item()


def test_names_held_by_getters() -> None:
    settings, scale = SimpleNamespace(inner=SimpleNamespace(scale=2.0)), operator.attrgetter("inner.scale")
    check(lambda x: x * scale(settings), lambda: setattr(settings.inner, "scale", 3.0), reason="scale")


GETTERS: dict[str, Callable[[nc.Tensor], nc.Tensor]] = {
    "globals": lambda x: x * globals()["FACTOR"],
    "eval": lambda x: x * eval("FACTOR"),
    "in a helper": lambda x: max([x], key=lambda x: 0) * globals()["FACTOR"],
}


@pytest.mark.parametrize("step", GETTERS.values(), ids=GETTERS)
def test_code_that_may_read_anything_is_not_recorded(step: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    captured, x = nc.capture(step), nc.ones((1,))
    with pytest.warns(CaptureWarning, match="may read anything"):
        assert [captured(x).item() for _ in range(3)] == [2.0] * 3
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert captured(x).item() == 5.0


def test_methods_named_like_built_in_functions() -> None:
    model = nn.Linear(2, 2)
    captured = nc.capture(lambda x: model.eval()(x))
    assert [captured(nc.ones((1, 2))).shape for _ in range(3)] == [(1, 2)] * 3 and captured.calls["replayed"] == 1


COUNT = 0


class Counting:
    def __init__(self) -> None:
        self.count = 0

    def attribute(self, x: nc.Tensor) -> nc.Tensor:
        self.count += 1
        return x * self.count

    def everywhere(self, x: nc.Tensor) -> nc.Tensor:
        global COUNT
        COUNT += 1
        return x * COUNT


def steps_that_move() -> dict[str, Callable[[nc.Tensor], nc.Tensor]]:
    counting, seen, generator, iterator = Counting(), [], np.random.default_rng(0), itertools.count(1)
    big = list(range(10_000))

    def listed(x: nc.Tensor) -> nc.Tensor:
        seen.append(1)
        return x * len(seen)

    def biggest(x: nc.Tensor) -> nc.Tensor:
        big[0] += 1
        return x * big[0]

    optimizer = optim.SGD([nc.zeros((1,), requires_grad=True)], lr=1.0)
    rate = optimizer.param_groups[0].rate

    def decaying(x: nc.Tensor) -> nc.Tensor:
        optimizer.lr = optimizer.lr * 0.5
        return x * rate

    def grouped(x: nc.Tensor) -> nc.Tensor:
        for group in optimizer.param_groups:
            group["lr"] *= 0.5
        return x * optimizer.param_groups[0].rate

    class Inner(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.count = 0

        def forward(self, x: nc.Tensor) -> nc.Tensor:
            self.count += 1
            return x * self.count

    return {
        "an attribute": counting.attribute,
        "a global": counting.everywhere,
        "a list": listed,
        "a generator": lambda x: x * generator.random(),
        "an iterator": lambda x: x * next(iterator),
        "random": lambda x: x * random.random(),
        "numpy's random": lambda x: x * np.random.random(),
        "a large list": biggest,
        "a learning rate": decaying,
        "a group's rate": grouped,
        "a module": Inner(),
    }


@pytest.mark.parametrize("name", steps_that_move())
def test_a_step_that_changes_what_it_reads_runs_as_it_is(name: str) -> None:
    def run(wrap: Callable[[Any], Any]) -> list[float]:
        global COUNT
        COUNT = 0
        random.seed(0)
        np.random.seed(0)
        step, x = wrap(steps_that_move()[name]), nc.ones((1,))
        return [step(x).item() for _ in range(8)]

    plain = run(lambda step: step)
    assert len(set(plain)) == 8
    with pytest.warns(CaptureWarning, match="runs without being replayed") as caught:
        assert run(nc.capture) == plain
    assert len(caught) == 1


def test_a_step_that_moves_is_not_recorded_for_ever() -> None:
    captured = nc.capture(Counting().attribute)
    with pytest.warns(CaptureWarning, match="'self.count', which the step reads from around it, was 2 and is now 3"):
        results = [captured(nc.ones((1,))).item() for _ in range(20)]
    assert results == list(range(1, 21))
    assert captured.calls == {"eager": 18, "recorded": 2, "replayed": 0}


def test_a_method_is_captured_for_each_object() -> None:
    class Scaling:
        def __init__(self, scale: float) -> None:
            self.scale = scale

        @nc.capture
        def step(self, x: nc.Tensor) -> nc.Tensor:
            return x * self.scale

    double, triple = Scaling(2.0), Scaling(3.0)
    for item in (double, triple):
        assert [item.step(nc.ones((1,))).item() for _ in range(4)] == [item.scale] * 4
        assert item.step.calls == {"eager": 1, "recorded": 1, "replayed": 2}
    other = copy.deepcopy(double)
    other.scale = 5.0
    assert other.step(nc.ones((1,))).item() == 5 and other.step.calls["eager"] == 1
    double.scale = 7.0
    assert double.step(nc.ones((1,))).item() == 7


def test_a_number_that_changes_in_each_call_is_told_of() -> None:
    captured = nc.capture(lambda x, rate: x * rate)
    with pytest.warns(CaptureWarning, match="a number that changes from call to call belongs into a tensor"):
        for at in range(20):
            assert captured(nc.ones((1,)), float(at)).item() == at


def test_settings_that_the_step_sets_back_are_no_change() -> None:
    judge = nn.Linear(2, 1)

    def step(x: nc.Tensor) -> nc.Tensor:
        judge.requires_grad_(False)
        judge.eval()
        loss = judge(x).sum()
        judge.requires_grad_(True)
        judge.train()
        return loss

    captured = nc.capture(step)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(5):
            captured(nc.ones((1, 2)))
    assert captured.calls == {"eager": 1, "recorded": 1, "replayed": 3}
    assert judge.training and all(p.requires_grad for p in judge.parameters())


def test_a_numpy_op_may_keep_what_it_likes() -> None:
    seen: list[float] = []

    @nc.custom_op(numpy=True)
    def noted(x: Any) -> Any:
        seen.append(float(x[0]))
        return x

    captured = nc.capture(lambda x: noted(x))
    for at in range(4):
        captured(nc.full((1,), float(at)))
    assert seen == [0, 1, 2, 3] and captured.calls["replayed"] == 2
