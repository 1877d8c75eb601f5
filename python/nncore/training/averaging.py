"""Means of the weights that a training passes through, as callbacks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from nncore._core import Tensor
from nncore.errors import InvalidValueError
from nncore.optim.averaging import EMA, SWA, normalizations, update_bn
from nncore.optim.checks import number
from nncore.training import checks
from nncore.training.callbacks import Callback
from nncore.training.feeds import Feed

if TYPE_CHECKING:
    from nncore.training.trainer import Trainer

__all__ = ["ExponentialWeightAveraging", "StochasticWeightAveraging"]


class _Averaging(Callback):
    """What the means share: where they come from, where they are kept, and when the model gets them.

    Attributes:
        average: The mean, from the first `fit` on.
    """

    def __init__(self, apply: bool) -> None:
        self.apply = checks.flag("apply", apply)
        self.average: Any = None
        # What `restore` brought, until there is a model that it belongs to.
        self._saved: dict[str, Any] | None = None
        self._applied = False
        # The mean at the last moment to which a training goes back when it diverges, and at which step that was.
        self._before: tuple[int, dict[str, Tensor]] | None = None

    def made(self, trainer: Trainer) -> Any:
        """A new mean of the model."""
        raise NotImplementedError

    def on_fit_begin(self, trainer: Trainer) -> None:
        step = trainer.place["step"]
        if self.average is None or not step:
            self.average, self._applied = self.made(trainer), False
        if self._saved is not None:
            saved, self._saved = self._saved, None
            self._applied = saved["applied"]
            self.average.load_state_dict({n: v for n, v in saved.items() if isinstance(v, Tensor)})
            self.catch_up(trainer, saved)
        elif self._before is not None and step == self._before[0]:
            self.average.load_state_dict(self._before[1])
        self._keep(step)

    def on_epoch_begin(self, trainer: Trainer, epoch: int) -> None:
        self._keep(trainer.place["step"])

    def on_fit_end(self, trainer: Trainer) -> None:
        place = trainer.place
        whole = not place["batch"] and (place["epoch"] >= place["epochs"] or trainer.history.stopped != "interrupted")
        if whole and self.apply and not self._applied and self.average.step:
            self.average.copy_to_model()
            self._applied = True
            self.finish(trainer)

    def catch_up(self, trainer: Trainer, saved: dict[str, Any]) -> None:
        """Do what was still to be done when the file was written, by a callback that stands before this one."""

    def finish(self, trainer: Trainer) -> None:
        """What follows when the model has got the mean."""

    def state(self) -> dict[str, Any]:
        if self.average is None:
            return dict(self._saved or {})
        return {"applied": self._applied, **self.average.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        self._saved, self._before = (state or None), None

    def _keep(self, step: int) -> None:
        self._before = step, {name: value.clone() for name, value in self.average.state_dict().items()}


class ExponentialWeightAveraging(_Averaging):
    """Averages the weights exponentially, after each step of the optimizer: mean = decay·mean + (1 - decay)·weight.

    Validation looks at the means, and when the training is over the model has them. Files of a training hold both. Callbacks
    that keep weights at the end of an epoch (`EarlyStopping` with restore_best, `SaveBest`) keep the plain ones.

    Args:
        decay: What stays of the mean in a step, at least 0 and below 1.
        warmup: Whether the decay is (1 + n) / (10 + n) in step n, from 0, while that is less.
        validate: Whether validation looks at the means.
        apply: Whether the model has them when the training is over.

    Raises:
        InvalidValueError: An argument out of range.

    Source: as `nncore.optim.EMA`, which is for loops of one's own.
    """

    def __init__(
        self, decay: float = 0.999, *, warmup: bool = False, validate: bool = True, apply: bool = True
    ) -> None:
        super().__init__(apply)
        self.decay = number("decay", decay, 0.0, 1.0)
        self.warmup, self.validate = checks.flag("warmup", warmup), checks.flag("validate", validate)
        self._waiting, self._counted = False, 0
        self._validation = ExitStack()

    def made(self, trainer: Trainer) -> EMA:
        return EMA(trainer.model, self.decay, warmup=self.warmup)

    def on_fit_begin(self, trainer: Trainer) -> None:
        if not trainer.place["batch"]:
            self._waiting = False
        super().on_fit_begin(trainer)
        self._counted = trainer.place["step"]

    def catch_up(self, trainer: Trainer, saved: dict[str, Any]) -> None:
        step = trainer.place["step"]
        self._waiting = saved["waiting"]
        if saved["counted"] < step:
            self.on_step_end(trainer, step, 0.0)
        if not trainer.place["batch"]:
            self._settle()

    def on_step_end(self, trainer: Trainer, step: int, loss: float) -> None:
        self._counted = step
        if trainer.at_rest:
            self._update()
        else:
            self._waiting = True

    def on_validation_begin(self, trainer: Trainer) -> None:
        self._settle()
        if self.validate:
            self._validation.enter_context(self.average.applied())

    def on_validation_end(self, trainer: Trainer) -> None:
        self._validation.close()

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        self._settle()

    def state(self) -> dict[str, Any]:
        state = super().state()
        return {**state, "waiting": self._waiting, "counted": self._counted} if self.average is not None else state

    def _settle(self) -> None:
        """The last batches of an epoch make a step, though they may be fewer than are accumulated."""
        if self._waiting:
            self._update()

    def _update(self) -> None:
        self.average.update()
        self._waiting = self._applied = False


class StochasticWeightAveraging(_Averaging):
    """Averages the weights at the ends of the last epochs; when the training is over the model has the mean.

    It belongs to a rate that stays high meanwhile, such as the schedule `{"name": "chain", "schedules": ["cosine",
    {"name": "polynomial", "power": 0, "final": 0.05}], "milestones": [0.75]}`.

    Args:
        start: Epochs after which it begins; a number below 1 is a part of all epochs.
        every: Epochs from one moment to the next.
        data: The training data, as for `fit`: batch normalizations need statistics that belong to the mean.
        batch_size: Samples in a batch of it, for data sets and arrays.
        apply: Whether the model has the mean when the training is over.

    Raises:
        InvalidValueError: An argument out of range; or at the start of a training, a model with batch normalizations and no
            data.

    Source: as `nncore.optim.SWA`, which is for loops of one's own.
    """

    def __init__(
        self, start: float = 0.75, every: int = 1, *, data: Any = None, batch_size: int = 64, apply: bool = True
    ) -> None:
        super().__init__(apply)
        self.start = number("start", start)
        self.every = checks.whole("every", every, 1, "a whole number of epochs")
        batch_size = checks.whole("batch_size", batch_size, 1)
        self._feed = None if data is None else Feed(data, batch_size, None, targets=False)
        self._counted = 0

    def made(self, trainer: Trainer) -> SWA:
        return SWA(trainer.model)

    def on_fit_begin(self, trainer: Trainer) -> None:
        if self.apply and self._feed is None and normalizations(trainer.model):
            raise InvalidValueError(
                "StochasticWeightAveraging: the model has batch normalizations, whose statistics must be estimated anew "
                "for the mean of the weights: pass data=, the training data"
            )
        super().on_fit_begin(trainer)
        self._counted = trainer.place["epoch"]

    def catch_up(self, trainer: Trainer, saved: dict[str, Any]) -> None:
        if saved["counted"] < trainer.place["epoch"] and not trainer.place["batch"]:
            self.on_epoch_end(trainer, {"epoch": trainer.place["epoch"]})

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        self._counted = row["epoch"]
        begin = self.start * trainer.place["epochs"] if self.start < 1 else self.start
        late = row["epoch"] - int(begin + 1e-9) - 1
        if late >= 0 and late % self.every == 0:
            self.average.update()
            self._applied = False

    def state(self) -> dict[str, Any]:
        state = super().state()
        return {**state, "counted": self._counted} if self.average is not None else state

    def finish(self, trainer: Trainer) -> None:
        if self._feed is not None:
            update_bn((x for x, _ in self._feed.epoch(0)), trainer.model)
