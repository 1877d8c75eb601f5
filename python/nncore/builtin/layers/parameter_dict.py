"""Parameters by name."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from nncore.api import InvalidValueError, Module, Parameter
from nncore.builtin.layers.parameter_list import as_parameter


class ParameterDict(Module):
    """Parameters by name, which a plain dict would hide from `parameters()` and the like.

    Args:
        parameters: A mapping from names to parameters, or to what `Parameter` takes: shapes, tensors or arrays. Names
            have no dots, and are not those of the dict's own attributes.

    Saved by itself it comes back with parameters of these shapes and values; how they would be drawn anew is not kept.

    Shape: it is not called; its parameters are used.

    Raises:
        InvalidValueError: Such a name.

    Example:
        >>> from nncore import nn
        >>> scales = nn.ParameterDict({"left": (3,), "right": (4,)})
        >>> scales["right"].shape, list(scales.state_dict())
        ((4,), ['left', 'right'])
    """

    def __init__(self, parameters: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        for name, value in (parameters or {}).items():
            self[name] = value

    def arguments(self) -> dict[str, Any]:
        """The shapes of its present parameters."""
        return {"parameters": {name: list(parameter.shape) for name, parameter in self.items()}}

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={tuple(parameter.shape)}" for name, parameter in self.items())

    def keys(self) -> KeysView[str]:
        """The names, in order."""
        return self._parameters.keys()

    def values(self) -> ValuesView[Parameter]:
        """The parameters, in order."""
        return self._parameters.values()

    def items(self) -> ItemsView[str, Parameter]:
        """Names and parameters, in order."""
        return self._parameters.items()

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if isinstance(name, str) and name not in self._parameters and hasattr(self, name):
            raise InvalidValueError(f"ParameterDict: {name!r} is the name of its own attribute; take another")
        order = list(self._parameters)
        self.register_parameter(name, as_parameter(value))
        for later in order[order.index(name) + 1 :] if name in order else ():
            self._parameters[later] = self._parameters.pop(later)

    def __delitem__(self, name: str) -> None:
        if name not in self._parameters:
            raise KeyError(name)
        delattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._parameters))
