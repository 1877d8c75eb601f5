"""The hooks that a plugin may implement, one per kind of component.

A plugin is a small module named by an entry point in the group `nncore`. It says `api_version = 1` and implements any
of these hooks as generators of specs. Each example below is a complete plugin; the tests run them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from nncore.plugins.specs import ActivationSpec, ArchitectureSpec, InitializerSpec, LayerSpec, LossSpec

__all__ = [
    "PROJECT",
    "hookimpl",
    "hookspec",
    "nncore_activations",
    "nncore_architectures",
    "nncore_initializers",
    "nncore_layers",
    "nncore_losses",
]

PROJECT = "nncore"
"""The name shared by the hooks' prefix, the entry-point group and the markers."""

hookspec = pluggy.HookspecMarker(PROJECT)
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
