"""Checks of penalties and constraints, on a small model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nncore import _core, nn, streams
from nncore._capture import capture
from nncore._core import Tensor
from nncore.module import Module
from nncore.testing.captured import replays
from nncore.testing.case import SEED, Case
from nncore.testing.gradcheck import gradcheck
from nncore.testing.keeping import LEAK, grown, pickled
from nncore.testing.report import Fault

__all__ = [
    "check_added",
    "check_added_alike",
    "check_added_captured",
    "check_added_copy",
    "check_added_gradient",
    "check_added_growth",
    "check_bounded",
    "check_bounded_alike",
    "check_bounded_captured",
    "check_bounded_copy",
    "check_bounded_growth",
]

CALLS = 4


def small_model(dtype: str = "float32") -> Module:
    """A model with weights, biases and a normalization, none of them 0."""
    streams.manual_seed(SEED)
    spread = {"name": "normal", "std": 1.0}
    model = nn.Sequential(
        nn.Conv2d(1, 2, 2, init=spread), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3, init=spread)
    )
    rng = np.random.default_rng(SEED)
    with _core.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.copy_(_core.tensor(rng.uniform(0.2, 1.0, tuple(parameter.shape)).astype("float32")))
    return model.to(dtype)


def weights(model: Module) -> list[Any]:
    """Copies of the parameters."""
    return [parameter.detach().numpy().copy() for parameter in model.parameters()]


def hold(got: list[Any], want: list[Any], what: str, hint: str = "", rtol: float = 0.0) -> None:
    for one, other in zip(got, want, strict=True):
        if one.shape != other.shape or not np.allclose(one, other, rtol=rtol, atol=rtol, equal_nan=True):
            raise Fault(what, hint)


# --- penalties


def added(penalty: Any, model: Module) -> Tensor:
    """What a penalty adds."""
    value = penalty(model)
    if not isinstance(value, Tensor) or value.ndim:
        got = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
        raise Fault(f"it returns {got}; expected a 0-d tensor", "Add up what the parameters add with sum().")
    return value


def check_added(case: Case) -> str:
    """It gives a finite 0-d tensor with gradients, and leaves the parameters alone."""
    model = small_model()
    before = weights(model)
    value = added(case.make(), model)
    hold(weights(model), before, "it changes the parameters", "A penalty only looks; a constraint changes them.")
    if not np.isfinite(value.item()):
        raise Fault(f"it returns {value.item()}; expected a finite number")
    if not value.requires_grad:
        raise Fault("its value has no gradient, so it does nothing", "Compute it with ops, outside no_grad().")
    return f"{value.item():.6g}"


class _Added(Module):
    """A penalty as a function of the parameters alone."""

    def __init__(self, penalty: Any, model: Module) -> None:
        super().__init__()
        self.model, self.penalty = model, penalty

    def forward(self) -> Tensor:
        return added(self.penalty, self.model)


def check_added_gradient(case: Case) -> str:
    """Its gradient is that of finite differences."""
    result = gradcheck(_Added(case.make(), small_model("float64")))
    return f"{result.checked} derivatives, {result.skipped} at kinks"


def check_added_alike(case: Case) -> None:
    """The same model gives the same number."""
    model, penalty = small_model(), case.make()
    if added(penalty, model).item() != added(penalty, model).item():
        raise Fault("two calls give different numbers", "Draw nothing, and keep nothing of earlier calls.")


def check_added_copy(case: Case) -> None:
    """It can be pickled."""
    penalty, model = case.make(), small_model()
    if added(pickled(penalty), model).item() != added(penalty, model).item():
        raise Fault("a pickled copy gives another number")


def check_added_captured(case: Case) -> str:
    """A captured step with it computes what a plain one does."""
    return _captured(case, lambda penalty, model: added(penalty, model).backward())


def check_added_growth(case: Case) -> str:
    """Calls leave nothing behind."""
    penalty, model = case.make(), small_model()
    return _grown(lambda: added(penalty, model))


# --- constraints


def check_bounded(case: Case) -> str:
    """It leaves finite parameters of the same shapes, records nothing, and changes nothing more when called again."""
    constraint, model = case.make(), small_model()
    trained = [parameter.requires_grad for parameter in model.parameters()]
    before = weights(model)
    constraint(model)
    once = weights(model)
    for name, parameter in model.named_parameters():
        if not np.isfinite(parameter.detach().numpy()).all():
            raise Fault(f"it leaves numbers in {name} that are not finite")
    if trained != [parameter.requires_grad and parameter.is_leaf for parameter in model.parameters()]:
        raise Fault("it leaves parameters that are trained no more", "Change them in place, inside no_grad().")
    constraint(model)
    hold(
        weights(model),
        once,
        "called again it changes the parameters again",
        "What keeps to the bound already is left as it is.",
        1e-6,
    )
    changed = sum(not np.array_equal(one, other) for one, other in zip(before, once, strict=True))
    return f"{changed} of {len(once)} parameters changed"


def check_bounded_alike(case: Case) -> None:
    """The same model is changed in the same way."""
    one, other, constraint = small_model(), small_model(), case.make()
    constraint(one)
    constraint(other)
    hold(weights(one), weights(other), "equal models are changed in different ways", "Draw nothing, and keep nothing.")


def check_bounded_copy(case: Case) -> None:
    """It can be pickled."""
    one, other, constraint = small_model(), small_model(), case.make()
    constraint(one)
    pickled(constraint)(other)
    hold(weights(one), weights(other), "a pickled copy does something else")


def check_bounded_captured(case: Case) -> str:
    """A captured step with it computes what a plain one does."""

    def apply(constraint: Any, model: Module) -> None:
        for parameter in model.parameters():
            parameter.grad = parameter.detach() * -1.0
        constraint(model)

    return _captured(case, apply)


def check_bounded_growth(case: Case) -> str:
    """Calls leave nothing behind."""
    constraint, model = case.make(), small_model()
    return _grown(lambda: constraint(model))


# --- both


def _captured(case: Case, act: Callable[[Any, Module], None]) -> str:
    """Some steps of gradient descent, plain and captured, come to the same weights."""
    from nncore.optim import SGD

    ends = []
    for record in (False, True):
        part, model = case.make(), small_model()
        optimizer = SGD(model.parameters(), lr=0.1)

        def step(x: Tensor, part: Any = part, model: Module = model, optimizer: SGD = optimizer) -> Tensor:
            optimizer.zero_grad()
            act(part, model)
            optimizer.step()
            return x

        x = _core.zeros(())
        if record:
            captured = capture(step)
            with replays(captured):
                for _ in range(CALLS):
                    captured(x)
        else:
            for _ in range(CALLS):
                step(x)
        ends.append(weights(model))
    hold(ends[1], ends[0], "captured steps come to other weights", "Compute with ops alone.", 1e-5)
    return f"{CALLS} steps"


def _grown(call: Callable[[], Any]) -> str:
    blocks = grown(call)
    if blocks >= LEAK:
        raise Fault(f"each call leaves {blocks:.1f} objects behind", "Keep no list of what was.")
    return f"{blocks:.2f} objects a call"
