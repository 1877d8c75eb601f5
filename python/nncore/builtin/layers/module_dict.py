"""Modules by name."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from nncore.api import InvalidValueError, Module, as_module


class ModuleDict(Module):
    """Modules by name, which a plain dict would hide from `parameters()` and the like.

    Args:
        modules: A mapping from names to modules, or what makes one: a layer's or an activation's name or spec, a class,
            a function. Names have no dots, and are not those of the dict's own attributes.

    Shape: it is not called; its modules are.

    Raises:
        InvalidValueError: Such a name.

    Example:
        >>> from nncore import nn
        >>> acts = nn.ModuleDict({"smooth": nn.Tanh(), "sharp": "relu"})
        >>> acts["sharp"], list(acts)
        (ReLU(), ['smooth', 'sharp'])
    """

    def __init__(self, modules: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.update(modules or {})

    def arguments(self) -> dict[str, Any]:
        """Its present modules, since they can change after construction."""
        return {"modules": dict(self._modules)}

    def extra_repr(self) -> str:
        return ""

    def update(self, modules: Mapping[str, Any]) -> None:
        """Put in all of these."""
        for name, module in modules.items():
            self[name] = module

    def keys(self) -> KeysView[str]:
        """The names, in order."""
        return self._modules.keys()

    def values(self) -> ValuesView[Module]:
        """The modules, in order."""
        return self._modules.values()

    def items(self) -> ItemsView[str, Module]:
        """Names and modules, in order."""
        return self._modules.items()

    def pop(self, name: str) -> Module:
        """Take a module out."""
        module = self[name]
        del self[name]
        return module

    def __getitem__(self, name: str) -> Module:
        return self._modules[name]

    def __setitem__(self, name: str, module: Any) -> None:
        if isinstance(name, str) and name not in self._modules and hasattr(self, name):
            raise InvalidValueError(f"ModuleDict: {name!r} is the name of its own attribute; take another")
        order = list(self._modules)
        self.add_module(name, as_module(module))
        # One that takes another's place stays there.
        for later in order[order.index(name) + 1 :] if name in order else ():
            self._modules[later] = self._modules.pop(later)

    def __delitem__(self, name: str) -> None:
        if name not in self._modules:
            raise KeyError(name)
        delattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._modules))
