"""What is registered, by kind: `registry.layers["swiglu"]`, `registry.activations`, and so on.

Each is a read-only mapping that imports nothing until asked; see `nncore.plugins.Registry`.
"""

from __future__ import annotations

from nncore.plugins import KINDS, Registry, current_host
from nncore.plugins.near import did_you_mean

_PLURALS = {kind.plural: kind.name for kind in KINDS.values()}

__all__ = sorted(_PLURALS)


def __getattr__(name: str) -> Registry:
    if name in _PLURALS:
        return current_host().registry(_PLURALS[name])
    raise AttributeError(f"nncore.registry has no {name!r}.{did_you_mean(name, _PLURALS)}")


def __dir__() -> list[str]:
    return __all__
