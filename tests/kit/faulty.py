"""Components of the other kinds with one fault each."""

from __future__ import annotations

import random
import threading
from typing import Any

import click
import numpy as np
from faults import KEPT, fault

from nncore.api import ArrayDataset, Optimizer, Transform, example, reduce, zeros

# --- activations, losses, initializers, schedules


@fault("activation", "shape", "promised is (4, 6)")
def summing(input: Any) -> Any:
    """Σx."""
    return input.sum(-1)


@fault("activation", "docs", "no formula")
def wordy(input: Any) -> Any:
    """One more."""
    return input + 1.0


@fault("loss", "reduction", "does not take reduction='mean'")
def fixed(output: Any, target: Any) -> Any:
    """(output - target)². Shape: both alike."""
    return ((output - target) * (output - target)).mean()


@fault("loss", "reduction", "expected a 0-d tensor")
def unreduced(output: Any, target: Any, *, reduction: str = "mean") -> Any:
    """(output - target)². Shape: both alike."""
    return (output - target) * (output - target)


@fault("loss", "reduction", "is accepted")
def lenient(output: Any, target: Any, *, reduction: str = "mean") -> Any:
    """(output - target)². Shape: both alike."""
    return reduce((output - target) * (output - target), reduction if reduction in ("sum", "none") else "mean")  # type: ignore[arg-type]


@fault("initializer", "shape", "for dtype 'float32' it returns float64")
def wide(shape: Any, fan_in: int, fan_out: int, stream: Any, dtype: str) -> Any:
    """Ones."""
    return np.ones(shape)


@fault("initializer", "determinism", "global generator")
def global_draws(shape: Any, fan_in: int, fan_out: int, stream: Any, dtype: str) -> Any:
    """U(0, 1)."""
    return np.full(shape, random.random(), dtype)


TURNS: list[int] = []


@fault("initializer", "determinism", "gives other values")
def in_turn(shape: Any, fan_in: int, fan_out: int, stream: Any, dtype: str) -> Any:
    """0, 1, 2, ..."""
    TURNS.append(0)
    return np.full(shape, len(TURNS), dtype)


@fault("initializer", "config", "fails: ")
@example(config={"values": [1.0]}, inputs=[(1,)])
class Positional:
    """Values that come without their name.

    Args:
        *values: The values.
    """

    def __init__(self, *values: float) -> None:
        self.values = values

    def __call__(self, shape: Any, fan_in: int, fan_out: int, stream: Any, dtype: str) -> Any:
        return np.asarray(self.values, dtype).reshape(shape)


@fault("initializer", "memory", "objects behind")
def collecting(shape: Any, fan_in: int, fan_out: int, stream: Any, dtype: str) -> Any:
    """Ones."""
    KEPT.append(np.ones(shape, dtype))
    return np.ones(shape, dtype)


@fault("schedule", "value", "a finite number, 0 or more")
def falling(epoch: float, epochs: int) -> float:
    """Below 0 at the end."""
    return 0.5 - epoch / epochs


@fault("schedule", "determinism", "in another order")
def remembering(epoch: float, epochs: int) -> float:
    """The number of calls."""
    TURNS.append(0)
    return float(len(TURNS))


@fault("schedule", "copy", "cannot be pickled")
class Unpicklable:
    """1, behind a lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __call__(self, epoch: float, epochs: int) -> float:
        return 1.0


# --- optimizers, metrics


class Descent(Optimizer):
    """p -= lr·g."""

    sign = -1.0

    def __init__(self, params: Any = None, lr: float = 0.01) -> None:
        super().__init__(params, {"lr": lr})

    def update(self, group: Any) -> None:
        params, grads, _ = group.gradients()
        for param, grad in zip(params, grads, strict=True):
            param += grad * (group["lr"] * self.sign)


@fault("optimizer", "descent", "60 steps from a loss")
class Ascent(Descent):
    """p += lr·g."""

    sign = 1.0


@fault("optimizer", "config", "has no bind")
class Bare:
    """Nothing."""

    lr = 0.1


@fault("optimizer", "state", "it goes elsewhere")
class Forgetting(Descent):
    """Momentum that no state_dict has."""

    def __init__(self, params: Any = None, lr: float = 0.01) -> None:
        super().__init__(params, lr)
        self.kept: dict[int, Any] = {}

    def update(self, group: Any) -> None:
        params, grads, _ = group.gradients()
        for at, (param, grad) in enumerate(zip(params, grads, strict=True)):
            if at not in self.kept:
                self.kept[at] = zeros(param.shape, dtype=param.dtype)
            self.kept[at].mul_(0.9).add_(grad)
            param -= self.kept[at] * group["lr"]


@fault("optimizer", "capture", "cannot be captured")
class OnHost(Descent):
    """p -= lr·g, with a look at g."""

    def update(self, group: Any) -> None:
        if all(grad.sum().item() < 1e9 for grad in group.gradients()[1]):
            super().update(group)


@fault("optimizer", "memory", "objects behind")
class Recording(Descent):
    """p -= lr·g, with a record."""

    def update(self, group: Any) -> None:
        KEPT.append(zeros((1,)))
        super().update(group)


@fault("optimizer", "determinism", "other parameters")
class Noisy(Descent):
    """p -= lr·g, more or less."""

    def update(self, group: Any) -> None:
        self.sign = -random.random()
        super().update(group)


class Mean:
    """The mean output. Shape: any."""

    def __init__(self) -> None:
        self.total, self.seen = zeros(()), zeros(())

    def reset(self) -> None:
        self.total.zero_()
        self.seen.zero_()

    def update(self, output: Any, target: Any) -> None:
        self.total += output.detach().sum()
        self.seen += output.numel()

    def compute(self) -> float:
        seen = self.seen.item()
        return self.total.item() / seen if seen else float("nan")


@fault("metric", "value", "without batches")
class Zero(Mean):
    """The mean output, 0 at first. Shape: any."""

    def compute(self) -> float:
        return self.total.item() / max(self.seen.item(), 1)


@fault("metric", "value", "better is 'larger'")
class Better(Mean):
    """The mean output. Shape: any."""

    better = "larger"


@fault("metric", "batches", "differ from one of")
class MeanOfMeans(Mean):
    """The mean of the batches' means. Shape: any."""

    def update(self, output: Any, target: Any) -> None:
        self.total += output.detach().mean()
        self.seen += 1


