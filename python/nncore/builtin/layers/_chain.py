"""Parts of a layer, which may be given as one module or as several in a row."""

from __future__ import annotations

from typing import Any

from nncore.api import Module, as_module
from nncore.builtin.layers.sequential import Sequential


def chain(value: Any) -> Module:
    """One module, or what makes one; of a list or a tuple a Sequential."""
    return Sequential(*value) if isinstance(value, (list, tuple)) else as_module(value)
