"""The check of docstrings: what a reader needs is there."""

from __future__ import annotations

import inspect
import re
from typing import Any

from nncore.plugins import KINDS
from nncore.testing.report import Fault, NotApplicable

__all__ = ["check_docs", "check_source", "doc_of"]

SHAPED = ("layer", "loss", "architecture", "metric", "transform")
"""Kinds whose docstring says what shapes go in and come out; the others keep or are given them."""
GIVEN = {"loss": ("reduction",), "optimizer": ("params", "lr")}
"""Settings that every component of a kind has, with the same meaning."""
_FORMULA = re.compile(r"[=+*/^·²√ΣΠ∂|<>≤≥×∈-]|\b(exp|log|max|min|sum|mean|softmax|sigmoid|tanh|U|N)\(")


def doc_of(component: Any) -> str:
    """The docstring of a class or function, its own or, for a partial and an instance, its origin's."""
    # What a partial calls, and what a click command does.
    target = getattr(component, "func", None) or getattr(component, "callback", None) or component
    if not isinstance(target, type) and not hasattr(target, "__name__"):
        target = type(target)
    own = target.__dict__.get("__doc__") if isinstance(target, type) else target.__doc__
    return inspect.cleandoc(own) if own else ""


def _family(component: Any) -> list[str]:
    """The docstrings of a class and of those that it derives from, nncore's own bases left out."""
    bases = component.__mro__ if isinstance(component, type) else ()
    common = ("nncore.module", "nncore.optim.optimizer", "builtins")
    return [base.__doc__ for base in bases if base.__module__ not in common and base.__doc__]


def settings_of(kind: str, component: Any) -> list[str]:
    """The names of what it is configured with."""
    try:
        parameters = list(inspect.signature(component).parameters.values())
    except (TypeError, ValueError):
        return []
    first = 0 if isinstance(component, type) else KINDS[kind].called
    plain = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [p.name for p in parameters[first:] if p.kind not in plain]


def check_docs(kind: str, component: Any) -> str:
    """There is a docstring that begins with one line, names every setting, and gives the shapes."""
    text = doc_of(component)
    if not text:
        raise Fault("it has no docstring", "Write what it computes, its settings, its shapes and its source.")
    first = text.splitlines()[0]
    if not first.strip():
        raise Fault("its docstring does not begin with a line that says what it is")
    known = "\n".join(_family(component)) or text
    unnamed = [
        name
        for name in settings_of(kind, component)
        if name not in GIVEN.get(kind, ())
        and not re.search(rf"(?<![a-zA-Z0-9_]){re.escape(name)}(?![a-zA-Z0-9_])", known)
    ]
    if unnamed:
        raise Fault(f"its docstring does not name {', '.join(unnamed)}", "Add them under `Args:`.")
    if kind in SHAPED and not re.search(r"\b[Ss]hape", text):
        raise Fault(
            "its docstring gives no shapes", "Add a line such as `Shape: (N, in_features) to (N, out_features).`"
        )
    if kind in ("activation", "loss", "penalty") and not _FORMULA.search(text):
        raise Fault("its docstring gives no formula", "Write the formula, such as `max(x, 0)`.")
    return first


def check_source(kind: str, component: Any) -> str:
    """Where it comes from is told; a note where it is not."""
    text = doc_of(component)
    found = re.search(r"\bSource: *(.+)", text)
    if not found:
        raise NotApplicable("the docstring names no source; a line `Source: ...` helps those who look closer")
    return found.group(1)
