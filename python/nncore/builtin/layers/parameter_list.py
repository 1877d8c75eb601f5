"""Parameters in a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nncore.api import Module, Parameter


class ParameterList(Module):
    """A list of parameters, which a plain Python list would hide from `parameters()` and the like.

    Args:
        values: Parameters, or what `Parameter` takes: shapes, tensors or arrays.

    Saved by itself it comes back with parameters of these shapes and values; how they would be drawn anew is not kept.

    Shape: it is not called; its parameters are used.

    Example:
        >>> from nncore import nn
        >>> weights = nn.ParameterList([(3, 2), (2,)])
        >>> [weight.shape for weight in weights], list(weights.state_dict())
        ([(3, 2), (2,)], ['0', '1'])
    """

    def __init__(self, values: Iterable[Any] = ()) -> None:
        super().__init__()
        self.extend(values)

    def arguments(self) -> dict[str, Any]:
        """The shapes of its present parameters."""
        return {"values": [list(parameter.shape) for parameter in self]}

    def extra_repr(self) -> str:
        return ", ".join(str(tuple(parameter.shape)) for parameter in self)

    def append(self, value: Any) -> ParameterList:
        """Add a parameter at the end. Returns itself."""
        self.register_parameter(str(len(self)), as_parameter(value))
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        """Add several at the end. Returns itself."""
        for value in values:
            self.append(value)
        return self

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(list(self._parameters.values()))

    def __getitem__(self, index: int) -> Parameter:
        return list(self._parameters.values())[index]

    def __setitem__(self, index: int, value: Any) -> None:
        name = list(self._parameters)[index]
        order = list(self._parameters)
        self.register_parameter(name, as_parameter(value))
        for later in order[order.index(name) + 1 :]:
            self._parameters[later] = self._parameters.pop(later)


def as_parameter(value: Any) -> Parameter:
    """A parameter as it is, and of anything else a new one."""
    return value if isinstance(value, Parameter) else Parameter(value)
