"""Checks of optimizers: on a small problem whose minimum is known."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from nncore import _core
from nncore._capture import capture
from nncore.parameter import Parameter
from nncore.testing.calls import same
from nncore.testing.captured import replays
from nncore.testing.case import SEED, Case
from nncore.testing.keeping import LEAK, grown
from nncore.testing.report import Fault

__all__ = ["check_captured", "check_descent", "check_growth", "check_repeats", "check_resumed", "check_unbound"]

METHODS = ("bind", "step", "zero_grad", "state_dict", "load_state_dict")


class Bowl:
    """Parameters a, b and c with the loss |a - 1|² + |b - 2|²/2; c gets no gradient."""

    def __init__(self, case: Case, dtype: str = "float32") -> None:
        rng = np.random.default_rng(SEED)
        arrays = {name: rng.standard_normal(shape).astype(dtype) for name, shape in SHAPES.items()}
        self.parameters = {name: Parameter(array) for name, array in arrays.items()}
        self.optimizer = case.make()
        self.optimizer.bind(list(self.parameters.items()))

    def loss(self) -> Any:
        """The loss now."""
        a, b = self.parameters["a"] - 1, self.parameters["b"] - 2
        return (a * a).sum() + (b * b).sum() * 0.5

    def step(self) -> Any:
        """One step; the loss before it."""
        if getattr(self.optimizer, "needs_closure", False):
            return self.optimizer.step(self.closure).detach()
        loss = self.closure()
        self.optimizer.step()
        return loss.detach()

    def closure(self) -> Any:
        """The loss now, with fresh gradients."""
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        return loss

    def values(self) -> list[Any]:
        """The parameters."""
        return [parameter.detach() for parameter in self.parameters.values()]


SHAPES = {"a": (4, 3), "b": (5,), "c": (2,)}


def check_unbound(case: Case) -> str:
    """It is made by keywords without parameters, and has what training calls."""
    optimizer = case.make()
    missing = [name for name in (*METHODS, "lr") if not hasattr(optimizer, name)]
    if missing:
        raise Fault(f"a {type(optimizer).__name__} has no {', '.join(missing)}", "Derive from nncore.api.Optimizer.")
    before = float(optimizer.lr)
    optimizer.lr = before / 2
    if float(optimizer.lr) != before / 2:
        raise Fault(f"its lr is {optimizer.lr} after it was set to {before / 2}")
    return f"lr {before:g}"


def check_descent(case: Case) -> str:
    """It descends, in both dtypes; and what gets no gradient stays."""
    said = ""
    for dtype in ("float32", "float64"):
        bowl = Bowl(case, dtype)
        still = bowl.parameters["c"].detach().numpy().copy()
        first = float(bowl.loss().item())
        for _ in range(60):
            bowl.step()
        last = float(bowl.loss().item())
        if not last < first:
            raise Fault(f"60 steps from a loss of {first:.4g} end at {last:.4g}", "Go against the gradient.")
        for name, parameter in bowl.parameters.items():
            if parameter.dtype.name != dtype or tuple(parameter.shape) != SHAPES[name]:
                raise Fault(f"a {dtype} parameter of shape {SHAPES[name]} became {parameter.dtype} {parameter.shape}")
        if not np.array_equal(still, bowl.parameters["c"].detach().numpy()):
            raise Fault("a parameter without a gradient moved", "Use `group.gradients()`, which leaves those out.")
        said = f"{first:.3g} to {last:.3g} in 60 steps"
    return said


def check_repeats(case: Case) -> None:
    """The same start gives the same, bit by bit."""
    first, second = Bowl(case), Bowl(case)
    for _ in range(5):
        first.step()
        second.step()
    same(second.values(), first.values(), "the same start gives other parameters", "Draw nothing from outside.")


def check_resumed(case: Case) -> str:
    """Its state can be pickled, and a fresh one with it goes on to the same bits."""
    bowl = Bowl(case)
    for _ in range(5):
        bowl.step()
    other = Bowl(case)
    for mine, theirs in zip(other.parameters.values(), bowl.values(), strict=True):
        mine.detach().copy_(theirs)
    try:
        state = pickle.loads(pickle.dumps(bowl.optimizer.state_dict()))
    except Exception as error:
        raise Fault(f"its state_dict cannot be pickled: {error}", "Hold tensors and plain data.") from error
    other.optimizer.load_state_dict(state)
    for _ in range(3):
        bowl.step()
        other.step()
    same(
        other.values(),
        bowl.values(),
        "with its state loaded into a fresh one, it goes elsewhere",
        "Name all state in `slots` and `counts`, so that state_dict has it.",
    )
    return f"{sum(len(own) for own in state.get('state', {}).values())} tensors of state"


def check_captured(case: Case) -> None:
    """A captured step changes the parameters as a plain one does."""
    plain, recorded = Bowl(case), Bowl(case)
    step = capture(_stepping(recorded))
    with replays(step):
        for _ in range(5):
            plain.step()
            step()
    same(recorded.values(), plain.values(), "captured steps end elsewhere", "", 1e-6, 1e-7)


def _stepping(bowl: Bowl) -> Callable[[], Any]:
    parameters, optimizer = bowl.parameters, bowl.optimizer

    def step() -> Any:
        optimizer.zero_grad()
        a, b = parameters["a"] - 1, parameters["b"] - 2
        loss = (a * a).sum() + (b * b).sum() * 0.5
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def check_growth(case: Case) -> None:
    """Steps leave nothing behind, and state is off the tape."""
    bowl = Bowl(case)
    blocks = grown(bowl.step)
    if blocks > LEAK:
        raise Fault(
            f"each step leaves {blocks:.1f} objects behind", "Look for lists that grow, and tensors on the tape."
        )
    for own in bowl.optimizer.state_dict().get("state", {}).values():
        for name, value in own.items():
            if isinstance(value, _core.Tensor) and value.requires_grad:
                raise Fault(
                    f"its state {name!r} is on the tape", "Compute state under no_grad(), as `update` is called."
                )
