"""From what a user may write where a component is expected, to the component."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nncore.errors import InvalidValueError
from nncore.plugins.default import current_host
from nncore.plugins.kinds import Kind, kind_of
from nncore.plugins.near import did_you_mean

__all__ = ["Resolved", "make", "resolve"]


@dataclass(frozen=True)
class Resolved:
    """A component, and the config to make it with.

    Args:
        kind: What it is.
        component: The class, the callable, or the finished instance.
        config: Keyword arguments from a configured spec.
        name: Fully qualified name where it is registered, else None.
        shared: Whether the caller gave a finished instance, which is then used as it is, also in several places.
    """

    kind: Kind
    component: Any
    config: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    shared: bool = False

    def make(self, **defaults: Any) -> Any:
        """The component ready for use.

        A class is called with the config. So is a layer's or an architecture's factory. A function that is the
        component itself (an activation, an initializer, a loss) gets the config bound, and is returned as it is where
        there is none. An instance is returned.

        Args:
            **defaults: Keyword arguments that hold where the config says nothing.
        """
        if self.shared:
            return self.component
        self.check(**defaults)
        config = {**defaults, **self.config}
        if self.kind.made or isinstance(self.component, type):
            return self.component(**config)
        return functools.partial(self.component, **config) if config else self.component

    def check(self, **defaults: Any) -> None:
        """Refuse settings that the component does not have, and one that is missing.

        Raises:
            InvalidValueError: There is one.
        """
        self._check_config()
        if self.kind.made or isinstance(self.component, type):
            self._check_missing({**defaults, **self.config})

    def _check_config(self) -> None:
        """Refuse settings that the component does not have.

        Raises:
            InvalidValueError: There is one. The message names it and what there is.
        """
        if not self.config:
            return
        try:
            parameters = list(inspect.signature(self.component).parameters.values())
        except (TypeError, ValueError):
            return  # written in C; it will say itself
        if not isinstance(self.component, type):
            del parameters[: self.kind.called]  # what it is called with is no setting
        if any(each.kind is each.VAR_KEYWORD for each in parameters):
            return
        known = [each.name for each in parameters if each.kind not in (each.POSITIONAL_ONLY, each.VAR_POSITIONAL)]
        unknown = [name for name in self.config if name not in known]
        if unknown:
            raise InvalidValueError(
                f"{self._short()} has no setting {unknown[0]!r}.{did_you_mean(unknown[0], known)} "
                f"It has: {', '.join(known) or 'none'}."
            )

    def _check_missing(self, config: Mapping[str, Any]) -> None:
        """Refuse a component that cannot be made without a setting which is not there.

        Raises:
            InvalidValueError: There is one. The message names what is missing, and shows where it goes.
        """
        try:
            parameters = inspect.signature(self.component).parameters.values()
        except (TypeError, ValueError):
            return  # written in C; it will say itself
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        missing = [p.name for p in parameters if p.kind in named and p.default is p.empty and p.name not in config]
        if missing:
            name = self._short()
            shown = ", ".join(f"'{each}': ..." for each in missing)
            raise InvalidValueError(
                f"{_article(self.kind.name)} {name!r} is not made without {' and '.join(missing)}; write it as "
                f"{{'name': {name!r}, {shown}}}"
            )

    def _short(self) -> str:
        """What users call it."""
        name = self.name or str(getattr(self.component, "__name__", repr(self.component)))
        return name.rpartition("/")[2]


def resolve(kind: str, value: Any) -> Resolved:
    """What a user wrote, looked up.

    Args:
        kind: What is expected, such as `"activation"`.
        value: A registry name, a configured spec such as `{"name": "leaky_relu", "slope": 0.2}`, a class, a callable,
            or an instance.

    Raises:
        UnknownComponentError: Nobody provides the name, or several do.
        ComponentLoadError: The component's target cannot be imported.
        InvalidValueError: The value is none of these things.
    """
    wanted = kind_of(kind)
    registry = current_host().registry(wanted.name)
    if isinstance(value, str):
        entry = registry.entry(value)
        return Resolved(wanted, registry.load(entry), {}, entry.qualified)
    if isinstance(value, Mapping):
        config = dict(value)
        name = config.pop("name", None)
        if not isinstance(name, str) or not all(isinstance(key, str) for key in config):
            raise InvalidValueError(
                f"a configured {wanted.name} is a dict with its name, as in {{'name': 'leaky_relu', 'slope': 0.2}}; "
                f"got {value!r}"
            )
        entry = registry.entry(name)
        return Resolved(wanted, registry.load(entry), config, entry.qualified)
    if wanted.finished(value):
        return Resolved(wanted, value, {}, registry.qualified_name(value), shared=True)
    if not callable(value):
        raise InvalidValueError(
            f"expected {_article(wanted.name)}: a name, a dict with a name, a class, a callable or an instance; "
            f"got {value!r}"
        )
    if isinstance(value, type) or inspect.isroutine(value) or isinstance(value, functools.partial):
        return Resolved(wanted, value, {}, registry.qualified_name(value))
    return Resolved(wanted, value, {}, registry.qualified_name(value), shared=True)


def make(kind: str, value: Any, **defaults: Any) -> Any:
    """`resolve(kind, value).make(**defaults)`: the component ready for use."""
    return resolve(kind, value).make(**defaults)


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
