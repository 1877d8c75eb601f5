"""Layers, activations and losses as classes, with PyTorch's names and arguments.

    >>> from nncore import nn
    >>> model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    >>> model.num_parameters()
    2410

They are nncore's built-in components; this module finds them by their class's name in what `nncore.builtin.plugin`
registers, and imports each at its first use.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from nncore.hints import missing
from nncore.module import Module as Module
from nncore.parameter import Parameter as Parameter

_OWN = ("Module", "Parameter", "utils")


@cache
def _targets() -> dict[str, str]:
    """Class name to `"module:Class"`, out of the specs of the built-in plugin."""
    plugin = importlib.import_module("nncore.builtin.plugin")
    hooks = (plugin.nncore_layers, plugin.nncore_activations, plugin.nncore_losses)
    targets = [spec.target for hook in hooks for spec in hook()]
    return {target.partition(":")[2]: target for target in targets}


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return __dir__()
    if name == "utils":
        return importlib.import_module("nncore.nn.utils")
    target = None if name.startswith("_") else _targets().get(name)
    if target is None:
        raise AttributeError(missing("nn", name, "module 'nncore.nn'", [] if name.startswith("_") else __dir__()))
    found = getattr(importlib.import_module(target.partition(":")[0]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*_targets(), *_OWN})
