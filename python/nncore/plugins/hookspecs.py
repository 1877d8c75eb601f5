"""The hooks that a plugin may implement, one per kind of component.

A plugin is a small module named by an entry point in the group `nncore`. It says `api_version = 1` and implements any
of these hooks as generators of specs. Each example below is a complete plugin; the tests run them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

from nncore.plugins.hookspecs_training import (
    PROJECT,
    hookspec,
    nncore_callbacks,
    nncore_constraints,
    nncore_optimizers,
    nncore_penalties,
    nncore_schedules,
)

if TYPE_CHECKING:
    from nncore.plugins.specs import (
        ActivationSpec,
        ArchitectureSpec,
        CommandSpec,
        DatasetSpec,
        InitializerSpec,
        LayerSpec,
        LossSpec,
        MetricSpec,
        TransformSpec,
    )

__all__ = [
    "PROJECT",
    "hookimpl",
    "hookspec",
    "nncore_activations",
    "nncore_architectures",
    "nncore_callbacks",
    "nncore_commands",
    "nncore_constraints",
    "nncore_datasets",
    "nncore_initializers",
    "nncore_layers",
    "nncore_losses",
    "nncore_metrics",
    "nncore_optimizers",
    "nncore_penalties",
    "nncore_schedules",
    "nncore_transforms",
]

hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def nncore_layers() -> Iterable[LayerSpec]:
    """Layers: `Module` classes.

    `pyproject.toml`::

        [project.entry-points.nncore]
        scale = "nncore_scale.plugin"

    `nncore_scale/plugin.py`::

        from nncore.api import LayerSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_layers():
            yield LayerSpec(name="scale", target="nncore_scale.layer:Scale", summary="Multiply by a constant")

    `nncore_scale/layer.py`::

        from nncore.api import Module


        class Scale(Module):
            def __init__(self, factor=1.0):
                super().__init__()
                self.factor = factor

            def forward(self, input):
                return input * self.factor
    """
    raise NotImplementedError


@hookspec
def nncore_activations() -> Iterable[ActivationSpec]:
    """Activations: shape-preserving functions of a tensor, or classes that hold their constants.

    `pyproject.toml`::

        [project.entry-points.nncore]
        squareplus = "nncore_squareplus.plugin"

    `nncore_squareplus/plugin.py`::

        from nncore.api import ActivationSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_activations():
            yield ActivationSpec(
                name="squareplus",
                target="nncore_squareplus.function:squareplus",
                summary="Smooth ReLU without exponentials",
            )

    `nncore_squareplus/function.py`::

        from nncore.api import ops


        def squareplus(input, b=4.0):
            return (input + ops.sqrt(input * input + b)) * 0.5
    """
    raise NotImplementedError


@hookspec
def nncore_initializers() -> Iterable[InitializerSpec]:
    """Initializers: functions `(shape, fan_in, fan_out, stream, dtype) -> array`.

    `pyproject.toml`::

        [project.entry-points.nncore]
        alternating = "nncore_alternating.plugin"

    `nncore_alternating/plugin.py`::

        from nncore.api import InitializerSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_initializers():
            yield InitializerSpec(
                name="alternating",
                target="nncore_alternating.initializer:alternating",
                summary="+a and -a in turn, a = fan_in ** -0.5",
            )

    `nncore_alternating/initializer.py`::

        import numpy as np


        def alternating(shape, fan_in, fan_out, stream, dtype):
            signs = np.where(np.arange(np.prod(shape)) % 2 == 0, 1.0, -1.0)
            return (signs.reshape(shape) * fan_in**-0.5).astype(dtype)
    """
    raise NotImplementedError


@hookspec
def nncore_losses() -> Iterable[LossSpec]:
    """Losses: functions `(output, target, *, reduction) -> tensor`.

    `pyproject.toml`::

        [project.entry-points.nncore]
        quartic = "nncore_quartic.plugin"

    `nncore_quartic/plugin.py`::

        from nncore.api import LossSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_losses():
            yield LossSpec(
                name="quartic", target="nncore_quartic.loss:quartic", summary="Fourth power of the difference"
            )

    `nncore_quartic/loss.py`::

        def quartic(output, target, *, reduction="mean"):
            square = (output - target) * (output - target)
            loss = square * square
            if reduction == "none":
                return loss
            return loss.sum() if reduction == "sum" else loss.mean()
    """
    raise NotImplementedError


@hookspec
def nncore_architectures() -> Iterable[ArchitectureSpec]:
    """Architectures: callables that take a config and return a `Module`.

    `pyproject.toml`::

        [project.entry-points.nncore]
        perceptron = "nncore_perceptron.plugin"

    `nncore_perceptron/plugin.py`::

        from nncore.api import ArchitectureSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_architectures():
            yield ArchitectureSpec(
                name="perceptron", target="nncore_perceptron.model:Perceptron", summary="One linear unit"
            )

    `nncore_perceptron/model.py`::

        from nncore.api import Module, Parameter


        class Perceptron(Module):
            def __init__(self, inputs=2):
                super().__init__()
                self.weight = Parameter((inputs,), init="zeros")

            def forward(self, input):
                return (input * self.weight).sum(-1)
    """
    raise NotImplementedError


@hookspec
def nncore_metrics() -> Iterable[MetricSpec]:
    """Metrics: classes with `update(output, target)`, `compute()` and `reset()`.

    `pyproject.toml`::

        [project.entry-points.nncore]
        bias = "nncore_bias.plugin"

    `nncore_bias/plugin.py`::

        from nncore.api import MetricSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_metrics():
            yield MetricSpec(name="bias", target="nncore_bias.metric:Bias", summary="Mean of output - target")

    `nncore_bias/metric.py`::

        from nncore.api import zeros


        class Bias:
            def __init__(self):
                self.total, self.seen = zeros(()), zeros(())

            def reset(self):
                self.total.zero_()
                self.seen.zero_()

            def update(self, output, target):
                self.total += (output - target).sum()
                self.seen += output.numel()

            def compute(self):
                return self.total.item() / self.seen.item()
    """
    raise NotImplementedError


@hookspec
def nncore_transforms() -> Iterable[TransformSpec]:
    """Transforms of samples: classes with `fit(x)` and `transform(x)`.

    `pyproject.toml`::

        [project.entry-points.nncore]
        logs = "nncore_logs.plugin"

    `nncore_logs/plugin.py`::

        from nncore.api import TransformSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_transforms():
            yield TransformSpec(name="logs", target="nncore_logs.transform:Logs", summary="Log of the distance from the least")

    `nncore_logs/transform.py`::

        import numpy as np

        from nncore.api import Transform


        class Logs(Transform):
            def learn(self, samples):
                return {"least_": samples.array().min(axis=0)}

            def change(self, x):
                return np.log1p(np.maximum(x - self.least_, 0))

            def undo(self, x):
                return np.expm1(x) + self.least_
    """
    raise NotImplementedError


@hookspec
def nncore_datasets() -> Iterable[DatasetSpec]:
    """Data sets: callables that take options and return `(train, test)`, or one `ArrayDataset`.

    `nncore.data.load("parity")` and `nncore train --data parity` find it then.

    `pyproject.toml`::

        [project.entry-points.nncore]
        parity = "nncore_parity.plugin"

    `nncore_parity/plugin.py`::

        from nncore.api import DatasetSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_datasets():
            yield DatasetSpec(name="parity", target="nncore_parity.data:parity", summary="Even and odd rows of bits")

    `nncore_parity/data.py`::

        import numpy as np

        from nncore.api import ArrayDataset


        def parity(bits=8):
            rows = np.arange(2**bits)
            x = (rows[:, None] >> np.arange(bits)) & 1
            samples = ArrayDataset(x.astype("float32"), x.sum(1) % 2, name="parity", classes=["even", "odd"])
            return samples.split(0.25, seed=0)
    """
    raise NotImplementedError


@hookspec
def nncore_commands() -> Iterable[CommandSpec]:
    """Commands of the command line: click commands, here `nncore count`.

    A name that nncore itself has stays nncore's.

    `pyproject.toml`::

        [project.entry-points.nncore]
        count = "nncore_count.plugin"

    `nncore_count/plugin.py`::

        from nncore.api import CommandSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_commands():
            yield CommandSpec(name="count", target="nncore_count.command:count", summary="Count a model's parameters")

    `nncore_count/command.py`::

        import click

        from nncore.api import create


        @click.command()
        @click.argument("name")
        def count(name):
            "Count the parameters of an architecture."
            click.echo(sum(parameter.numel() for parameter in create(name).parameters()))
    """
    raise NotImplementedError
