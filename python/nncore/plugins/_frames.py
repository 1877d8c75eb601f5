"""Whom a warning blames."""

from __future__ import annotations

import sys

__all__ = ["stacklevel"]


def stacklevel() -> int:
    """The `stacklevel` with which the caller's `warnings.warn` names the first line outside the host.

    A look-up passes several frames of this package, and also `collections.abc`, whose `Mapping.get` calls back in.
    """
    inside = (__package__, "nncore.registry", "collections.abc", "_collections_abc")
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(inside):
        level, frame = level + 1, frame.f_back
    return level
