"""The public surface of `nncore.api` as text, one line a name, for a snapshot under version control.

Plugins import `nncore.api` and nothing else, so what it offers may grow but not shrink unannounced. After a change:

    python tests/plugins/api_surface.py --write
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path

SNAPSHOT = Path(__file__).with_name("api_snapshot.txt")
COMMAND = "python tests/plugins/api_surface.py --write"


def surface(module: types.ModuleType) -> list[str]:
    """Every public name with its signature; for a class, its constructor, bases, methods and properties as well."""
    names = getattr(module, "__all__", None)
    if names is None:
        raise ValueError(f"{module.__name__} has no __all__, so what is public in it is not said")
    return [line for name in sorted(names) for line in _lines(name, getattr(module, name))]


def differences(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    """The lines that went away or changed, and the lines that are new."""
    return [line for line in before if line not in after], [line for line in after if line not in before]


def _lines(name: str, value: object) -> Iterator[str]:
    if isinstance(value, types.ModuleType):
        yield f"{name}: module"
    elif isinstance(value, type):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        yield f"{name}: class{f'({bases})' if bases else ''}"
        yield f"{name}{_signature(value)}"
        for attribute, member in sorted(_members(value).items()):
            if isinstance(member, property) or inspect.isdatadescriptor(member):
                yield f"{name}.{attribute}: property"
            elif isinstance(member, staticmethod | classmethod):
                yield f"{name}.{attribute}{_signature(getattr(value, attribute))}: {type(member).__name__}"
            elif callable(member):
                yield f"{name}.{attribute}{_signature(member)}"
            else:
                yield f"{name}.{attribute}: {type(member).__name__}"
    elif callable(value):
        yield f"{name}{_signature(value)}"
    else:
        yield f"{name}: {type(value).__name__}"


def _members(cls: type) -> dict[str, object]:
    """Public members, inherited ones from nncore's own bases included; what `object` or Python brings is not ours."""
    members: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        # Methods that the extension makes of its ops have a table of their own, and come with each new op.
        if base.__module__.partition(".")[0] == cls.__module__.partition(".")[0] and "_core" not in base.__module__:
            members.update({name: member for name, member in vars(base).items() if not name.startswith("_")})
    return members


def _signature(value: object) -> str:
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):  # native callables without a text signature
        return "(...)"
    parameters = [part.replace(annotation=_bare(part.annotation)) for part in signature.parameters.values()]
    signature = signature.replace(parameters=parameters, return_annotation=_bare(signature.return_annotation))
    return re.sub(r" at 0x[0-9a-fA-F]+", "", str(signature))


class _Bare(str):
    def __repr__(self) -> str:
        return str(self)


def _bare(annotation: object) -> object:
    """An annotation that reads the same whether or not its module postpones annotations, that is, without quotes."""
    return _Bare(annotation) if isinstance(annotation, str) else annotation


def main() -> None:
    """Print the surface, or write the snapshot."""
    text = "".join(f"{line}\n" for line in surface(importlib.import_module("nncore.api")))
    if sys.argv[1:] == ["--write"]:
        SNAPSHOT.write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
