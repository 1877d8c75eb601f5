"""`Trainer`: trains a model, shows how it goes, and remembers what it came to."""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from nncore._capture import capture
from nncore._core import Tensor
from nncore.errors import CaptureError, CaptureWarning, DivergedError, InvalidValueError
from nncore.module import Module, create
from nncore.optim import Optimizer
from nncore.plugins import make
from nncore.regularization import make_constraint, make_penalty
from nncore.streams import fresh_seed, manual_seed
from nncore.training import checkpoint, checks, steps
from nncore.training.callbacks import Callback
from nncore.training.diagnosis import check_last_batch, first_not_finite
from nncore.training.feeds import Feed, ahead, divided
from nncore.training.fingerprint import check_same, fingerprint
from nncore.training.history import History
from nncore.training.interrupts import Interrupts
from nncore.training.objective import Objective
from nncore.training.outputs import checked_rows, joined
from nncore.training.progress import Progress

__all__ = ["Trainer"]


class Trainer:
    """Trains a model by its loss, without a loop to write.

    Components may be names, configured specs such as `{"name": "adam", "lr": 1e-3}`, classes, functions or instances; what
    a plugin registers is there by its name.

    Args:
        model: A Module, or the name of an architecture.
        loss: The loss; or, for a model that returns a dict of outputs, a dict from their names to losses. The first is the
            main one, which metrics look at. The history then has a column such as `aux_loss` for each. In evaluation a
            model may leave out the others, or return the main output alone.
        optimizer: The optimizer, with its parameters or without.
        schedule: What the learning rate is multiplied by: `(epoch, epochs) -> factor`, asked before each step.
        metrics: Metrics in a list, or in a dict by the names that they shall have. Where a dict holds a list, its metrics
            are of the output of that name: `{"aux": ["accuracy"]}` becomes the column `aux_accuracy`.
        callbacks: Objects with any of the methods of `nncore.training.Callback`, or names and specs of registered ones, such
            as `{"name": "early_stopping", "patience": 3}`.
        loss_weights: What each of several losses counts, by name. Default: what the model's own `loss_weights` say, as
            those of `nn.WithHeads` do, or else 1. A model that has them needs no more than one loss, which then is taken for
            each of the outputs that they name.
        accumulate: Batches whose gradients are averaged for one step of the optimizer. At the end of an epoch there may be
            fewer.
        clip_norm: Largest norm of all gradients together.
        clip_value: Largest absolute value of a gradient's element.
        penalty: What the parameters add to the objective: `nncore.regularization.L2(1e-4)`, a spec such as
            `{"name": "l2", "strength": 1e-4}`, or any function from the model to a 0-d tensor. It is not part of the
            history's `loss`, which stays comparable with that of a validation; its mean is the column `penalty`.
        constraint: What is done to the model after each step of the optimizer, such as `nncore.regularization.MaxNorm(3.0)`
            or `{"name": "max_norm", "max_norm": 3.0}`.
        seed: Of the order of samples and of dropout. Default: one from the operating system, to be read from `seed`.

    Attributes:
        model: The model.
        optimizer: The optimizer, bound to the model's parameters.
        history: What all epochs so far came to.
        seed: The seed.
        place: Where the training is: whole epochs done, batches of the next one, steps in all, and epochs to end with.
        data: What the data of the last `fit` was, in a few words, for `fit` after `restore` to compare.

    A Trainer can be copied and pickled with all that it has learned, where its components can.

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
        penalty: Any = None,
        constraint: Any = None,
        seed: int | None = None,
    ) -> None:
        self._accumulate = checks.whole("accumulate", accumulate, 1, "a whole number of batches")
        self._clip = tuple(
            None if value is None else checks.number(name, value, open=True)
            for name, value in (("clip_norm", clip_norm), ("clip_value", clip_value))
        )
        self.penalty = None if penalty is None else make_penalty(penalty)
        if self.penalty is not None:
            checks.takes("penalty", self.penalty, "model")
        self.constraint = None if constraint is None else make_constraint(constraint)
        if self.constraint is not None:
            checks.takes("constraint", self.constraint, "model")
        self.seed = fresh_seed() if seed is None else checks.seed(seed)
        self.model = create(model, seed=self.seed) if isinstance(model, str) else model
        if not isinstance(self.model, Module):
            given = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
            raise InvalidValueError(f"model is a Module or the name of an architecture, got {given}")
        self.objective = Objective.of(self.model, loss, loss_weights)
        chosen = checks.metrics(metrics, self.objective.losses)
        self.metrics = {name: metric for name, (_, metric) in chosen.items()}
        self.callbacks: list[Any] = checks.callbacks(callbacks)
        self.schedule = None if schedule is None else make("schedule", schedule)
        if self.schedule is not None:
            checks.takes("schedule", self.schedule, "epoch", "epochs")
        self.optimizer: Optimizer = make("optimizer", optimizer)
        if getattr(self.optimizer, "needs_closure", False):
            name = type(self.optimizer).__name__
            raise InvalidValueError(
                f"{name} computes the loss of all data several times a step, which a training in batches is not; write "
                f"the loop: {name.lower()}.step(closure), as its documentation shows"
            )
        if not self.optimizer.bound:
            self.optimizer.bind(self.model.parameters())
        ours = {id(p) for p in self.model.parameters()}
        if not any(id(p) in ours for group in self.optimizer.param_groups for p in group.params):
            raise InvalidValueError("the optimizer has no parameter of this model: it was made for another one")
        self.history = History()
        self.data: dict[str, Any] = {}
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.sums = steps.Sums(chosen, self.objective.losses, penalized=self.penalty is not None)
        self._checked_sums = steps.Sums(chosen, self.objective.losses)
        self.place = {"epoch": 0, "batch": 0, "step": 0, "epochs": 0}
        self._restored = False
        self._stop = ""
        self._make_steps()

    def _make_steps(self) -> None:
        """The captured steps, which belong to these very tensors."""
        self._running = False
        self._plain = steps.training(
            self.model,
            self.objective,
            self.optimizer,
            self.sums,
            self._accumulate,
            *self._clip,
            penalty=self.penalty,
            constraint=self.constraint,
        )
        self._step: Any = capture(self._plain)
        self._evaluating = steps.evaluating(self.model, self.objective, self._checked_sums)
        self._predicting = steps.predicting(self.model)

    def __getstate__(self) -> dict[str, Any]:
        # A copy records its steps by itself.
        own = ("_plain", "_step", "_evaluating", "_predicting", "_running")
        return {name: value for name, value in self.__dict__.items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._make_steps()

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
                that returns an iterator of them for each epoch. For several outputs y may be a dict of targets by their
                names.
            epochs: Epochs to go. Default: 1; after `restore` what the saved training still had to do, which may be nothing.
            validate: The same for validation, after each epoch; or a number between 0 and 1, the part of the data set or
                of the arrays that is put aside for it.
            batch_size: Samples in a batch, for data sets and arrays.
            shuffle: Whether each epoch has a random order, for data sets and arrays.
            progress: Whether to show how it goes: a moving line in a terminal or a notebook, else a line an epoch.

        Returns:
            The history of all epochs so far.

        Raises:
            DataError: The data cannot be used; or the training goes on from a file, or in the middle of an epoch, and the
                data is not what it was. The message says what differs.
            InvalidValueError: An argument makes no sense; or the last batch holds one sample, and a batch normalization
                cannot learn from one. Nothing has changed then.
            DivergedError: The loss is NaN or infinite. The training then is where it was at the start of the epoch.
            KeyboardInterrupt: Ctrl-C, once the current step is done; the model and the history are in order, and `fit`
                goes on from there, to the same bits. A second Ctrl-C ends at once, in the middle of a step too.
        """
        if getattr(epochs, "shape", ()):
            raise InvalidValueError("epochs is an array; data is one argument, a pair: fit((x, y))")
        epochs = None if epochs is None else checks.whole("epochs", epochs, 0)
        batch_size = checks.whole("batch_size", batch_size, 1)
        shuffle, progress = checks.flag("shuffle", shuffle), checks.flag("progress", progress)
        if self._running:
            raise InvalidValueError("this Trainer is in fit already; a callback stops it by trainer.stop(reason)")
        train, validate = divided(train, validate, self.seed)
        feed = Feed(train, batch_size, self.seed if shuffle else None)
        held_out = None if validate is None else Feed(validate, batch_size, None)
        place = self.place
        if epochs is None and not self._restored and place["epochs"] <= place["epoch"]:
            epochs = 1
        until = place["epochs"] if epochs is None else place["epoch"] + epochs
        data = {"training": fingerprint(feed), "validation": fingerprint(held_out)}
        check_same(self.data, data, resumed=self._restored and epochs is None, middle=bool(place["batch"]))
        if not any(p.requires_grad for group in self.optimizer.param_groups for p in group.params):
            raise InvalidValueError("every parameter of the optimizer is frozen, so there is nothing to train")
        check_last_batch(self.model, feed)
        if not place["step"]:
            manual_seed(self.seed)
        self._restored = False
        self.data, place["epochs"] = data, until
        self._stop = self.history.stopped = ""
        shown = Progress(progress, place["epochs"], len(feed))
        training = self.model.training
        with Interrupts() as interrupts:
            try:
                self._running = True
                self._call("on_fit_begin")
                while place["epoch"] < place["epochs"] and not self._stop:
                    self._epoch(feed, held_out, shown, interrupts)
            except KeyboardInterrupt:
                self.history.stopped = "interrupted"
                raise KeyboardInterrupt(
                    f"stopped at once after step {place['step']}, maybe in the middle of the next one: the model is not what "
                    "it was after whole steps. The last file that was saved is complete; restore() goes on from there"
                ) from None
            finally:
                self._running = False
                shown.close()
                self.model.train(training)
            self.history.stopped = self._stop
            self._call("on_fit_end")
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
        for at, (x, y), last in ahead(feed.epoch(number, done), done):
            if self.schedule is not None:
                self._set_rate(self._factor(number + (at / length if length else 0.0), place["epochs"]))
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
                    f"{first_not_finite(self.model, x, y)}. The training is where it was after step {place['step']} again, when this "
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
            try:
                self._call("on_validation_begin")
                checked = self._evaluate(held_out, interrupts)
            finally:
                self._call("on_validation_end")
            if checked is None:
                # The epoch is not over: going on validates again, and trains no further.
                self.stop("interrupted")
                return
            row |= {f"val_{name}": value for name, value in checked.items()}
        row |= {"lr": self.optimizer.lr, "seconds": time.perf_counter() - start}
        self.history.rows.append(row)
        place["epoch"], place["batch"] = number + 1, 0
        shown.end_epoch(row)
        self._call("on_epoch_end", row)

    def _train(self, x: Tensor, y: Any, batches: int, last: bool) -> float:
        """A step, captured where it can be; gives its loss."""
        before = self.sums.loss.item(), self.sums.samples.item()
        try:
            # Tensors alone are the shortest way into a captured step.
            loss = self._step(x, y) if batches == 1 and last else self._step(x, y, batches, last)
        except CaptureError as error:
            if self._step is self._plain:
                raise
            # That step has run. What follows runs as it is written.
            warnings.warn(f"the training step runs without being replayed: {error}", CaptureWarning, stacklevel=4)
            self._step = self._plain
            return float((self.sums.loss.item() - before[0]) / max(self.sums.samples.item() - before[1], 1))
        return float(loss.item())

    def evaluate(self, data: Any, *, batch_size: int = 256) -> dict[str, Any]:
        """Loss and metrics on some data, in evaluation mode, without gradients.

        Args:
            data: As for `fit`.
            batch_size: Samples in a batch, for data sets and arrays.
        """
        batch_size = checks.whole("batch_size", batch_size, 1)
        training = self.model.training
        try:
            found: dict[str, Any] = self._evaluate(Feed(data, batch_size, None))
            return found
        finally:
            self.model.train(training)

    def _evaluate(self, feed: Feed, interrupts: Interrupts | None = None) -> Any:
        """A row; None where Ctrl-C was pressed meanwhile."""
        self.model.eval()
        self._checked_sums.reset()
        for x, y in feed.epoch(0):
            if interrupts is not None and interrupts.caught:
                return None
            self._evaluating(x, y)
        if not self._checked_sums.samples.item():
            raise InvalidValueError("there is no batch to evaluate")
        return self._checked_sums.compute()

    def predict(self, data: Any, *, batch_size: int = 256) -> Any:
        """The model's outputs, in evaluation mode, without gradients: a tensor with a row for each sample, or a dict of
        them.

        Args:
            data: Inputs as an array or a tensor, or as for `fit`; targets are not looked at.
            batch_size: Samples in a batch, for data sets and arrays.
        """
        batch_size = checks.whole("batch_size", batch_size, 1)
        training = self.model.training
        self.model.eval()
        try:
            outputs = [
                checked_rows(x, self._predicting(x)) for x, _ in Feed(data, batch_size, None, targets=False).epoch(0)
            ]
        finally:
            self.model.train(training)
        if not outputs:
            raise InvalidValueError("there is no batch to predict")
        return joined(outputs)

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
        checkpoint.write(self, checks.path("path", path))

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Bring the training to where `save` wrote it; `fit` without `epochs` then does the rest of it.

        The trainer must have been made alike: model, optimizer, metrics and callbacks.

        Raises:
            FileFormatError: The file is damaged, or holds no training.
            StateDictError: It is of another model or optimizer. Nothing has changed then.

        Warns:
            UserWarning: It was written on another instruction path, so last bits will differ.
        """
        checkpoint.read(self, checks.path("path", path))
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

    def _factor(self, epoch: float, epochs: int) -> float:
        """What the schedule says."""
        if self.schedule is None:
            return 1.0
        return checks.number(f"what the schedule gave for epoch {epoch:g} of {epochs}", self.schedule(epoch, epochs))

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