@fault("metric", "determinism", "after reset()")
class Elephant(Mean):
    """The mean output. Shape: any."""

    def reset(self) -> None:
        pass


@fault("metric", "capture", "cannot be captured")
class Host(Mean):
    """The mean output. Shape: any."""

    def update(self, output: Any, target: Any) -> None:
        self.total += output.detach().sum().item()
        self.seen += output.numel()


@fault("metric", "memory", "objects behind")
class Hoarding(Mean):
    """The mean output. Shape: any."""

    def __init__(self) -> None:
        self.batches: list[Any] = []

    def reset(self) -> None:
        self.batches.clear()

    def update(self, output: Any, target: Any) -> None:
        self.batches.append(output * 1.0)

    def compute(self) -> float:
        return float(np.concatenate([each.numpy() for each in self.batches]).mean()) if self.batches else float("nan")


@fault("metric", "copy", "a deep copy fails")
class LockedMean(Mean):
    """The mean output. Shape: any."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()


@fault("metric", "config", "cannot be written as data")
@example(config=lambda: {"function": np.tanh})
class OfFunctionMean(Mean):
    """The mean output, with a function. Shape: any."""

    def __init__(self, function: Any) -> None:
        super().__init__()


# --- data sets, transforms, commands


@fault("dataset", "determinism", "loaded twice, it differs")
@example()
def shuffled() -> Any:
    """Numbers in an order of their own."""
    TURNS.append(0)
    return ArrayDataset(np.full((4, 2), len(TURNS), "float32"), [0, 1, 0, 1])


@fault("dataset", "value", "without x, y")
@example()
def tables() -> Any:
    """No data set."""
    return {"x": [1.0]}


class Centre(Transform):
    """x - mean. Shape: (N, ...)."""

    def learn(self, samples: Any) -> Any:
        return {"mean_": samples.array().mean(axis=0)}

    def change(self, x: Any) -> Any:
        return x - self.mean_


@fault("transform", "batches", "a sample alone")
class Together(Centre):
    """x - the mean of what is there. Shape: (N, ...)."""

    def change(self, x: Any) -> Any:
        return x - x.mean(axis=0)


@fault("transform", "state", "makes something else")
class Partly(Centre):
    """x - mean, but keeps it from state(). Shape: (N, ...)."""

    mean_ = np.zeros(3)

    def state(self) -> Any:
        return {name: value for name, value in super().state().items() if name != "mean_"}


@fault("transform", "shape", "changes the samples")
class InPlace(Centre):
    """x - mean, in place. Shape: (N, ...)."""

    def transform(self, x: Any) -> Any:
        x -= 1.0
        return x


@fault("transform", "leak", "learns from validation data")
class LearningAnything(Centre):
    """x - mean, of whatever comes. Shape: (N, ...)."""

    def fit(self, x: Any, y: Any = None) -> Any:
        return super().fit(x.x if isinstance(x, ArrayDataset) else x)


@fault("transform", "inverse", "inverse_transform makes")
class Halved(Centre):
    """x - mean; the way back loses a feature. Shape: (N, ...)."""

    def inverse_transform(self, x: Any) -> Any:
        return x[:, :1]


@fault("transform", "determinism", "fitted twice")
class Random(Centre):
    """x - a number. Shape: (N, ...)."""

    def learn(self, samples: Any) -> Any:
        return {"mean_": np.full(samples.shape, random.random())}


@fault("transform", "copy", "a deep copy fails")
class LockedCentre(Centre):
    """x - mean, behind a lock. Shape: (N, ...)."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


@fault("command", "inputs", "ends with 0")
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("rest", nargs=-1)
def swallowing(rest: tuple[str, ...]) -> None:
    """Do something with anything."""


@fault("command", "help", "does not say what --quick does")
@click.command()
@click.option("--quick", is_flag=True)
def silent_option(quick: bool) -> None:
    """Do something."""


@fault("command", "help", "expected a click command")
def no_command() -> None:
    """Do something."""
