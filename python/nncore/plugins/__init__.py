"""The plugin host: how layers, activations, losses, optimizers and all other kinds of components find their way in.

It imports none of them. Component packages import `nncore.api`, which re-exports what they need from here.
"""

from nncore.plugins.default import BUILTINS, current_host, use_host
from nncore.plugins.discovery import API_VERSION
from nncore.plugins.examples import Example, Given, example, examples_of, given
from nncore.plugins.hookspecs import hookimpl
from nncore.plugins.host import PluginHost
from nncore.plugins.kinds import KINDS, Kind, kind_of
from nncore.plugins.protocols import (
    Activation,
    Architecture,
    Callback,
    Command,
    Constraint,
    Dataset,
    Initializer,
    Layer,
    Loss,
    Metric,
    Optimizer,
    Penalty,
    Reduction,
    Schedule,
    Stream,
    Transform,
)
from nncore.plugins.records import Failure, PluginRecord
from nncore.plugins.registry import Description, Registry
from nncore.plugins.resolution import Resolved, make, resolve
from nncore.plugins.specs import (
    ActivationSpec,
    ArchitectureSpec,
    CallbackSpec,
    CommandSpec,
    ComponentSpec,
    ConstraintSpec,
    DatasetSpec,
    InitializerSpec,
    LayerSpec,
    LossSpec,
    MetricSpec,
    OptimizerSpec,
    PenaltySpec,
    ScheduleSpec,
    TransformSpec,
)
from nncore.plugins.spreads import Spread, spread, spread_of

__all__ = [
    "API_VERSION",
    "BUILTINS",
    "KINDS",
    "Activation",
    "ActivationSpec",
    "Architecture",
    "ArchitectureSpec",
    "Callback",
    "CallbackSpec",
    "Command",
    "CommandSpec",
    "ComponentSpec",
    "Constraint",
    "ConstraintSpec",
    "Dataset",
    "DatasetSpec",
    "Description",
    "Example",
    "Failure",
    "Given",
    "Initializer",
    "InitializerSpec",
    "Kind",
    "Layer",
    "LayerSpec",
    "Loss",
    "LossSpec",
    "Metric",
    "MetricSpec",
    "Optimizer",
    "OptimizerSpec",
    "Penalty",
    "PenaltySpec",
    "PluginHost",
    "PluginRecord",
    "Reduction",
    "Registry",
    "Resolved",
    "Schedule",
    "ScheduleSpec",
    "Spread",
    "Stream",
    "Transform",
    "TransformSpec",
    "current_host",
    "example",
    "examples_of",
    "given",
    "hookimpl",
    "kind_of",
    "make",
    "resolve",
    "spread",
    "spread_of",
    "use_host",
]
