"""Ops that are no part of `nncore.ops`: updates of optimizers, and the like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nncore import _core

__all__ = ["internal"]


def internal(name: str) -> Callable[..., Any]:
    """The function of an internal op."""
    found: Callable[..., Any] = _core.function(name)
    return found
