"""Layers with one fault each."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from faults import KEPT, fault

from nncore import _core
from nncore.api import Module, Parameter, example, given, ops, zeros

# --- layers


class Plain(Module):
    """x. Shape: any."""

    def forward(self, input: Any) -> Any:
        return input * 1.0


@fault("layer", "shape", "returned a list")
@example(inputs=[(4, 3)])
class Numbers(Plain):
    """x. Shape: any."""

    def forward(self, input: Any) -> Any:
        return input.numpy().tolist()


@fault("layer", "shape", "float64 went in, and output is float32")
class Narrow(Plain):
    """x. Shape: any."""

    def forward(self, input: Any) -> Any:
        return input.to("float32")


@fault("layer", "shape", "not finite")
class Infinite(Plain):
    """x. Shape: any."""

    def forward(self, input: Any) -> Any:
        return ops.log(input)


@fault("layer", "inputs", "changes its inputs")
class Overwriting(Plain):
    """2x. Shape: any."""

    def forward(self, input: Any) -> Any:
        return input.detach().mul_(2.0)


@fault("layer", "strides", "other strides")
class Flat(Plain):
    """x. Shape: any."""

    def forward(self, input: Any) -> Any:
        return input * 1.0 if input.is_contiguous() else input * 2.0


@fault("layer", "float64", "of the largest value")
class Cancelling(Plain):
    """x. Shape: any."""

    def forward(self, input: Any) -> Any:
        return input + 1e6 - 1e6


@fault("layer", "gradient", "in training")
class WrongInTraining(Plain):
    """x; in training the gradient is lost. Shape: any."""

    def forward(self, input: Any) -> Any:
        return input * input.detach() if self.training else input * input


@fault("layer", "gradient", "lie at kinks")
@example(inputs=[given((4,), low=-1e-9, high=1e-9)])
class Kinked(Plain):
    """max(x, 0), where it has a kink. Shape: any."""

    def forward(self, input: Any) -> Any:
        return ops.relu(input)


@fault("layer", "determinism", "in evaluation give different outputs")
class AlwaysDropping(Plain):
    """Drops in training and in evaluation. Shape: any."""

    def forward(self, input: Any) -> Any:
        return ops.dropout(input, 0.5, True)


@fault("layer", "determinism", "other weights")
class DrawnElsewhere(Plain):
    """x + w. Shape: any."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = Parameter(np.random.standard_normal((1,)).astype("float32"))

    def forward(self, input: Any) -> Any:
        return input + self.weight


class Counting(Plain):
    """x; in training it counts. Shape: any."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", zeros(()))

    def forward(self, input: Any) -> Any:
        if self.counts():
            with _core.no_grad():
                self.seen += 1.0
        return input * 1.0

    def counts(self) -> bool:
        return self.training and not self.frozen


@fault("layer", "modes", "evaluation changes 'seen'")
class CountingAlways(Counting):
    """x; counts in evaluation. Shape: any."""

    def counts(self) -> bool:
        return True


@fault("layer", "modes", "a frozen module still changes 'seen'")
class CountingFrozen(Counting):
    """x; in training it counts. Shape: any."""

    def counts(self) -> bool:
        return self.training


@fault("layer", "modes", "changes the parameters 'weight'")
class Moving(Plain):
    """x; in training it moves. Shape: any."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = Parameter((1,), init="zeros")

    def forward(self, input: Any) -> Any:
        if self.training:
            self.weight.detach().add_(1.0)
        return input * 1.0


@fault("layer", "modes", "is on the tape")
class Chained(Plain):
    """x; in training the mean follows. Shape: any."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = Parameter((1,), init="ones")
        self.register_buffer("mean", zeros(()))

    def forward(self, input: Any) -> Any:
        output = input * self.weight
        if self.training and not self.frozen:
            self.mean = self.mean * 0.9 + output.mean() * 0.1
        return output


@fault("layer", "modes", "the docstring does not say so")
class Secretive(Plain):
    """x or 2x. Shape: any."""

    def forward(self, input: Any) -> Any:
        return input * (2.0 if self.training else 1.0)


@fault("layer", "config", "cannot be written as data")
@example(config=lambda: {"function": np.tanh}, inputs=[(2,)])
class OfFunction(Plain):
    """x, with a function. Shape: any."""

    def __init__(self, function: Any) -> None:
        super().__init__()


@fault("layer", "state", "computes something else")
class Hiding(Plain):
    """x + a number that no file holds. Shape: any."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = [zeros(())]

    def forward(self, input: Any) -> Any:
        if self.training:
            self.hidden = [self.hidden[0] + 1.0]
        return input + self.hidden[0].to(input.dtype)


@fault("layer", "copy", "a deep copy fails")
class Locked(Plain):
    """x, behind a lock. Shape: any."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()


@fault("layer", "capture", "cannot be captured")
class Reading(Plain):
    """x, scaled by its sign. Shape: any."""

    def forward(self, input: Any) -> Any:
        return input * (1.0 if input.detach().sum().item() > 0 else 2.0)


@fault("layer", "capture", "is not replayed")
class Listing(Plain):
    """x; in training it lists the calls. Shape: any."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    def forward(self, input: Any) -> Any:
        self.calls.append(len(self.calls))
        return input * 1.0


@fault("layer", "memory", "objects behind")
class Leaking(Plain):
    """x, kept. Shape: any."""

    def forward(self, input: Any) -> Any:
        KEPT.append(input * 1.0)
        return input * 1.0


@fault("layer", "docs", "has no docstring")
class Silent(Plain):
    pass


@fault("layer", "docs", "does not name size")
class Unnamed(Plain):
    """x. Shape: any."""

    def __init__(self, size: int = 3) -> None:
        super().__init__()


@fault("layer", "docs", "gives no shapes")
class Shapeless(Module):
    """The input, handed on."""

    def forward(self, input: Any) -> Any:
        return input * 1.0


@fault("layer", "example", "cannot be made without size")
class Sized(Plain):
    """x. Shape: any.

    Args:
        size: Not used.
    """

    def __init__(self, size: int) -> None:
        super().__init__()


@fault("layer", "example", "skip names 'gradients'")
@example(inputs=[(2,)], skip={"gradients": "a slip"})
class Misspelt(Plain):
    """x. Shape: any."""
