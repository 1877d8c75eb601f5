"""A smaller learning rate where a number has stopped getting better, in a training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nncore.errors import InvalidValueError
from nncore.optim.plateau import Judge
from nncore.training.callbacks import Callback

if TYPE_CHECKING:
    from nncore.training.trainer import Trainer

__all__ = ["ReduceOnPlateau"]


class ReduceOnPlateau(Callback):
    """Multiplies the learning rate by a factor when a number has not become better for some epochs.

    Beside a schedule, the rates that it multiplies become smaller.

    Args:
        monitor: A column of the history, such as `"val_loss"`.
        factor: What the rate is multiplied by, at least 0 and below 1.
        patience: Epochs without improvement that are let pass.
        better: `"min"` or `"max"`; default: what the metric says, and for losses `"min"`.
        threshold: What counts as an improvement is larger than this.
        threshold_mode: `"rel"` for a part of the best number's size, `"abs"` for a difference.
        cooldown: Epochs after a change that are not counted.
        min_lr: No rate becomes smaller.
        eps: A change that would be no larger is not made.

    Raises:
        InvalidValueError: An argument out of range; or, after an epoch, a column that is not there.

    Source: as `nncore.optim.ReduceLROnPlateau`, which is for loops of one's own.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        *,
        better: Literal["min", "max"] | None = None,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if not isinstance(monitor, str):
            raise InvalidValueError(f"monitor is {monitor!r}; expected the name of a column, such as 'val_loss'")
        if better not in (None, "min", "max"):
            raise InvalidValueError(f"better is {better!r}; expected 'min', 'max' or None")
        self.monitor, self.better = monitor, better
        self._counted, self._restored = 0, False
        self._judge = Judge(better or "min", factor, patience, threshold, threshold_mode, cooldown, min_lr, eps)

    def on_fit_begin(self, trainer: Trainer) -> None:
        if not trainer.place["step"]:
            self._judge.reset()
        elif self._restored and self._counted < trainer.place["epoch"] and not trainer.place["batch"]:
            # The file was written at the end of an epoch, by a callback that stands before this one.
            self.on_epoch_end(trainer, trainer.history.last)
        self._restored = False

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        self._counted = row["epoch"]
        if not isinstance(row.get(self.monitor), (int, float)):
            raise InvalidValueError(
                f"ReduceOnPlateau watches {self.monitor!r}, and the numbers of an epoch are "
                + ", ".join(name for name, value in row.items() if isinstance(value, (int, float)))
                + ("; pass validate= to fit" if self.monitor.startswith("val_") else "")
            )
        self._judge.mode = self.better or trainer.better(self.monitor)
        if not self._judge.observe(float(row[self.monitor])):
            return
        trainer.rates = [self._judge.smaller(rate) for rate in trainer.rates]
        if trainer.schedule is None:
            for group in trainer.optimizer.param_groups:
                group["lr"] = self._judge.smaller(group["lr"])

    def state(self) -> dict[str, Any]:
        return {**self._judge.state(), "counted": self._counted}

    def restore(self, state: dict[str, Any]) -> None:
        self._judge.restore(state)
        self._counted, self._restored = state["counted"], True
