"""`Trainer`: trains a model, shows how it goes, and remembers what it came to."""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nncore import _core
from nncore._capture import capture
from nncore._core import Tensor
from nncore.data import ArrayDataset
from nncore.errors import CaptureError, CaptureWarning, DivergedError, InvalidValueError
from nncore.module import Module, create
from nncore.optim import Optimizer
from nncore.plugins import make, resolve
from nncore.streams import fresh_seed, manual_seed
from nncore.training import checkpoint, steps
from nncore.training.callbacks import Callback
from nncore.training.diagnosis import first_not_finite
from nncore.training.feeds import Feed
from nncore.training.history import History
from nncore.training.interrupts import Interrupts
from nncore.training.objective import Objective
from nncore.training.progress import Progress

__all__ = ["Trainer"]


class Trainer:
    """Trains a model by its loss, without a loop to write.

    Components may be names, configured specs such as `{"name": "adam", "lr": 1e-3}`, classes, functions or instances; what
    a plugin registers is there by its name.

    Args:
        model: A Module, or the name of an architecture.
        loss: The loss; or, for a model that returns a dict of outputs, a dict from their names to losses. The first is the
            main one, which metrics look at.
        optimizer: The optimizer, with its parameters or without.
        schedule: What the learning rate is multiplied by: `(epoch, epochs) -> factor`, asked before each step.
        metrics: Metrics in a list, or in a dict by the names that they shall have.
        callbacks: Objects with any of the methods of `nncore.training.Callback`.
        loss_weights: What each of several losses counts, by name; 1 by default.
        accumulate: Batches whose gradients are averaged for one step of the optimizer. At the end of an epoch there may be
            fewer.
        clip_norm: Largest norm of all gradients together.
        clip_value: Largest absolute value of a gradient's element.
        seed: Of the order of samples and of dropout. Default: one from the operating system, to be read from `seed`.

    Attributes:
        model: The model.
        optimizer: The optimizer, bound to the model's parameters.
        history: What all epochs so far came to.
        seed: The seed.
        place: Where the training is: whole epochs done, batches of the next one, steps in all, and epochs to end with.

    Example:
        >>> import nncore as nc
        >>> train, test = nc.data.load("digits")
        >>> train, validation = train.split(0.1)
        >>> model = nc.create("mlp", sizes=[784, 32, 10], seed=0)
        >>> trainer = nc.Trainer(model, optimizer={"name": "adam", "lr": 2e-3}, metrics=["accuracy"], seed=0)
        >>> history = trainer.fit(train, epochs=3, validate=validation, progress=False)
        >>> history.last["val_accuracy"] > 0.8
        True
        >>> trainer.predict(test[:5]).shape
        (5, 10)
    """

    def __init__(
        self,
        model: Module | str,
        loss: Any = "cross_entropy",
        optimizer: Any = "adam",
        schedule: Any = None,
        metrics: Iterable[Any] | Mapping[str, Any] = (),
        callbacks: Iterable[Any] = (),
        *,
        loss_weights: Mapping[str, float] | None = None,
        accumulate: int = 1,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        seed: int | None = None,
    ) -> None:
        if not isinstance(accumulate, int) or accumulate < 1:
            raise InvalidValueError(f"accumulate is {accumulate!r}; expected a whole number of batches, 1 or more")
        for name, several in (("metrics", metrics), ("callbacks", callbacks)):
            if isinstance(several, str) or not isinstance(several, Iterable):
                raise InvalidValueError(f"{name} is a list of them, got {several!r}")
        self.seed = fresh_seed() if seed is None else seed
        self.model = create(model, seed=self.seed) if isinstance(model, str) else model
        if not isinstance(self.model, Module):
            raise InvalidValueError(f"model is a Module or the name of an architecture, got {type(model).__name__}")
        self.objective = Objective(loss, loss_weights)
        self.optimizer: Optimizer = make("optimizer", optimizer)
        if not self.optimizer.bound:
            self.optimizer.bind(self.model.parameters())
        ours = {id(p) for p in self.model.parameters()}
        if not any(id(p) in ours for group in self.optimizer.param_groups for p in group.params):
            raise InvalidValueError("the optimizer has no parameter of this model: it was made for another one")
        self.schedule = None if schedule is None else make("schedule", schedule)
        named = metrics.items() if isinstance(metrics, Mapping) else ((_name(metric), metric) for metric in metrics)
        self.metrics = {name: make("metric", metric) for name, metric in named}
        wrong = [name for name in self.metrics if not name.isidentifier() or name in ("epoch", "loss", "lr", "seconds")]
        if wrong:
            raise InvalidValueError(f"a metric's name is a word, and not that of another column; got {wrong[0]!r}")
        self.callbacks: list[Any] = list(callbacks)
        self.history = History()
        self._accumulate = accumulate
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.sums = steps.Sums(self.metrics)
        self._plain = steps.training(
            self.model, self.objective, self.optimizer, self.sums, accumulate, clip_norm, clip_value
        )
        self._step: Any = capture(self._plain)
        self._checked_sums = steps.Sums(self.metrics)
        self._evaluating = steps.evaluating(self.model, self.objective, self._checked_sums)
        self._predicting = steps.predicting(self.model)
        self.place = {"epoch": 0, "batch": 0, "step": 0, "epochs": 0}
        self._restored = False
        self._stop = ""

    def fit(
        self,
        train: Any,
        epochs: int | None = None,
        validate: Any = None,
        *,
        batch_size: int = 64,
        shuffle: bool = True,
        progress: bool = True,
    ) -> History:
        """Train for some epochs. A further call goes on where the last one ended.

        Args:
            train: An `ArrayDataset`, its batches, a pair of arrays `(x, y)`, an iterable of batches `(x, y)`, or a function
                that returns an iterator of them for each epoch.
            epochs: Epochs to go. Default: 1; after `restore` what the saved training still had to do, which may be nothing.
            validate: The same for validation, after each epoch; or a number between 0 and 1, the part of the data set that
                is put aside for it.
            batch_size: Samples in a batch, for data sets and arrays.
            shuffle: Whether each epoch has a random order, for data sets and arrays.
            progress: Whether to show how it goes: a moving line in a terminal or a notebook, else a line an epoch.

        Returns:
            The history of all epochs so far.

        Raises:
            DivergedError: The loss is NaN or infinite. The training then is where it was at the start of the epoch.
            KeyboardInterrupt: Ctrl-C, once the current step is done; the model and the history are in order. A second
                Ctrl-C ends at once.
        """
        if epochs is not None and (not isinstance(epochs, int) or epochs < 0):
            raise InvalidValueError(f"epochs is {epochs!r}; expected a whole number, 0 or more")
        if isinstance(validate, float):
            if not isinstance(train, ArrayDataset):
                raise InvalidValueError("validate as a part of the data needs a data set to train on; pass data for it")
            train, validate = train.split(validate, seed=self.seed)
        feed = Feed(train, batch_size, self.seed if shuffle else None)
        held_out = None if validate is None else Feed(validate, batch_size, None)
        place = self.place
        if not place["step"]:
            manual_seed(self.seed)
        if epochs is None and not self._restored and place["epochs"] <= place["epoch"]:
            epochs = 1
        self._restored = False
        if epochs is not None:
            place["epochs"] = place["epoch"] + epochs
        self._stop = self.history.stopped = ""
        shown = Progress(progress, place["epochs"], len(feed))
        training = self.model.training
        with Interrupts() as interrupts:
            try:
                self._call("on_fit_begin")
                while place["epoch"] < place["epochs"] and not self._stop:
                    self._epoch(feed, held_out, shown, interrupts)
            finally:
                shown.close()
                self.model.train(training)
            self._call("on_fit_end")
        self.history.stopped = self._stop
        if interrupts.caught:
            raise KeyboardInterrupt(
                f"stopped after step {place['step']}, with {place['epoch']} whole epochs; fit() again goes on from there"
            )
        return self.history

    def _epoch(self, feed: Feed, held_out: Feed | None, shown: Progress, interrupts: Interrupts) -> None:
        """One epoch and its validation; a row of the history, unless it was stopped in the middle."""
        start = time.perf_counter()
        place = self.place
        number, done = place["epoch"], place["batch"]
        self.model.train()
        if not done:
            self.sums.reset()
            self._call("on_epoch_begin", number + 1)
        shown.epoch(number + 1)
        before = _copied(self.model.state_dict()), _copied(self.optimizer.state_dict()), self.sums.copied(), dict(place)
        # Callbacks that do nothing after a step need not be asked.
        each = [
            c.on_step_end
            for c in self.callbacks
            if getattr(type(c), "on_step_end", None) not in (None, Callback.on_step_end)
        ]
        length, samples = len(feed), 0
        for at, (x, y), last in _ahead(feed.epoch(number, done), done):
            if self.schedule is not None:
                self._set_rate(self.schedule(number + (at / length if length else 0.0), place["epochs"]))
            batches = at % self._accumulate + 1
            loss = self._train(x, y, batches, last or batches == self._accumulate)
            place["step"] += 1
            place["batch"] = at + 1
            samples += x.shape[0]
            if not math.isfinite(loss):
                self.model.load_state_dict(before[0])
                self.optimizer.load_state_dict(before[1])
                self.sums.restore(before[2])
                step = place["step"]
                place.update(before[3])
                raise DivergedError(
                    f"the loss is {loss} at step {step} (epoch {number + 1}, batch {at + 1}): "
                    f"{first_not_finite(self.model, x)}. The training is where it was after step {place['step']} again, when this "
                    "epoch began or went on. A smaller learning rate, clip_norm, or a look at the data may help"
                )
            for call in each:
                call(self, place["step"], loss)
            if shown.due():
                shown.show(at + 1, samples, self.sums.compute())
            if interrupts.caught:
                self.stop("interrupted")
            if self._stop and not last:
                return
        if not place["batch"]:
            raise InvalidValueError(f"epoch {number + 1} had no batch")
        row: dict[str, Any] = {"epoch": number + 1, **self.sums.compute()}
        if held_out is not None:
            row |= {f"val_{name}": value for name, value in self._evaluate(held_out).items()}
        row |= {"lr": self.optimizer.lr, "seconds": time.perf_counter() - start}
        self.history.rows.append(row)
        place["epoch"], place["batch"] = number + 1, 0
        shown.end_epoch(row)
        self._call("on_epoch_end", row)

    def _train(self, x: Tensor, y: Any, batches: int, last: bool) -> float:
        """A step, captured where it can be; gives its loss."""
        try:
            # Tensors alone are the shortest way into a captured step.
            loss = self._step(x, y) if batches == 1 and last else self._step(x, y, batches, last)
        except CaptureError as error:
            if self._step is self._plain:
                raise
            # That step has run. What follows runs as it is written.
            warnings.warn(f"the training step runs without being replayed: {error}", CaptureWarning, stacklevel=4)
            self._step = self._plain
            loss = self.sums.loss
        return float(loss.item())

    def evaluate(self, data: Any, *, batch_size: int = 256) -> dict[str, Any]:
        """Loss and metrics on some data, in evaluation mode, without gradients.

        Args:
            data: As for `fit`.
            batch_size: Samples in a batch, for data sets and arrays.
        """
        training = self.model.training
        try:
            return self._evaluate(Feed(data, batch_size, None))
        finally:
            self.model.train(training)

    def _evaluate(self, feed: Feed) -> dict[str, Any]:
        self.model.eval()
        self._checked_sums.reset()
        for x, y in feed.epoch(0):
            self._evaluating(x, y)
        return self._checked_sums.compute()

    def predict(self, data: Any, *, batch_size: int = 256) -> Any:
        """The model's outputs, in evaluation mode, without gradients: a tensor with a row for each sample, or a dict of
        them.

        Args:
            data: Inputs as an array or a tensor, or as for `fit`; targets are not looked at.
            batch_size: Samples in a batch, for data sets and arrays.
        """
        training = self.model.training
        self.model.eval()
        try:
            outputs = [self._predicting(x) for x, _ in Feed(data, batch_size, None, targets=False).epoch(0)]
        finally:
            self.model.train(training)
        if not outputs:
            raise InvalidValueError("there is no batch to predict")
        if isinstance(outputs[0], Mapping):
            return {name: _core.ops.cat([output[name] for output in outputs], 0) for name in outputs[0]}
        return outputs[0] if len(outputs) == 1 else _core.ops.cat(outputs, 0)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that the training needs to go on, in the middle of an epoch too: weights, buffers, the optimizer's state,
        random streams, sums and metrics so far, history, callbacks. The file is complete or not there.

        A training that is restored from it ends with the very bits of one that was never interrupted, on the same
        instruction path and with the same data. `nncore.save(trainer.model, path)` writes the model alone.

        Raises:
            InvalidValueError: Between batches whose gradients are accumulated; `at_rest` says when there is none waiting.
        """
        if not self.at_rest:
            raise InvalidValueError(
                f"{self.place['batch'] % self._accumulate} of {self._accumulate} batches are accumulated, and gradients are "
                "not saved; save after a step of the optimizer, when at_rest is true"
            )
        checkpoint.write(self, path)

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Bring the training to where `save` wrote it; `fit` without `epochs` then does the rest of it.

        The trainer must have been made alike: model, optimizer, metrics and callbacks.

        Raises:
            FileFormatError: The file is damaged, or holds no training.
            StateDictError: It is of another model or optimizer. Nothing has changed then.

        Warns:
            UserWarning: It was written on another instruction path, so last bits will differ.
        """
        checkpoint.read(self, path)
        self._restored = True

    @property
    def at_rest(self) -> bool:
        """Whether no gradients are waiting for more batches."""
        return self.place["batch"] % self._accumulate == 0

    def stop(self, reason: str) -> None:
        """End the training after the current step, or after the epoch if it is over."""
        self._stop = self._stop or reason

    def better(self, name: str) -> str:
        """Whether a column of the history is better when it is larger, `"max"`, or smaller, `"min"`."""
        metric = self.metrics.get(name.removeprefix("val_"))
        return str(getattr(metric, "better", "min"))

    def _set_rate(self, factor: float) -> None:
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor

    def _call(self, name: str, *arguments: Any) -> None:
        for callback in self.callbacks:
            method = getattr(callback, name, None)
            if method is not None:
                method(self, *arguments)

    def __repr__(self) -> str:
        return f"Trainer({type(self.model).__name__}, {self.optimizer!r}, {len(self.history)} epochs done)"


def _copied(state: Any) -> Any:
    """A state dict whose tensors are copies."""
    if isinstance(state, Tensor):
        return state.clone()
    return {name: _copied(value) for name, value in state.items()} if isinstance(state, dict) else state


def _ahead(batches: Iterator[Any], at: int) -> Iterator[tuple[int, Any, bool]]:
    """Each batch with its number, from `at` on, and whether it is the last one."""
    following = next(batches, None)
    while following is not None:
        batch, following = following, next(batches, None)
        yield at, batch, following is None
        at += 1


def _name(metric: Any) -> str:
    """What a metric is called where nobody said."""
    if isinstance(metric, str):
        return metric.rpartition("/")[2]
    if isinstance(metric, Mapping):
        return str(metric.get("name"))
    found = resolve("metric", metric)
    if found.name is not None:
        return found.name.rpartition("/")[2]
    return (metric if isinstance(metric, type) else type(metric)).__name__
