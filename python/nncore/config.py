"""What a module was made with, as plain data, and back.

A module's constructor arguments are recorded by themselves; they are its *config*. As data they are JSON values, with

- components as qualified names: `"activation:nncore/relu"`, or `{"name": "activation:nncore/leaky_relu", "slope": 0.2}`;
- modules as `{"$module": {"name": "layer:nncore/linear", "config": {...}}}`, and one that stands in several places as
  `{"$ref": n}` at all but the first, where `n` counts the modules in order of appearance.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore.errors import FileFormatError, NNCoreError
from nncore.plugins import current_host, resolve

if TYPE_CHECKING:
    from nncore.module import Module

__all__ = ["NotRebuildable", "call_with", "config_of", "from_config", "module_from_spec", "record", "spec_of"]

Arguments = dict[str, Any]


class NotRebuildable(NNCoreError, TypeError):
    """A module that cannot be described as data: a class that nobody registered, or an argument that is no data."""


@functools.lru_cache(maxsize=1024)
def _signature(cls: Any) -> inspect.Signature:
    parameters = list(inspect.signature(cls.__init__).parameters.values())
    return inspect.Signature(parameters[1:])


def record(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments | None:
    """The arguments by name; None where they do not fit the constructor, which is about to say so itself.

    Lists and dicts are copied, since the caller may change them later; everything else is kept as it is.
    """
    try:
        bound = _signature(cls).bind(*args, **kwargs)
    except TypeError:
        return None
    return {name: copied(value) for name, value in bound.arguments.items()}


def arguments_of(module: Module) -> Arguments:
    """All arguments of the constructor, defaults included, as they were given.

    A `**kwargs` parameter's are spread out; a `*args` parameter's are a list under its name.
    """
    recorded = module.recorded_arguments()
    if recorded is None:
        raise NotRebuildable(f"{type(module).__name__} was made without its constructor, so its config is not known")
    cls: Any = type(module)
    bound = inspect.BoundArguments(_signature(cls), recorded)
    bound.apply_defaults()
    arguments: Arguments = {}
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            arguments.update(value)
        else:
            arguments[name] = list(value) if kind is inspect.Parameter.VAR_POSITIONAL else value
    return arguments


def given_arguments(module: Module) -> list[tuple[str | None, Any]]:
    """What to print of a module: required arguments without their name, and others where they are not the default."""
    shown: list[tuple[str | None, Any]] = []
    recorded = module.recorded_arguments() or {}
    cls: Any = type(module)
    parameters = _signature(cls).parameters
    for name, value in recorded.items():
        parameter = parameters[name]
        if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            continue
        if parameter.default is inspect.Parameter.empty:
            shown.append((None, value))
        elif not _same(value, parameter.default):
            shown.append((name, value))
    return shown


def config_of(module: Module) -> dict[str, Any]:
    """A module's config as plain data.

    Raises:
        NotRebuildable: It cannot be said as data.
    """
    return Encoder().config(module)


def spec_of(module: Module) -> dict[str, Any]:
    """A module as plain data: `{"name": its qualified name, "config": its config}`.

    Raises:
        NotRebuildable: Its class is not registered, or an argument is no data.
    """
    return Encoder().spec(module)


class Encoder:
    """Modules to data. One object for each tree, since it numbers the modules that it meets."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._names: dict[Any, str | None] = {}

    def spec(self, module: Module) -> dict[str, Any]:
        """`{"name": ..., "config": ...}`."""
        self._numbers[id(module)] = len(self._numbers)
        made = module.__dict__.get("_made_by")
        if made is not None:
            name, config = made
            return {"name": name, "config": {key: self._value(value, key) for key, value in config.items()}}
        name = self._name(type(module))
        if name is None:
            raise NotRebuildable(
                f"{type(module).__module__}.{type(module).__qualname__} is not registered, so that a file can name it; "
                "register it in a plugin, as a layer or an architecture"
            )
        return {"name": name, "config": self.config(module)}

    def config(self, module: Module) -> dict[str, Any]:
        """The arguments of one module."""
        kinds = type(module).components
        where = type(module).__name__
        return {
            name: self._component(value, kinds[name], f"{where}.{name}")
            if name in kinds
            else self._value(value, f"{where}.{name}")
            for name, value in module.arguments().items()
        }

    def _value(self, value: Any, where: str) -> Any:
        from nncore.module import Module

        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, Module):
            number = self._numbers.get(id(value))
            return {"$module": self.spec(value)} if number is None else {"$ref": number}
        if isinstance(value, (list, tuple)):
            return [self._value(item, where) for item in value]
        if isinstance(value, Mapping):
            if all(isinstance(key, str) and not key.startswith("$") for key in value):
                return {key: self._value(item, f"{where}[{key!r}]") for key, item in value.items()}
            raise NotRebuildable(f"{where}: keys must be strings that do not begin with '$', got {list(value)}")
        if callable(value):
            name = self._name(value)
            if name is not None:
                return name
        raise NotRebuildable(
            f"{where} is {value!r}, which is neither plain data, nor a registered component, nor a Module"
        )

    def _component(self, value: Any, kind: str, where: str) -> Any:
        from nncore.module import Module

        if value is None or isinstance(value, Module):
            return self._value(value, where)
        resolved = resolve(kind, value)
        if resolved.name is None or (resolved.shared and resolved.config):
            raise NotRebuildable(f"{where} is {value!r}, which is not a registered {kind}; register it in a plugin")
        if not resolved.config:
            return resolved.name
        return {"name": resolved.name, **{key: self._value(item, where) for key, item in resolved.config.items()}}

    def _name(self, component: Any) -> str | None:
        try:
            if component not in self._names:
                self._names[component] = current_host().qualified_name(component)
            return self._names[component]
        except TypeError:  # not hashable, so neither a class nor a function
            return None


