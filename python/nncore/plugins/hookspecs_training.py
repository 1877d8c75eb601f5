"""The hooks for what a training takes besides a model and a loss; `hookspecs` has them all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from nncore.plugins.specs import CallbackSpec, ConstraintSpec, OptimizerSpec, PenaltySpec, ScheduleSpec

__all__ = [
    "PROJECT",
    "hookspec",
    "nncore_callbacks",
    "nncore_constraints",
    "nncore_optimizers",
    "nncore_penalties",
    "nncore_schedules",
]

PROJECT = "nncore"
"""The name shared by the hooks' prefix, the entry-point group and the markers."""

hookspec = pluggy.HookspecMarker(PROJECT)


@hookspec
def nncore_optimizers() -> Iterable[OptimizerSpec]:
    """Optimizers: callables that take settings by keyword and return an optimizer without parameters.

    `pyproject.toml`::

        [project.entry-points.nncore]
        signsgd = "nncore_signsgd.plugin"

    `nncore_signsgd/plugin.py`::

        from nncore.api import OptimizerSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_optimizers():
            yield OptimizerSpec(
                name="sign_sgd", target="nncore_signsgd.optimizer:SignSGD", summary="Steps by the gradients' signs"
            )

    `nncore_signsgd/optimizer.py`::

        from nncore.api import Optimizer


        class SignSGD(Optimizer):
            def __init__(self, params=None, lr=0.01):
                super().__init__(params, {"lr": lr})

            def update(self, group):
                params, grads, _ = group.gradients()
                for param, grad in zip(params, grads):
                    param -= grad.sign() * group["lr"]
    """
    raise NotImplementedError


@hookspec
def nncore_schedules() -> Iterable[ScheduleSpec]:
    """Schedules of the learning rate: functions `(epoch, epochs) -> factor`.

    `pyproject.toml`::

        [project.entry-points.nncore]
        halving = "nncore_halving.plugin"

    `nncore_halving/plugin.py`::

        from nncore.api import ScheduleSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_schedules():
            yield ScheduleSpec(
                name="halving", target="nncore_halving.schedule:halving", summary="Half the rate every few epochs"
            )

    `nncore_halving/schedule.py`::

        def halving(epoch, epochs, every=10):
            return 0.5 ** (epoch // every)
    """
    raise NotImplementedError


@hookspec
def nncore_penalties() -> Iterable[PenaltySpec]:
    """Penalties: functions `(model) -> 0-d tensor`, which is added to the objective.

    `nncore.Trainer(penalty={"name": "quartic_penalty", "strength": 1e-3})` finds it then.

    `pyproject.toml`::

        [project.entry-points.nncore]
        quartic_penalty = "nncore_quartic_penalty.plugin"

    `nncore_quartic_penalty/plugin.py`::

        from nncore.api import PenaltySpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_penalties():
            yield PenaltySpec(
                name="quartic_penalty", target="nncore_quartic_penalty.penalty:Quartic", summary="strength·Σw⁴"
            )

    `nncore_quartic_penalty/penalty.py`::

        from nncore.api import Penalty


        class Quartic(Penalty):
            def __init__(self, strength=1e-4, *, biases=True, norms=True, where=None):
                super().__init__(biases, norms, where)
                self.strength = strength

            def of(self, parameter):
                return (parameter**4).sum() * self.strength
    """
    raise NotImplementedError


@hookspec
def nncore_constraints() -> Iterable[ConstraintSpec]:
    """Constraints: functions `(model) -> None` that change parameters in place after each step of the optimizer.

    `nncore.Trainer(constraint="not_negative")` finds it then.

    `pyproject.toml`::

        [project.entry-points.nncore]
        not_negative = "nncore_not_negative.plugin"

    `nncore_not_negative/plugin.py`::

        from nncore.api import ConstraintSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_constraints():
            yield ConstraintSpec(
                name="not_negative", target="nncore_not_negative.constraint:not_negative", summary="max(w, 0)"
            )

    `nncore_not_negative/constraint.py`::

        from nncore.api import no_grad


        def not_negative(model):
            with no_grad():
                for parameter in model.parameters():
                    parameter.clamp_(min=0.0)
    """
    raise NotImplementedError


@hookspec
def nncore_callbacks() -> Iterable[CallbackSpec]:
    """Callbacks: classes with some of the methods that a Trainer calls between its epochs and steps.

    `nncore.Trainer(callbacks=[{"name": "time_limit", "seconds": 60}])` finds it then.

    `pyproject.toml`::

        [project.entry-points.nncore]
        time_limit = "nncore_time_limit.plugin"

    `nncore_time_limit/plugin.py`::

        from nncore.api import CallbackSpec, hookimpl

        api_version = 1


        @hookimpl
        def nncore_callbacks():
            yield CallbackSpec(
                name="time_limit", target="nncore_time_limit.callback:TimeLimit", summary="Stop after some seconds"
            )

    `nncore_time_limit/callback.py`::

        import time


        class TimeLimit:
            def __init__(self, seconds=3600.0):
                self.seconds = seconds

            def on_fit_begin(self, trainer):
                self.end = time.monotonic() + self.seconds

            def on_step_end(self, trainer, step, loss):
                if time.monotonic() >= self.end:
                    trainer.stop(f"{self.seconds:g} seconds are over")
    """
    raise NotImplementedError
