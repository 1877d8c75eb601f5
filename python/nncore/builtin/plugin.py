"""nncore's own components, registered through the same hooks as everybody's. The lists stand in `catalogue`, a file a kind."""

from nncore.api import (
    ActivationSpec,
    ArchitectureSpec,
    CallbackSpec,
    CommandSpec,
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
    hookimpl,
)
from nncore.builtin.catalogue.activations import ACTIVATIONS
from nncore.builtin.catalogue.architectures import ARCHITECTURES
from nncore.builtin.catalogue.callbacks import CALLBACKS
from nncore.builtin.catalogue.commands import COMMANDS
from nncore.builtin.catalogue.constraints import CONSTRAINTS
from nncore.builtin.catalogue.datasets import DATASETS
from nncore.builtin.catalogue.initializers import INITIALIZERS
from nncore.builtin.catalogue.layers import LAYERS
from nncore.builtin.catalogue.losses import LOSSES
from nncore.builtin.catalogue.metrics import METRICS
from nncore.builtin.catalogue.optimizers import OPTIMIZERS
from nncore.builtin.catalogue.penalties import PENALTIES
from nncore.builtin.catalogue.schedules import SCHEDULES
from nncore.builtin.catalogue.transforms import TRANSFORMS

api_version = 1


@hookimpl
def nncore_layers() -> list[LayerSpec]:
    return LAYERS


@hookimpl
def nncore_activations() -> list[ActivationSpec]:
    return ACTIVATIONS


@hookimpl
def nncore_losses() -> list[LossSpec]:
    return LOSSES


@hookimpl
def nncore_initializers() -> list[InitializerSpec]:
    return INITIALIZERS


@hookimpl
def nncore_architectures() -> list[ArchitectureSpec]:
    return ARCHITECTURES


@hookimpl
def nncore_optimizers() -> list[OptimizerSpec]:
    return OPTIMIZERS


@hookimpl
def nncore_schedules() -> list[ScheduleSpec]:
    return SCHEDULES


@hookimpl
def nncore_penalties() -> list[PenaltySpec]:
    return PENALTIES


@hookimpl
def nncore_constraints() -> list[ConstraintSpec]:
    return CONSTRAINTS


@hookimpl
def nncore_callbacks() -> list[CallbackSpec]:
    return CALLBACKS


@hookimpl
def nncore_metrics() -> list[MetricSpec]:
    return METRICS


@hookimpl
def nncore_transforms() -> list[TransformSpec]:
    return TRANSFORMS


@hookimpl
def nncore_datasets() -> list[DatasetSpec]:
    return DATASETS


@hookimpl
def nncore_commands() -> list[CommandSpec]:
    return COMMANDS
