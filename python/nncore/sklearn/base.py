"""What the two estimators share: parameters, training, and what is left of it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from nncore import streams
from nncore.errors import InvalidValueError
from nncore.plugins import make
from nncore.sklearn.network import network, outputs_of
from nncore.sklearn.samples import SampleLoss, Samples
from nncore.training import EarlyStopping, Trainer

__all__ = ["Network"]

Array = NDArray[Any]


class Network(BaseEstimator):
    """A network as an estimator.

    A subclass names the default loss, and writes `fit`, `partial_fit` and `predict`.
    """

    _default_loss = ""

    def __init__(
        self,
        model: Any = "mlp",
        hidden_layer_sizes: int | Sequence[int] = (100,),
        act: Any = "relu",
        *,
        init: Any = "xavier_uniform",
        optimizer: Any = "adam",
        lr: float | None = None,
        schedule: Any = None,
        loss: Any = None,
        epochs: int = 200,
        batch_size: int = 64,
        validation: float = 0.0,
        patience: int | None = 10,
        tol: float = 1e-4,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.model = model
        self.hidden_layer_sizes = hidden_layer_sizes
        self.act = act
        self.init = init
        self.optimizer = optimizer
        self.lr = lr
        self.schedule = schedule
        self.loss = loss
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation = validation
        self.patience = patience
        self.tol = tol
        self.random_state = random_state
        self.verbose = verbose

    def _validated(self, x: Any, y: Any, sample_weight: Any, **checks: Any) -> tuple[Array, Array, Array]:
        """Inputs in float32, targets, and weights in float64."""
        x, y = validate_data(self, x, y, dtype=np.float32, **checks)
        weight: Array = _check_sample_weight(sample_weight, x, dtype=np.float64)
        if (weight < 0).any():
            raise InvalidValueError(f"a sample weight is 0 or more; got {weight.min()}")
        return x, y, weight

    def _fit(self, samples: Samples, outputs: int) -> Self:
        """Train anew."""
        schedule = None if self.schedule is None else make("schedule", self.schedule)
        if not 0 <= self.validation < 1:
            raise InvalidValueError(
                f"validation is a part of the samples, from 0 to less than 1; got {self.validation}"
            )
        with streams.left_alone():
            trainer = self._begin(outputs)
            held_out = None
            if self.validation:
                samples, part = samples.split(float(self.validation), trainer.seed)
                held_out = part.feed(self.batch_size, trainer.seed, shuffle=False)
            if self.patience is not None:
                # The best epoch's weights are worth going back to where samples that they have not seen chose it.
                watched = "val_loss" if self.validation else "loss"
                trainer.callbacks.append(
                    EarlyStopping(watched, self.patience, min_delta=self.tol, restore_best=bool(self.validation))
                )
            trainer.schedule = schedule
            train = samples.feed(self.batch_size, trainer.seed)
            try:
                trainer.fit(train, self.epochs, held_out, progress=bool(self.verbose))
            finally:
                self._ended(trainer)
        return self

    def _fit_more(self, samples: Samples, outputs: int) -> Self:
        """Train for one epoch more, or for the first one."""
        with streams.left_alone():
            trainer = self._again() if hasattr(self, "model_") else self._begin(outputs)
            epoch = trainer.place["epoch"]
            # Dropout then depends on the epoch, and not on what was drawn between two calls.
            streams.manual_seed(trainer.seed + epoch)
            try:
                trainer.fit(samples.feed(self.batch_size, trainer.seed, epoch=epoch), 1, progress=bool(self.verbose))
            finally:
                self._ended(trainer)
        return self

    def _ended(self, trainer: Trainer) -> None:
        """The training is over, maybe by Ctrl-C. `partial_fit` goes on from here: it has no last epoch to plan for, and
        other batches than those that an unfinished epoch has left."""
        trainer.callbacks.clear()
        trainer.schedule = None
        trainer.place["batch"] = 0
        for group, rate in zip(trainer.optimizer.param_groups, trainer.rates, strict=True):
            group["lr"] = rate
        self.n_iter_ = len(trainer.history)

    def _begin(self, outputs: int) -> Trainer:
        """A network that has learned nothing, and its trainer."""
        _whole("epochs", self.epochs)
        _whole("batch_size", self.batch_size)
        sizes = self.hidden_layer_sizes
        hidden = [_whole("the size of a hidden layer", size) for size in np.atleast_1d(np.asarray(sizes, dtype=object))]
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        streams.manual_seed(seed)
        model = network(self.model, hidden, self.act, self.init, self.n_features_in_, outputs, seed)
        self._trainer = self._trained(model, seed)
        self.model_, self.history_ = model, self._trainer.history
        return self._trainer

    def _trained(self, model: Any, seed: int) -> Trainer:
        optimizer = make("optimizer", self.optimizer)
        if optimizer is self.optimizer:
            if optimizer.bound:
                raise InvalidValueError("an optimizer as a parameter has no parameters of a network yet; this one has")
            optimizer = deepcopy(optimizer)
        if self.lr is not None:
            optimizer.lr = self.lr
        return Trainer(model, SampleLoss(self.loss or self._default_loss), optimizer, seed=seed)

    def _again(self) -> Trainer:
        """The trainer; made anew where the estimator was copied or pickled."""
        if "_trainer" not in self.__dict__:
            notes = self.__dict__.pop("_notes")
            self._trainer = self._trained(self.model_, notes["seed"])
            self._trainer.optimizer.load_state_dict(notes["optimizer"])
            self._trainer.place, self._trainer.history = notes["place"], self.history_
        return self._trainer

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        trainer: Trainer | None = state.pop("_trainer", None)
        if trainer is not None:
            # Its captured steps are of this process.
            state["_notes"] = {
                "seed": trainer.seed,
                "place": dict(trainer.place),
                "optimizer": trainer.optimizer.state_dict(),
            }
        return state

    def _outputs(self, x: Any) -> Array:
        """The network's outputs, `(N, outputs)`, float64."""
        check_is_fitted(self, "model_")
        x = validate_data(self, x, dtype=np.float32, reset=False)
        return outputs_of(self.model_, x)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InvalidValueError(f"{name} is a whole number of 1 or more; got {value!r}")
    return int(value)
