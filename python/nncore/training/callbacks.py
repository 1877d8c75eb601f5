"""What happens between the epochs and the steps of a training."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nncore.errors import InvalidValueError
from nncore.io import save
from nncore.plugins import example
from nncore.training import checks

if TYPE_CHECKING:
    from nncore.preprocess import Transform
    from nncore.training.trainer import Trainer

__all__ = ["Callback", "Checkpoint", "EarlyStopping", "SaveBest"]


class Callback:
    """Does something between the epochs and the steps of a training. Derive from it and define what you need.

    Each method may call `trainer.stop(reason)`. An error that one raises ends the training.
    """

    def on_fit_begin(self, trainer: Trainer) -> None:
        """Before the first epoch."""

    def on_epoch_begin(self, trainer: Trainer, epoch: int) -> None:
        """Before an epoch; the first is 1."""

    def on_step_end(self, trainer: Trainer, step: int, loss: float) -> None:
        """After a batch; `step` counts from 1 through all epochs."""

    def on_validation_begin(self, trainer: Trainer) -> None:
        """Before the validation of an epoch, where there is one."""

    def on_validation_end(self, trainer: Trainer) -> None:
        """After it, also where it was interrupted or failed."""

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        """After an epoch and its validation, with its row of the history."""

    def on_fit_end(self, trainer: Trainer) -> None:
        """After the last epoch, also where the training was stopped."""

    def state(self) -> dict[str, Any]:
        """What it must know again when the training is restored: numbers, strings, lists of them, and tensors, by name."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""


@example(config={"path": "training.safetensors"})
class Checkpoint(Callback):
    """Writes the training to a file now and then, so that it can go on from there: `Trainer.restore`.

    Args:
        path: The file. Each time it is replaced at once, so that there always is a whole one.
        every: Steps between two writings; None for the end of each epoch.
    """

    def __init__(self, path: str | os.PathLike[str], every: int | None = None) -> None:
        self.path = checks.path("path", path)
        self.every = None if every is None else checks.whole("every", every, 1, "a whole number of steps")

    def on_step_end(self, trainer: Trainer, step: int, loss: float) -> None:
        if self.every is not None and step % self.every == 0 and trainer.at_rest:
            trainer.save(self.path)

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        if self.every is None:
            trainer.save(self.path)

    def on_fit_end(self, trainer: Trainer) -> None:
        if trainer.at_rest:
            trainer.save(self.path)


class _Watching(Callback):
    """Looks for the best epoch."""

    def __init__(self, monitor: str, better: Literal["min", "max"] | None, min_delta: float) -> None:
        if better not in (None, "min", "max"):
            raise InvalidValueError(f"better is {better!r}; expected 'min', 'max' or None")
        if not isinstance(monitor, str):
            raise InvalidValueError(f"monitor is {monitor!r}; expected the name of a column, such as 'val_loss'")
        self.monitor, self.better = monitor, better
        self.min_delta = checks.number("min_delta", min_delta)
        self.best: float | None = None
        self.epoch = 0

    def on_fit_begin(self, trainer: Trainer) -> None:
        if not trainer.place["step"]:
            self.best, self.epoch = None, 0

    def state(self) -> dict[str, Any]:
        return {"best": self.best, "epoch": self.epoch}

    def restore(self, state: dict[str, Any]) -> None:
        self.best, self.epoch = state["best"], state["epoch"]

    def improved(self, trainer: Trainer, row: dict[str, Any]) -> bool:
        """Whether this epoch is the best so far."""
        if self.monitor not in row:
            raise InvalidValueError(
                f"{type(self).__name__} watches {self.monitor!r}, and an epoch has {', '.join(row)}"
                + ("; pass validate= to fit" if self.monitor.startswith("val_") else "")
            )
        value = row[self.monitor]
        if np.ndim(value):
            raise InvalidValueError(
                f"{type(self).__name__} watches {self.monitor!r}, which is an array; expected a number"
            )
        sign = -1.0 if (self.better or trainer.better(self.monitor)) == "max" else 1.0
        if value != value or (self.best is not None and sign * value >= sign * self.best - self.min_delta):
            return False
        self.best, self.epoch = value, row["epoch"]
        return True


@example(config={"patience": 1})
class EarlyStopping(_Watching):
    """Ends the training when a number has not become better for some epochs, and brings back the best weights.

    Args:
        monitor: A column of the history, such as `"val_loss"`.
        patience: Epochs without improvement after which the training ends.
        min_delta: What counts as an improvement must be larger than this.
        better: `"min"` or `"max"`; default: what the metric says, and for losses `"min"`.
        restore_best: Whether the model has the best epoch's weights at the end.

    Source: Prechelt 1998.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 5,
        *,
        min_delta: float = 0.0,
        better: Literal["min", "max"] | None = None,
        restore_best: bool = True,
    ) -> None:
        super().__init__(monitor, better, min_delta)
        self.patience = checks.whole("patience", patience, 1, "a whole number of epochs")
        self.restore_best = checks.flag("restore_best", restore_best)
        self._weights: dict[str, Any] | None = None

    def on_fit_begin(self, trainer: Trainer) -> None:
        super().on_fit_begin(trainer)
        if not trainer.place["step"]:
            self._weights = None

    def state(self) -> dict[str, Any]:
        return {**super().state(), **{f"weights/{name}": value for name, value in (self._weights or {}).items()}}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        weights = {name.removeprefix("weights/"): value for name, value in state.items() if name.startswith("weights/")}
        self._weights = weights or None

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        if self.improved(trainer, row):
            if self.restore_best:
                self._weights = {name: value.clone() for name, value in trainer.model.state_dict().items()}
        elif row["epoch"] - self.epoch >= self.patience:
            trainer.stop(f"{self.monitor} has not become better than {self.best:.6g} for {self.patience} epochs")

    def on_fit_end(self, trainer: Trainer) -> None:
        # In the middle of an epoch the training was interrupted, and goes on from the weights that it has.
        if self._weights is not None and not trainer.place["batch"]:
            trainer.model.load_state_dict(self._weights)


@example(config={"path": "best.safetensors"})
class SaveBest(_Watching):
    """Writes the model to a file whenever an epoch is the best so far.

    Args:
        path: A safetensors file; `nncore.load` reads it.
        monitor: A column of the history, such as `"val_loss"`.
        better: `"min"` or `"max"`; default: what the metric says, and for losses `"min"`.
        preprocess: What is done to the model's inputs, fitted; written beside the model, as by `nncore.save`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        monitor: str = "val_loss",
        *,
        better: Literal["min", "max"] | None = None,
        preprocess: Transform | None = None,
    ) -> None:
        super().__init__(monitor, better, 0.0)
        self.path = checks.path("path", path)
        self.preprocess = preprocess

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        if self.improved(trainer, row):
            save(trainer.model, self.path, preprocess=self.preprocess)
