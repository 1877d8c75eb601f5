"""From what a user may write where an activation or a layer is expected, to a Module."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.errors import InvalidValueError, UnknownComponentError
from nncore.module import Module
from nncore.plugins import current_host, example, make
from nncore.plugins.near import did_you_mean

__all__ = ["FunctionActivation", "as_activation", "as_module"]


@example(config={"function": "relu"}, inputs=[(4, 3)], output=(4, 3))
class FunctionActivation(Module):
    """An activation as a module, where it is a plain function.

    Args:
        function: An activation: a registry name, a configured spec, or a function of one tensor.

    Shape: any; the function keeps it.
    """

    components: ClassVar = {"function": "activation"}

    def __init__(self, function: Any) -> None:
        super().__init__()
        made = make("activation", function)
        if isinstance(made, Module):
            self.inner = made
        self.function = made

    def forward(self, input: Any) -> Any:
        return self.function(input)


def as_activation(value: Any) -> Module:
    """The module for an activation: a name, a spec such as `{"name": "softmax", "dim": 1}`, a class, a function, a Module.

    A Module that is given is used as it is. A function is wrapped in `FunctionActivation`.
    """
    if isinstance(value, Module):
        return value
    made = make("activation", value)
    return made if isinstance(made, Module) else FunctionActivation(value)


def as_module(value: Any) -> Module:
    """The module for an element of a model: a Module, a class, or the name or spec of a layer or an activation."""
    if isinstance(value, Module):
        return value
    name = value.get("name") if isinstance(value, dict) else value
    if isinstance(name, str):
        host = current_host()
        if name in host.registry("layer") and name not in host.registry("activation"):
            made = make("layer", value)
            if isinstance(made, Module):
                return made
        elif name not in host.registry("activation"):
            known = [*host.registry("layer"), *host.registry("activation")]
            raise UnknownComponentError(
                f"no layer and no activation is called {name!r}.{did_you_mean(name, known)} `nncore list layers` and "
                "`nncore list activations` show all."
            )
    if isinstance(value, type) and issubclass(value, Module):
        layer: Module = make("layer", value)
        return layer
    if isinstance(name, str) or callable(value):
        return as_activation(value)
    raise InvalidValueError(f"a layer, an activation, or the name of one was expected; got {value!r}")
