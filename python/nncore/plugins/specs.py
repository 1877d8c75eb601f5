"""What a plugin hands over: one frozen record per component.

A spec says what a component is called and where it lives. Its target is a string, so that finding a component imports
nothing of it; the import happens when somebody asks for the component by name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from nncore.errors import PluginError

__all__ = [
    "ActivationSpec",
    "ArchitectureSpec",
    "CallbackSpec",
    "CommandSpec",
    "ComponentSpec",
    "ConstraintSpec",
    "DatasetSpec",
    "InitializerSpec",
    "LayerSpec",
    "LossSpec",
    "MetricSpec",
    "OptimizerSpec",
    "PenaltySpec",
    "ScheduleSpec",
    "TransformSpec",
]

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True)
class ComponentSpec:
    """The record behind one registry name. Plugins use the subclass of their component's kind.

    Args:
        name: Registry name in snake case, such as `"swiglu"`.
        target: Where the component lives, as `"package.module:Name"`, or the object itself. Prefer the string: it
            imports nothing until somebody asks for the component.
        summary: One line for listings.
        aliases: Other names in use for the same thing, such as `"glorot"` beside `"xavier"`. They resolve silently.
        formerly: Names that this component had in earlier releases, or `"distribution/name"` where it has moved from
            another distribution. They resolve with a `DeprecationWarning`.

    Raises:
        PluginError: A field has the wrong type or form. The message names the field and shows a right one.
    """

    kind: ClassVar[str] = ""

    name: str
    target: Any
    summary: str = ""
    aliases: Sequence[str] = ()
    formerly: Sequence[str] = ()

    def __post_init__(self) -> None:
        self._check_name("name", self.name)
        if self.target is None:
            raise PluginError(f"{self}: target is None; give 'package.module:Name' or the object itself")
        if isinstance(self.target, str) and not _TARGET.fullmatch(self.target):
            raise PluginError(f"{self}: target {self.target!r} is not of the form 'package.module:Name'")
        if not isinstance(self.summary, str) or "\n" in self.summary:
            raise PluginError(f"{self}: summary must be one line of text, got {self.summary!r}")
        for field in ("aliases", "formerly"):
            names = getattr(self, field)
            # A bare string is a sequence of letters: the slip of a missing comma in ("glorot").
            if isinstance(names, str) or not isinstance(names, Sequence):
                raise PluginError(f"{self}: {field} must be a sequence of names such as ('glorot',), got {names!r}")
            for name in names:
                distribution, slash, bare = name.rpartition("/") if isinstance(name, str) else ("", "", name)
                if field == "formerly" and slash and _DISTRIBUTION.fullmatch(distribution):
                    self._check_name(field, bare)
                else:
                    self._check_name(field, name)
            object.__setattr__(self, field, tuple(names))
        if len(set(self.names)) != len(self.names):
            raise PluginError(f"{self}: a name appears twice among name, aliases and formerly: {list(self.names)}")

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.name!r}"

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that leads here: the name, the aliases, and the former names."""
        return (self.name, *self.aliases, *self.formerly)

    @property
    def target_path(self) -> str | None:
        """The target as `"package.module:Name"`, also where the object itself was given; None where it has no name."""
        if isinstance(self.target, str):
            return self.target
        return path_of(self.target)

    def _check_name(self, field: str, name: object) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise PluginError(
                f"{type(self).__name__}: {field} {name!r} is not a registry name; "
                "write it in snake case, such as 'leaky_relu'"
            )


def path_of(component: object) -> str | None:
    """`"module:qualname"` of a class or function, None for anything that an import cannot find again."""
    module, name = getattr(component, "__module__", None), getattr(component, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or "<" in name:
        return None
    return f"{module}:{name}"


class LayerSpec(ComponentSpec):
    """A layer: a `Module` class whose constructor arguments are its config."""

    kind = "layer"


class ActivationSpec(ComponentSpec):
    """An activation: a shape-preserving function of a tensor, or a class that holds its constants."""

    kind = "activation"


class InitializerSpec(ComponentSpec):
    """An initializer: `(shape, fan_in, fan_out, stream, dtype) -> array`, or a class whose instances are that."""

    kind = "initializer"


class LossSpec(ComponentSpec):
    """A loss: `(output, target, *, reduction) -> tensor`, or a class whose instances are that."""

    kind = "loss"


class ArchitectureSpec(ComponentSpec):
    """An architecture: a callable that takes a config and returns a `Module`."""

    kind = "architecture"


class OptimizerSpec(ComponentSpec):
    """An optimizer: a callable that takes settings by keyword and returns an unbound `Optimizer`."""

    kind = "optimizer"


class ScheduleSpec(ComponentSpec):
    """A schedule of the learning rate: `(epoch, epochs) -> factor`, or a class whose instances are that."""

    kind = "schedule"


class MetricSpec(ComponentSpec):
    """A metric: a class whose instances have `update(output, target)`, `compute()` and `reset()`."""

    kind = "metric"


class PenaltySpec(ComponentSpec):
    """A penalty: `(model) -> 0-d tensor`, which is added to the objective, or a class whose instances are that."""

    kind = "penalty"


class ConstraintSpec(ComponentSpec):
    """A constraint: `(model) -> None`, which changes parameters in place after a step, or a class whose instances are that."""

    kind = "constraint"


class CallbackSpec(ComponentSpec):
    """A callback: a class whose instances have some of the methods that a Trainer calls, such as `on_epoch_end`."""

    kind = "callback"


class TransformSpec(ComponentSpec):
    """A transform: a class whose instances have `fit(x)` and `transform(x)`."""

    kind = "transform"


class DatasetSpec(ComponentSpec):
    """A data set: a callable that takes options by keyword and returns `(train, test)`, or one `ArrayDataset`."""

    kind = "dataset"


class CommandSpec(ComponentSpec):
    """A command of the command line: a click command, for `nncore NAME`, where hyphens stand for underscores."""

    kind = "command"
