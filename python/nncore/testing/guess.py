"""What a component without examples is most likely made and called with."""

from __future__ import annotations

import inspect
from typing import Any

from nncore.module import Module
from nncore.plugins import KINDS, Example, examples_of, given
from nncore.testing.case import Case, arrays
from nncore.testing.report import Fault

__all__ = ["cases"]

_CLASSES = given((12,), high=5, dtype="int64")
INPUTS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "layer": (((4, 6),), ((2, 4, 6),), ((2, 4, 6, 6),), ((2, 4, 6, 6, 6),)),
    "activation": (((4, 6),), ((2, 4, 6),), ((2, 4, 6, 6),)),
    "loss": (((4, 3), (4, 3)), ((12, 5), _CLASSES), (given((4, 3), 0.1, 0.9), given((4, 3), 0.1, 0.9))),
    "transform": (((12, 3),), ((8, 3, 4, 4),), (_CLASSES,)),
    "metric": (((12, 5), _CLASSES), ((12, 3), (12, 3)), ((12,), (12,))),
}
"""What is tried, in this order: the first that is taken without an error is meant."""
NOT_CALLED = ("initializer", "optimizer", "schedule", "penalty", "constraint", "callback", "dataset", "command")
"""Kinds whose checks bring what their components are called with."""
_ASK = "Say it above the component: `@example(config={...}, inputs=[(4, 3)], output=(4, 2))`, from nncore.api."


def cases(kind: str, name: str, component: Any) -> list[Case]:
    """The component's examples, each complete; guessed where it has none.

    Raises:
        Fault: It has none, and there is nothing to guess.
    """
    noted = examples_of(component) or (Example(),)
    return [complete(Case(kind, name, component, each, number)) for number, each in enumerate(noted, 1)]


def complete(case: Case) -> Case:
    """The case with inputs, where it is called at all."""
    if not case.example.config:
        required = _required(case)
        if required:
            raise Fault(f"it cannot be made without {', '.join(required)}, and has no example", _ASK)
    if case.example.inputs is not None or case.kind in NOT_CALLED:
        return case
    made = case.make()
    if isinstance(made, Module) and type(made).forward is Module.forward:
        return case  # a container, which is not called
    if case.kind not in INPUTS:
        raise Fault("there is no example of its inputs", _ASK)
    errors = []
    for inputs in INPUTS[case.kind]:
        example = Example(case.example.config, inputs, case.example.output, case.example.skip)
        tried = Case(case.kind, case.name, case.component, example, case.number)
        try:
            _try(tried)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        else:
            return tried
    raise Fault(f"its inputs cannot be guessed; the first guess failed with {errors[0]}", _ASK)


def _try(case: Case) -> None:
    thing, drawn = case.make(), case.inputs()
    if case.kind == "transform":
        thing.fit_transform(drawn.args[0].numpy())
    elif case.kind == "metric":
        thing.update(*drawn.args)
        thing.compute()
    else:
        arrays(case.call(thing, drawn))


def _required(case: Case) -> list[str]:
    """Constructor arguments without defaults."""
    component = case.component
    if not isinstance(component, type) and not KINDS[case.kind].made:
        return []
    try:
        parameters = inspect.signature(component).parameters.values()
    except (TypeError, ValueError):
        return []
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_ONLY)
    return [p.name for p in parameters if p.kind in named and p.default is inspect.Parameter.empty]
