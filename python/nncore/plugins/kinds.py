"""The one table of component kinds. Registries, hooks and the command line's listings are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nncore.errors import UnknownComponentError
from nncore.plugins import hookspecs, specs
from nncore.plugins.near import did_you_mean

__all__ = ["KINDS", "Kind", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """One kind of component.

    Args:
        name: Singular, as in qualified names: `"layer"`.
        plural: As in `nncore.registry.layers` and `nncore list layers`.
        spec: The record that plugins yield for it.
        hook: The hook that yields them.
        made: Whether the component is what a call of the target returns. A layer is made by its class and an
            architecture by its function; an activation function is the component itself.
        methods: What a finished instance has, where it is not simply called.
        called: How many first parameters of a function are what it is called with, and no settings.
    """

    name: str
    plural: str
    spec: type[specs.ComponentSpec]
    hook: Callable[..., Any]
    made: bool
    methods: tuple[str, ...] = ()
    called: int = 0

    def finished(self, value: object) -> bool:
        """Whether a value is an instance that is ready for use, of a kind that is not called."""
        return bool(self.methods) and not isinstance(value, type) and all(hasattr(value, name) for name in self.methods)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("layer", "layers", specs.LayerSpec, hookspecs.nncore_layers, made=True),
        Kind("activation", "activations", specs.ActivationSpec, hookspecs.nncore_activations, made=False, called=1),
        Kind("initializer", "initializers", specs.InitializerSpec, hookspecs.nncore_initializers, made=False, called=5),
        Kind("loss", "losses", specs.LossSpec, hookspecs.nncore_losses, made=False, called=2),
        Kind("architecture", "architectures", specs.ArchitectureSpec, hookspecs.nncore_architectures, made=True),
        Kind("optimizer", "optimizers", specs.OptimizerSpec, hookspecs.nncore_optimizers, True, ("bind", "step")),
        Kind("schedule", "schedules", specs.ScheduleSpec, hookspecs.nncore_schedules, made=False, called=2),
        Kind("penalty", "penalties", specs.PenaltySpec, hookspecs.nncore_penalties, made=False, called=1),
        Kind("constraint", "constraints", specs.ConstraintSpec, hookspecs.nncore_constraints, made=False, called=1),
        Kind("callback", "callbacks", specs.CallbackSpec, hookspecs.nncore_callbacks, made=True),
        Kind("metric", "metrics", specs.MetricSpec, hookspecs.nncore_metrics, True, ("update", "compute", "reset")),
        Kind("transform", "transforms", specs.TransformSpec, hookspecs.nncore_transforms, True, ("fit", "transform")),
        Kind("dataset", "datasets", specs.DatasetSpec, hookspecs.nncore_datasets, made=True),
        Kind("command", "commands", specs.CommandSpec, hookspecs.nncore_commands, made=False),
    )
}


def kind_of(name: str) -> Kind:
    """The kind of this name, singular or plural.

    Raises:
        UnknownComponentError: There is no such kind. The message offers near matches.
    """
    for kind in KINDS.values():
        if name in (kind.name, kind.plural):
            return kind
    known = [kind.plural for kind in KINDS.values()]
    hint = did_you_mean(name, [*known, *KINDS])
    raise UnknownComponentError(f"unknown kind of component {name!r}.{hint} The kinds are: {', '.join(known)}.")
