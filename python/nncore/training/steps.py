"""The captured steps of a training, a validation and a prediction."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from nncore import _core
from nncore._capture import capture
from nncore._core import Tensor
from nncore.module import Module
from nncore.optim import Optimizer, clip_grad_norm, clip_grad_value
from nncore.training.objective import Objective

__all__ = ["Sums", "evaluating", "predicting", "training"]


class Sums:
    """Loss and metrics over the batches of an epoch, held in tensors, so that a captured step adds to them.

    Args:
        metrics: Metrics by name; they are copied, so that training and validation each have their own.
    """

    def __init__(self, metrics: Mapping[str, Any]) -> None:
        self.metrics = {name: copy.deepcopy(metric) for name, metric in metrics.items()}
        self.loss = _core.zeros((), dtype="float64")
        self.samples = _core.zeros((), dtype="int64")

    def reset(self) -> None:
        """Forget all batches."""
        self.loss.zero_()
        self.samples.zero_()
        for metric in self.metrics.values():
            metric.reset()

    def tensors(self) -> dict[str, Tensor]:
        """The sums by name, those inside the metrics too."""
        found = {"sums/loss": self.loss, "sums/samples": self.samples}
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

    def add(self, objective: Objective, loss: Tensor, output: Any, target: Any) -> None:
        """Take a batch into account; its loss counts by its samples."""
        main = objective.main(output).detach()
        count = main.shape[0] if main.ndim else 1
        self.loss += loss.detach().to("float64") * count
        self.samples += count
        wanted = objective.main_target(target)
        for metric in self.metrics.values():
            metric.update(main, wanted)

    def compute(self) -> dict[str, Any]:
        """The mean loss over samples, and each metric."""
        samples = self.samples.item()
        loss = self.loss.item() / samples if samples else float("nan")
        return {"loss": loss, **{name: metric.compute() for name, metric in self.metrics.items()}}


def training(
    model: Module,
    objective: Objective,
    optimizer: Optimizer,
    sums: Sums,
    accumulate: int,
    clip_norm: float | None,
    clip_value: float | None,
) -> Callable[..., Tensor]:
    """One step: `step(x, y, batches, last)` with the batches of a group so far, this one included. The first of a group drops
    the gradients before it, and the last, of which there may be fewer than `accumulate`, changes the parameters. It returns
    the loss of the batch."""
    parameters = [p for group in optimizer.param_groups for p in group.params]

    def step(x: Tensor, y: Any, batches: int = 1, last: bool = True) -> Tensor:
        output = model(x)
        loss = objective(output, y)
        if batches == 1:
            optimizer.zero_grad()
        (loss if accumulate == 1 else loss * (1.0 / accumulate)).backward()
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
        with _core.no_grad():
            sums.add(objective, loss, output, y)
        return loss.detach()

    return step


def evaluating(model: Module, objective: Objective, sums: Sums) -> Callable[..., None]:
    """One batch of a validation."""

    def step(x: Tensor, y: Any) -> None:
        with _core.no_grad():
            output = model(x)
            sums.add(objective, objective(output, y), output, y)

    return capture(step)


def predicting(model: Module) -> Callable[[Tensor], Any]:
    """One batch of outputs."""

    def step(x: Tensor) -> Any:
        with _core.no_grad():
            return model(x)

    return capture(step)
