"""Modules in a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, overload

from nncore.api import Module, as_module


class ModuleList(Module):
    """A list of modules, which a plain Python list would hide from `parameters()` and the like.

    Args:
        modules: Modules, or what makes one: a layer's or an activation's name or spec, a class, a function.

    Shape: it is not called; its modules are.

    Example:
        >>> from nncore import nn
        >>> layers = nn.ModuleList([nn.Linear(2, 3), "relu"])
        >>> layers.append(nn.Linear(3, 1)) is layers, len(layers), layers[1]
        (True, 3, ReLU())
    """

    def __init__(self, modules: Iterable[Any] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def arguments(self) -> dict[str, Any]:
        """Its present modules, since they can change after construction."""
        return {"modules": list(self._modules.values())}

    def extra_repr(self) -> str:
        return ""

    def append(self, module: Any) -> ModuleList:
        """Add a module at the end. Returns itself."""
        self.add_module(str(len(self._modules)), as_module(module))
        return self

    def extend(self, modules: Iterable[Any]) -> ModuleList:
        """Add several at the end. Returns itself."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Any) -> None:
        """Put a module before the one at `index`. Those behind it get new names."""
        modules = list(self)
        modules.insert(index, as_module(module))
        self._renew(modules)

    def pop(self, index: int = -1) -> Module:
        """Take a module out. Those behind it get new names."""
        module = self[index]
        del self[index]
        return module

    def _renew(self, modules: list[Module]) -> None:
        for name in list(self._modules):
            delattr(self, name)
        self.extend(modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(list(self._modules.values()))

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> ModuleList: ...
    def __getitem__(self, index: int | slice) -> Module | ModuleList:
        found = list(self._modules.values())[index]
        return ModuleList(found) if isinstance(found, list) else found

    def __setitem__(self, index: int, module: Any) -> None:
        modules = list(self)
        modules[index] = as_module(module)
        self._renew(modules)

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self)
        del modules[index]
        self._renew(modules)
