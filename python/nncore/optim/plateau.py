"""A smaller learning rate where a number has stopped getting better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from nncore.errors import InvalidValueError, StateDictError
from nncore.optim.checks import number
from nncore.optim.optimizer import Optimizer

__all__ = ["Judge", "ReduceLROnPlateau"]


class Judge:
    """Says when a number has not become better for too long; the arguments are those of `ReduceLROnPlateau`."""

    kept = ("best", "bad", "resting")

    def __init__(
        self,
        mode: str,
        factor: float,
        patience: int,
        threshold: float,
        threshold_mode: str,
        cooldown: int,
        min_lr: float,
        eps: float,
    ) -> None:
        for name, word, words in (
            ("mode", mode, ("min", "max")),
            ("threshold_mode", threshold_mode, ("rel", "abs")),
        ):
            if word not in words:
                raise InvalidValueError(f"{name} is {words[0]!r} or {words[1]!r}, got {word!r}")
        for name, value in (("patience", patience), ("cooldown", cooldown)):
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
                raise InvalidValueError(f"{name} is a whole number of at least 0, got {value!r}")
        self.mode, self.threshold_mode, self.patience, self.cooldown = mode, threshold_mode, patience, cooldown
        self.factor = number("factor", factor, 0.0, 1.0)
        self.threshold = number("threshold", threshold)
        self.min_lr, self.eps = number("min_lr", min_lr), number("eps", eps)
        self.reset()

    def reset(self) -> None:
        """Forget all numbers."""
        self.best: float | None = None
        self.bad = self.resting = 0

    def observe(self, value: float) -> bool:
        """Take a number into account; gives whether the rate is due to become smaller. NaN is never better."""
        if self.best is None or self._better(value, self.best):
            # A first NaN is no best.
            self.best = value if value == value else None
            self.bad = 0 if value == value else self.bad + 1
        else:
            self.bad += 1
        if self.resting:
            self.resting -= 1
            self.bad = 0
        if self.bad <= self.patience:
            return False
        self.bad, self.resting = 0, self.cooldown
        return True

    def smaller(self, rate: float) -> float:
        """The next rate; the same one where the difference would be too small."""
        next_ = max(rate * self.factor, self.min_lr)
        return next_ if rate - next_ > self.eps else rate

    def state(self) -> dict[str, Any]:
        """What it must know again."""
        return {name: getattr(self, name) for name in self.kept}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave."""
        for name in self.kept:
            setattr(self, name, state[name])

    def _better(self, value: float, best: float) -> bool:
        margin = self.threshold * abs(best) if self.threshold_mode == "rel" else self.threshold
        return value < best - margin if self.mode == "min" else value > best + margin


class ReduceLROnPlateau:
    """Multiplies the learning rate by a factor when a number has not become better for some calls.

    In a loop of one's own, `plateau.step(loss)` follows each epoch; for a `Trainer` there is the callback
    `nncore.training.ReduceOnPlateau`. (A schedule could not do it: it knows how far a training is, and nothing else.)

    Args:
        optimizer: The optimizer; each group's rate is multiplied.
        mode: `"min"` where smaller numbers are better, `"max"` where larger ones are.
        factor: What a rate is multiplied by, at least 0 and below 1.
        patience: Calls without improvement that are let pass.
        threshold: What counts as an improvement is larger than this.
        threshold_mode: `"rel"` for a part of the best number's size, `"abs"` for a difference.
        cooldown: Calls after a change that are not counted.
        min_lr: No rate becomes smaller.
        eps: A change that would be no larger is not made.

    Raises:
        InvalidValueError: An argument out of range.

    Source: PyTorch's ReduceLROnPlateau. For a best number below 0, `"rel"` is a part of its size here.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn, optim
        >>> optimizer = optim.SGD(nn.Linear(1, 1).parameters(), lr=1.0)
        >>> plateau = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
        >>> rates = []
        >>> for loss in (3.0, 2.0, 2.0, 2.0, 1.0):
        ...     plateau.step(loss)
        ...     rates.append(optimizer.lr)
        >>> rates
        [1.0, 1.0, 1.0, 0.5, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise InvalidValueError(f"optimizer is an Optimizer, got {type(optimizer).__name__}")
        self.optimizer = optimizer
        self._judge = Judge(mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps)

    def step(self, metrics: Any) -> None:
        """Take a number into account: a float, or a tensor of one element."""
        if self._judge.observe(float(metrics)):
            for group in self.optimizer.param_groups:
                group["lr"] = self._judge.smaller(group["lr"])

    def state_dict(self) -> dict[str, Any]:
        """The best number and the counts, as plain data. The rates are the optimizer's."""
        return self._judge.state()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave.

        Raises:
            StateDictError: It is something else.
        """
        if set(state) != set(Judge.kept):
            raise StateDictError(f"the state of ReduceLROnPlateau has {', '.join(Judge.kept)}, got {', '.join(state)}")
        self._judge.restore(state)
