"""Modules in a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nncore.api import Module, as_module


class ModuleList(Module):
    """A list of modules, which a plain Python list would hide from `parameters()` and the like.

    Args:
        modules: Modules, or what makes one: a layer's or an activation's name or spec, a class, a function.

    Shape: none; it is not called.
    """

    def __init__(self, modules: Iterable[Any] = ()) -> None:
        super().__init__()
        for module in modules:
            self.append(module)

    def arguments(self) -> dict[str, Any]:
        """Its present modules, since they can change after construction."""
        return {"modules": list(self._modules.values())}

    def extra_repr(self) -> str:
        return ""

    def append(self, module: Any) -> ModuleList:
        """Add a module at the end. Returns itself."""
        self.add_module(str(len(self._modules)), as_module(module))
        return self

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(list(self._modules.values()))

    def __getitem__(self, index: int) -> Module:
        return list(self._modules.values())[index]
