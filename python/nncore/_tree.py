"""Walking over modules: paths, members, error locations, pictures for captured steps, printing."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nncore import _core
from nncore._modes import Picture, Same
from nncore.errors import InvalidValueError, NNCoreError
from nncore.plugins.near import did_you_mean

if TYPE_CHECKING:
    from nncore.module import Module

__all__ = ["find", "is_plain", "locate", "members", "picture", "render", "shown", "walk"]


def walk(module: Module, path: str, seen: set[int]) -> Iterator[tuple[str, Module]]:
    """A module and all below it, parents first, each once."""
    if id(module) in seen:
        return
    seen.add(id(module))
    yield path, module
    for name, child in list(module._modules.items()):
        yield from walk(child, f"{path}.{name}" if path else name, seen)


def members(module: Module, kind: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
    """Parameters or buffers with their names, each once."""
    seen: set[int] = set()
    for path, owner in module.named_modules(prefix) if recurse else [(prefix, module)]:
        for name, member in getattr(owner, kind).items():
            if id(member) not in seen:
                seen.add(id(member))
                yield f"{path}.{name}" if path else name, member


def find(module: Module, path: str) -> Module:
    """The module at a path."""
    found = module
    for name in path.split(".") if path else ():
        child = found._modules.get(name)
        if child is None:
            hint = did_you_mean(name, found._modules) or f" It has: {', '.join(found._modules) or 'none'}."
            raise InvalidValueError(f"no module {name!r} in {type(found).__name__} on the path {path!r}.{hint}")
        found = child
    return found


def locate(error: Exception, module: Module) -> None:
    """Note in an error, on its way up, where in the model it was raised.

    The innermost module marks it; each module above puts its own child's name in front. So `error.layer` is the path
    inside the outermost module that was called. Errors of other libraries get the path as a note.
    """
    marked = getattr(error, "_nncore_module", None)
    if marked is None:
        path, kind = "", type(module).__name__
    else:
        path, kind = error.layer or "", error._nncore_kind  # type: ignore[attr-defined]
        step = next((name for name, below in module.named_modules() if below is marked), None)
        if step is None:  # a module that this one calls without owning it, out of a list, say
            step = type(marked).__name__
        path = f"{step}.{path}" if step and path else step or path
    try:
        error._nncore_module, error._nncore_kind, error.layer = module, kind, path or None  # type: ignore[attr-defined]
    except AttributeError:  # an exception with slots
        return
    if not isinstance(error, NNCoreError) and path:
        notes = getattr(error, "__notes__", [])
        own = getattr(error, "_nncore_note", None)
        note = f"in layer {path} ({kind})"
        if own in notes:
            notes[notes.index(own)] = note
        else:
            error.add_note(note)
        error._nncore_note = note  # type: ignore[attr-defined]


_OWN = {"_parameters", "_buffers", "_modules", "_transient", "_hooks", "_arguments", "_made_by"}
"""Attributes that every module has, and that are looked at by themselves or do not matter."""
_PLAIN = (bool, int, float, str, bytes, type(None))


def picture(module: Module) -> Picture:
    """What a captured step freezes of a module and all below it: modes, settings, and who stands where."""
    found: Picture = {}
    for path, below in module.named_modules():
        dot = f"{path}." if path else ""
        found[path or "the module"] = Same(below)
        for name, value in below.__dict__.items():
            if name in _OWN or isinstance(value, _core.Tensor):
                continue
            # A list is copied: it may be changed in place.
            found[dot + name] = copy.deepcopy(value) if is_plain(value) else Same(value)
        for name, parameter in below._parameters.items():
            found[dot + name] = Same(parameter)
            found[f"{dot}{name}.requires_grad"] = parameter.requires_grad
        for name, buffer in below._buffers.items():
            found[dot + name] = Same(buffer)
        if below._hooks is not None:
            found[f"{dot}hooks"] = below._hooks.picture()
    return found


def covered(module: Module) -> set[str]:
    """The attributes that a picture holds whole: the others are objects that may be changed in place."""
    whole = {name for name, value in module.__dict__.items() if isinstance(value, _PLAIN)}
    return _OWN | whole | set(module._parameters) | set(module._buffers) | set(module._modules)


def is_plain(value: Any) -> bool:
    """Whether an attribute is plain data, which a program takes over as a constant."""
    return isinstance(value, _PLAIN) or (type(value) in (tuple, list) and all(map(is_plain, value)))


def shown(value: Any) -> str:
    """An argument as it is printed: components by their name, and alike before and after a file."""
    if isinstance(value, str):
        return repr(_BUILTIN.sub("", value))
    if isinstance(value, (list, tuple)):
        items = ", ".join(map(shown, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {shown(item)}" for key, item in value.items()) + "}"
    name = getattr(value, "__name__", None)
    return name if callable(value) and isinstance(name, str) else repr(value)


_BUILTIN = re.compile(r"^[a-z]+:nncore/")


def render(module: Module) -> str:
    """A module and all below it, one line each, alike neighbours folded into one."""
    head = f"{type(module).__name__}({module.extra_repr()}"
    children = [(name, render(child)) for name, child in module._modules.items()]
    if not children:
        return f"{head})"
    lines, at = [], 0
    while at < len(children):
        end = at + 1
        while end < len(children) and children[end][1] == children[at][1]:
            end += 1
        name, text = children[at]
        many = "" if end - at == 1 else f"-{children[end - 1][0]}): {end - at} x ("
        label = f"({name}): " if not many else f"({name}{many[:-1]}"
        lines.append(f"  {label}" + text.replace("\n", "\n  "))
        at = end
    return f"{head}\n" + "\n".join(lines) + "\n)"
