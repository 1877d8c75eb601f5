"""The check that a captured step computes what the step computes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nncore import _core, streams
from nncore._capture import capture
from nncore._core import Tensor
from nncore.errors import CaptureError
from nncore.module import Module
from nncore.parameter import Parameter
from nncore.testing.calls import float_outputs, same, state
from nncore.testing.case import SEED, Case, tensors
from nncore.testing.report import Fault, NotApplicable

__all__ = ["check_capture", "replays"]

CALLS = 4


class _Step:
    """Forward and backward, in training mode, as a step of its tensor arguments."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.thing: Any = case.make()
        self.drawn = case.inputs()
        # What collects the inputs' gradients: they are arguments, which collect none.
        self.shifts = [Parameter(_core.zeros_like(leaf)) for _, leaf in self.drawn.leaves]
        self.places = {id(leaf): at for at, (_, leaf) in enumerate(self.drawn.leaves)}
        self.parameters = [*self.shifts, *(self.thing.parameters() if isinstance(self.thing, Module) else ())]

    def arguments(self, call: int) -> list[Tensor]:
        """The tensors of one call, other ones each time."""
        return self.case.inputs(seed=call).tensors()

    def function(self) -> Any:
        """The step."""
        thing, drawn, shifts, places, parameters = self.thing, self.drawn, self.shifts, self.places, self.parameters
        order = {id(tensor): at for at, tensor in enumerate(drawn.tensors())}
        shifted = [places.get(id(tensor)) for tensor in drawn.tensors()]

        def put(value: Any, given: tuple[Tensor, ...]) -> Any:
            if isinstance(value, Tensor):
                return given[order[id(value)]]
            return tuple(put(item, given) for item in value) if isinstance(value, tuple) else value

        def step(*given: Tensor) -> list[Tensor]:
            given = tuple(one if at is None else one + shifts[at] for one, at in zip(given, shifted, strict=True))
            for parameter in parameters:
                parameter.grad = None
            output = thing(*put(drawn.args, given), **{name: put(value, given) for name, value in drawn.kwargs.items()})
            total: Any = None
            for _, tensor in float_outputs(output):
                if tensor.requires_grad:
                    part = (tensor * tensor).sum()
                    total = part if total is None else total + part
            if total is not None:
                total.backward()
            return [tensor for _, tensor in tensors(output)]

        return step

    def gradients(self) -> list[Tensor]:
        """The gradients after a call."""
        return [p.grad for p in self.parameters if p.grad is not None]


def check_capture(case: Case) -> str:
    """Outputs, gradients and statistics of captured calls are those of plain ones."""
    plain, recorded = _Step(case), _Step(case)
    if not plain.arguments(0):
        raise NotApplicable("it takes no tensors")
    step, captured = plain.function(), capture(recorded.function())
    with replays(captured):
        for call in range(CALLS):
            streams.manual_seed(SEED)
            want = step(*plain.arguments(call))
            streams.manual_seed(SEED)
            got = captured(*recorded.arguments(call))
            what = f"call {call + 1} of a captured step"
            same(got, want, f"{what} gives other outputs", "", 1e-5, 1e-6)
            if plain.gradients() or recorded.gradients():
                same(recorded.gradients(), plain.gradients(), f"{what} gives other gradients", "", 1e-5, 1e-6)
            if isinstance(plain.thing, Module):
                ours, theirs = state(recorded.thing), state(plain.thing)
                if ours:
                    same(_as(ours), _as(theirs), f"{what} leaves other buffers", "", 1e-5, 1e-6)
    return "outputs and gradients of 4 calls, 2 of them replayed"


def _as(values: dict[str, Any]) -> list[Tensor]:
    return [_core.tensor(value) for value in values.values()]


@contextmanager
def replays(captured: Any) -> Iterator[None]:
    """Hold what happens inside to be recorded and replayed.

    Raises:
        Fault: The step could not be captured, or ran as it is.
    """
    hint = (
        "Compute with ops alone: no item(), numpy() or `if tensor:`, no counting in attributes. If it cannot be helped: "
        'skip={"capture": "why"}.'
    )
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        try:
            yield
        except CaptureError as error:
            raise Fault(f"a step with it cannot be captured: {error}", hint) from error
    if not captured.calls["replayed"]:
        why = captured.last_retrace or next((str(each.message) for each in complaints), "")
        raise Fault(f"a captured step with it is not replayed: {why}", hint)
