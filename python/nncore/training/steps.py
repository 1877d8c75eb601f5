"""The captured steps of a training, a validation and a prediction."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nncore import _core
from nncore._capture import capture
from nncore._core import Tensor
from nncore.errors import InvalidValueError
from nncore.module import Module
from nncore.optim import Optimizer, clip_grad_norm, clip_grad_value
from nncore.training.objective import Objective

__all__ = ["Sums", "evaluating", "predicting", "training"]


class Sums:
    """Losses and metrics over the batches of an epoch, held in tensors, so that a captured step adds to them.

    Args:
        metrics: The output that each metric looks at, None for the main one, and the metric, by name. Metrics are copied,
            so that training and validation each have their own.
        outputs: Names of outputs that have losses of their own; none where there is one output.
        penalized: Whether there is a penalty to sum up.
    """

    def __init__(
        self, metrics: Mapping[str, tuple[str | None, Any]], outputs: Iterable[str] = (), *, penalized: bool = False
    ) -> None:
        self.metrics = {name: copy.deepcopy(metric) for name, (_, metric) in metrics.items()}
        self.of = {name: output for name, (output, _) in metrics.items()}
        self.loss = _core.zeros((), dtype="float64")
        self.samples = _core.zeros((), dtype="int64")
        self.penalty = _core.zeros((), dtype="float64") if penalized else None
        self.losses = {name: _core.zeros((), dtype="float64") for name in outputs}
        # An output may be there in training alone, and says nothing of a validation then.
        self.counts = {name: _core.zeros((), dtype="int64") for name in outputs}

    def reset(self) -> None:
        """Forget all batches."""
        for total in (self.loss, self.samples, self.penalty, *self.losses.values(), *self.counts.values()):
            if total is not None:
                total.zero_()
        for metric in self.metrics.values():
            metric.reset()

    def tensors(self) -> dict[str, Tensor]:
        """The sums by name, those inside the metrics too."""
        found = {"sums/loss": self.loss, "sums/samples": self.samples}
        if self.penalty is not None:
            found["sums/penalty"] = self.penalty
        for name in self.losses:
            found |= {f"sums/loss of {name}": self.losses[name], f"sums/samples of {name}": self.counts[name]}
        for name, metric in self.metrics.items():
            for attribute, value in getattr(metric, "__dict__", {}).items():
                if isinstance(value, Tensor):
                    found[f"metric/{name}/{attribute}"] = value
        return found

    def copied(self) -> dict[str, Tensor]:
        """What `restore` brings back."""
        return {name: value.clone() for name, value in self.tensors().items()}

    def restore(self, saved: dict[str, Tensor]) -> None:
        """Bring the sums to what they were; those that were not there yet begin anew. What is taken is gone from `saved`."""
        for name, value in self.tensors().items():
            if name in saved:
                value.copy_(saved.pop(name))
            else:
                value.zero_()

    def add(
        self,
        objective: Objective,
        parts: Mapping[str, Tensor],
        output: Any,
        target: Any,
        penalty: Tensor | None = None,
    ) -> None:
        """Take a batch into account; its losses count by its samples."""
        main = objective.output(output)
        count = main.shape[0] if main.ndim else 1
        self.loss += objective.total(parts).detach().to("float64") * count
        self.samples += count
        if self.penalty is not None and penalty is not None:
            self.penalty += penalty.detach().to("float64") * count
        for name, total in self.losses.items():
            if name in parts:
                total += parts[name].detach().to("float64") * count
                self.counts[name] += count
        for name, metric in self.metrics.items():
            of = self.of[name]
            seen = main if of is None else objective.output(output, of)
            if seen is not None:
                metric.update(seen.detach(), objective.target(target, of))

    def compute(self) -> dict[str, Any]:
        """The mean loss over samples, that of each output where there are several, and each metric."""
        samples = self.samples.item()
        found: dict[str, Any] = {"loss": self.loss.item() / samples if samples else float("nan")}
        if self.penalty is not None:
            found["penalty"] = self.penalty.item() / samples if samples else float("nan")
        there = {name for name, count in self.counts.items() if count.item()}
        for name in self.losses:
            if name in there:
                found[f"{name}_loss"] = self.losses[name].item() / self.counts[name].item()
        for name, metric in self.metrics.items():
            if self.of[name] is None or self.of[name] in there:
                found[name] = metric.compute()
        return found


def training(
    model: Module,
    objective: Objective,
    optimizer: Optimizer,
    sums: Sums,
    accumulate: int,
    clip_norm: float | None,
    clip_value: float | None,
    *,
    penalty: Callable[[Module], Tensor] | None = None,
    constraint: Callable[[Module], None] | None = None,
) -> Callable[..., Tensor]:
    """One step: `step(x, y, batches, last)` with the batches of a group so far, this one included. The first of a group drops
    the gradients before it, and the last, of which there may be fewer than `accumulate`, changes the parameters. It returns
    the loss of the batch, without the penalty."""
    parameters = [p for group in optimizer.param_groups for p in group.params]

    def step(x: Tensor, y: Any, batches: int = 1, last: bool = True) -> Tensor:
        output = model(x)
        parts = objective.parts(output, y)
        loss = objective.total(parts)
        added = None if penalty is None else _penalty(penalty, model)
        # Before anything changes: a metric may refuse what it is given.
        with _core.no_grad():
            sums.add(objective, parts, output, y, added)
        if batches == 1:
            optimizer.zero_grad()
        whole = loss if added is None else loss + added
        (whole if accumulate == 1 else whole * (1.0 / accumulate)).backward()
        if last:
            if batches < accumulate:
                for parameter in parameters:
                    if (grad := parameter.grad) is not None:
                        grad *= accumulate / batches
            if clip_value is not None:
                clip_grad_value(parameters, clip_value)
            if clip_norm is not None:
                clip_grad_norm(parameters, clip_norm)
            optimizer.step()
            if constraint is not None:
                constraint(model)
        return loss.detach()

    return step


def _penalty(penalty: Callable[[Module], Tensor], model: Module) -> Tensor:
    value: Any = penalty(model)
    if not isinstance(value, Tensor) or value.ndim:
        got = f"one of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
        raise InvalidValueError(f"a penalty is a 0-d tensor; {penalty!r} gave {got}")
    return value


def evaluating(model: Module, objective: Objective, sums: Sums) -> Callable[..., None]:
    """One batch of a validation."""

    def step(x: Tensor, y: Any) -> None:
        with _core.no_grad():
            output = model(x)
            sums.add(objective, objective.parts(output, y, partial=True), output, y)

    return capture(step)


def predicting(model: Module) -> Callable[[Tensor], Any]:
    """One batch of outputs."""

    def step(x: Tensor) -> Any:
        with _core.no_grad():
            return model(x)

    return capture(step)