def from_config(cls: type[Module], config: Mapping[str, Any]) -> Module:
    """A new module of this class from its config."""
    module: Module = call_with(cls, {name: _Decoder().value(value) for name, value in config.items()})
    return module


def module_from_spec(spec: Mapping[str, Any]) -> Module:
    """A new module from what `spec_of` gave. Names resolve through the registries alone.

    Raises:
        UnknownComponentError: A component is not installed.
        FileFormatError: It is not such a spec.
    """
    return _Decoder().module(spec)


class _Decoder:
    """Data to modules; the counterpart of `Encoder`."""

    def __init__(self) -> None:
        self._made: list[Module | None] = []

    def module(self, spec: Any) -> Module:
        from nncore.module import Module, architecture

        if not isinstance(spec, Mapping) or not isinstance(spec.get("name"), str):
            raise FileFormatError(f"a module is described by its name and config, got {spec!r}")
        kind = spec["name"].partition(":")[0]
        if kind not in ("layer", "architecture", "activation", "loss"):
            raise FileFormatError(
                f"a module is a layer, an activation, a loss or an architecture, got {spec['name']!r}"
            )
        number = len(self._made)
        self._made.append(None)
        config = {key: self.value(value) for key, value in spec.get("config", {}).items()}
        if kind == "architecture":
            made: Any = architecture(spec["name"], config)
        else:
            made = call_with(current_host().registry(kind)[spec["name"]], config)
        if not isinstance(made, Module):
            raise FileFormatError(f"{spec['name']!r} made a {type(made).__name__}, expected a Module")
        self._made[number] = made
        return made

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if "$module" in value:
            return self.module(value["$module"])
        if "$ref" in value:
            number = value["$ref"]
            if not isinstance(number, int) or not 0 <= number < len(self._made) or self._made[number] is None:
                raise FileFormatError(f"module number {number!r} is referred to before it is described")
            return self._made[number]
        return {key: self.value(item) for key, item in value.items()}


def call_with(cls: Any, config: Mapping[str, Any]) -> Any:
    """Call a class or function with a config, spreading out what belongs to its `*args` parameter."""
    signature = _signature(cls) if isinstance(cls, type) else inspect.signature(cls)
    positional, rest = next(
        (
            ([*names[:at]], names[at])
            for names in [list(signature.parameters)]
            for at, name in enumerate(names)
            if signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        ),
        ([], None),
    )
    if rest is None:
        return cls(**config)
    keywords = {name: value for name, value in config.items() if name not in (*positional, rest)}
    return cls(*(config[name] for name in positional if name in config), *config.get(rest, ()), **keywords)


def copied(value: Any) -> Any:
    """A value whose lists and dicts are its own."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()} if type(value) is dict else value.copy()
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, Iterator):
        return UsedUp(type(value).__name__)
    return tuple(map(copied, value)) if type(value) is tuple else value


@dataclass(frozen=True)
class UsedUp:
    """Stands for an iterator that was given: the constructor has gone through it, and it could be neither copied nor
    pickled."""

    type_name: str

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


def _same(value: Any, default: Any) -> bool:
    if value is default:
        return True
    plain = (bool, int, float, str, tuple, list)
    return type(value) is type(default) and isinstance(value, plain) and bool(value == default)
