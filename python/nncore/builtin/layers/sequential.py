"""Modules one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, overload

from nncore.api import InvalidValueError, Module, as_module


class Sequential(Module):
    """Calls its modules one after the other, each with the one before's output.

        nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        nn.Sequential(OrderedDict(hidden=nn.Linear(64, 32), act="relu", out=nn.Linear(32, 10)))

    Args:
        *layers: Modules, or what makes one: a layer's or an activation's name or spec, a class, a function. Or one
            mapping from names to such; otherwise the names are "0", "1" and so on.

    Shape: the first one's input to the last one's output.

    `model[1]` is a module, `model[:2]` a Sequential of the same modules, `model["hidden"]` one by its name.
    """

    def __init__(self, *layers: Any) -> None:
        super().__init__()
        if len(layers) == 1 and isinstance(layers[0], Mapping) and "name" not in layers[0]:
            for name, layer in layers[0].items():
                self.add_module(name, as_module(layer))
        else:
            for layer in layers:
                self.append(layer)

    def forward(self, input: Any) -> Any:
        return self.call_in_turn(input)

    def arguments(self) -> dict[str, Any]:
        """Its present modules, since they can change after construction."""
        named = self._modules
        if list(named) == [str(at) for at in range(len(named))]:
            return {"layers": list(named.values())}
        return {"layers": [dict(named)]}

    def extra_repr(self) -> str:
        return ""

    def append(self, layer: Any) -> Sequential:
        """Add a module at the end. Returns itself."""
        at = len(self._modules)
        while str(at) in self._modules:
            at += 1
        self.add_module(str(at), as_module(layer))
        return self

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(list(self._modules.values()))

    @overload
    def __getitem__(self, index: int | str) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    def __getitem__(self, index: int | str | slice) -> Module | Sequential:
        if isinstance(index, slice):
            return Sequential(dict(list(self._modules.items())[index]))
        return self._modules[index if isinstance(index, str) else self._name(index)]

    def __setitem__(self, index: int | str, layer: Any) -> None:
        name = index if isinstance(index, str) else self._name(index)
        if name not in self._modules:
            raise InvalidValueError(f"there is no module {name!r} to put another in its place")
        # The place in the order stays, since a dict keeps it where a key is overwritten.
        order = list(self._modules)
        self.add_module(name, as_module(layer))
        for key in order[order.index(name) + 1 :]:
            self._modules[key] = self._modules.pop(key)

    def _name(self, index: int) -> str:
        names = list(self._modules)
        try:
            return names[index]
        except IndexError:
            # Python's protocol for sequences wants this type.
            raise IndexError(f"index {index} is outside of {len(names)} modules") from None
