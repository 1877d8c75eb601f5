"""Freezing parts of a model by name."""

from __future__ import annotations

from typing import TypeVar

from nncore import _modes, _patterns
from nncore.errors import InvalidValueError
from nncore.module import Module
from nncore.parameter import Parameter

__all__ = ["freeze", "unfreeze"]

M = TypeVar("M", bound=Module)


def freeze(model: M, *patterns: str, until: str | None = None) -> M:
    """Keep parts of a model as they are: their parameters get no gradient, and their running statistics stay.

    Args:
        model: The model.
        *patterns: Paths of modules, which are frozen with all below them, or names of parameters. `*` stands for any
            text: `"layer1"`, `"*.bn?"`, `"*.bias"`.
        until: Path of a module; everything that was registered before it is frozen, the model's own parameters too.

    Without patterns and `until` the whole model is frozen.

    Returns:
        The model.

    Raises:
        InvalidValueError: A pattern matches nothing, or nothing comes before `until`. Nothing has changed then.

    Example:
        >>> import nncore as nc
        >>> model = nc.freeze(nc.create("lenet5"), until="classifier.5")
        >>> [name for name, p in model.named_parameters() if p.requires_grad]
        ['classifier.5.weight', 'classifier.5.bias']
    """
    return _switch(model, patterns, until, True)


def unfreeze(model: M, *patterns: str, until: str | None = None) -> M:
    """Train parts of a model again; the counterpart of `freeze`, with the same arguments.

    A module is unfrozen with all below it, whatever froze it.

    Args:
        model: The model.
        *patterns: Paths of modules or names of parameters, with `*` for any text.
        until: Path of a module; everything that was registered before it is unfrozen.

    Returns:
        The model.

    Raises:
        InvalidValueError: A pattern matches nothing, or nothing comes before `until`. Nothing has changed then.
    """
    return _switch(model, patterns, until, False)


def _switch(model: M, patterns: tuple[str, ...], until: str | None, on: bool) -> M:
    what = "freeze" if on else "unfreeze"
    if not isinstance(model, Module):
        raise InvalidValueError(f"{what}: model is a Module, got {type(model).__name__}")
    chosen: list[Module] = []
    parameters: list[Parameter] = []
    if not patterns and until is None:
        chosen, parameters = list(model.modules()), list(model.parameters())
    for pattern in patterns:
        modules, own = _patterns.matched(model, pattern, what)
        chosen, parameters = chosen + modules, parameters + own
    if until is not None:
        modules, own = _before(model, until, f"{what}, until")
        chosen, parameters = chosen + modules, parameters + own
    for module in chosen:
        module.__dict__["frozen"] = on
    for parameter in parameters:
        parameter.requires_grad = not on
    _modes.changed()
    return model


def _before(model: Module, until: str, what: str) -> tuple[list[Module], list[Parameter]]:
    """Modules and parameters that were registered before a module."""
    there = _patterns.paths(model)
    if until not in there:
        raise _patterns.unknown(model, until, there, what)
    modules: list[Module] = []
    parameters = list(model.parameters(recurse=False))
    for path, module in there.items():
        if path == until:
            break
        # A module that holds the place is not frozen itself, but what it computes with directly is.
        if not _patterns.below(until, path):
            modules.append(module)
        parameters += module.parameters(recurse=False)
    if not parameters:
        raise InvalidValueError(f"{what}: nothing before {until!r} in {type(model).__name__} has parameters")
    return modules, parameters
