"""Which modules and parameters of a model patterns name."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from nncore.errors import InvalidValueError
from nncore.plugins.near import did_you_mean

if TYPE_CHECKING:
    from nncore.module import Module
    from nncore.parameter import Parameter

__all__ = ["below", "matched", "parameters", "paths", "unknown"]


def paths(model: Module) -> dict[str, Module]:
    """The modules below a model by their paths; one that stands in several places has all of them."""
    found: dict[str, Module] = {}

    def add(owner: Module, prefix: str) -> None:
        for name, child in owner._modules.items():
            found[prefix + name] = child
            add(child, f"{prefix}{name}.")

    add(model, "")
    return found


def parameters(model: Module) -> dict[str, Parameter]:
    """The parameters of a model by all their names."""
    found = dict(model._parameters)
    for path, module in paths(model).items():
        found |= {f"{path}.{name}": parameter for name, parameter in module._parameters.items()}
    return found


def below(name: str, path: str) -> bool:
    """Whether a name is that of a module, or of something below it."""
    return name == path or name.startswith(f"{path}.")


def matched(model: Module, pattern: str, what: str) -> tuple[list[Module], list[Parameter]]:
    """The modules that match a pattern with all below them, and their parameters and others that match by their names.

    Args:
        model: The model.
        pattern: A path or a name, in which `*` stands for any text, `?` for a letter, `[ab]` for one of these.
        what: The argument that the pattern was given for, for errors.

    Raises:
        InvalidValueError: Nothing matches.
    """
    if not isinstance(pattern, str) or not pattern:
        raise InvalidValueError(f"{what} is a name or a pattern such as 'layer1' or '*.bn?', got {pattern!r}")
    there, named = paths(model), parameters(model)
    modules = [below for path in there if fnmatchcase(path, pattern) for below in there[path].modules()]
    chosen = [parameter for name, parameter in named.items() if fnmatchcase(name, pattern)]
    if not modules and not chosen:
        raise unknown(model, pattern, [*there, *named], what)
    return modules, [*(p for module in modules for p in module.parameters(recurse=False)), *chosen]


def unknown(model: Module, name: str, names: Iterable[str], what: str) -> InvalidValueError:
    """The error for a name that nothing has."""
    names = list(names)
    hint = did_you_mean(name, names)
    if not hint:
        tops = list(dict.fromkeys(each.partition(".")[0] for each in names))
        shown = f"{', '.join(tops[:12])}{' and more' if len(tops) > 12 else ''}" if tops else "nothing"
        hint = f" It has: {shown}."
    return InvalidValueError(f"{what}: nothing in {type(model).__name__} is called {name!r}.{hint}")
