"""Which of a model's parameters are meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from nncore import _modes
from nncore.errors import InvalidValueError
from nncore.module import Module
from nncore.parameter import Parameter

__all__ = ["Watched", "Where", "check_choice", "chosen"]

Where = Callable[[str, Parameter], bool]
"""Says of a parameter, by its name in the state dict, whether it is meant."""


class Watched:
    """An object whose settings a captured step freezes, and sees when they change."""

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        _modes.changed()

    def note(self) -> None:
        """Tell a step that is being recorded that it depends on these settings."""
        if _modes.active:
            _modes.note(self, _picture)


def _picture(item: Watched) -> _modes.Picture:
    return {
        name: value if isinstance(value, (bool, float)) else _modes.Same(value) for name, value in vars(item).items()
    }


_modes.components[Watched] = _modes.Component(_picture, lambda item: set(vars(item)))

_BIAS = re.compile(r"bias(_\w+)?")


def check_choice(component: str, biases: Any, norms: Any, where: Any) -> None:
    """Refuse what is no choice of parameters."""
    for name, value in (("biases", biases), ("norms", norms)):
        if not isinstance(value, bool):
            raise InvalidValueError(f"{component}: {name} is True or False, got {value!r}")
    if where is not None and not callable(where):
        raise InvalidValueError(f"{component}: where is a function (name, parameter) -> bool, or None; got {where!r}")


def chosen(model: Module, biases: bool, norms: bool, where: Where | None) -> Iterator[tuple[str, Parameter, bool]]:
    """The parameters that are trained, each once, with their names and whether they are meant.

    A bias is a parameter that is called `bias`, or `bias_` and something. What belongs to a norm are all parameters of a
    module whose class has `Norm` in its name.
    """
    seen: set[int] = set()
    for path, module in model.named_modules():
        normalizes = "Norm" in type(module).__name__
        for own, parameter in module.named_parameters(recurse=False):
            if id(parameter) in seen or not parameter.requires_grad:
                continue
            seen.add(id(parameter))
            name = f"{path}.{own}" if path else own
            meant = (norms or not normalizes) and (biases or normalizes or not _BIAS.fullmatch(own))
            yield name, parameter, meant and (where is None or bool(where(name, parameter)))
