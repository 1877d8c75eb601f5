"""A classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from nncore.errors import InvalidValueError
from nncore.sklearn.base import Network
from nncore.sklearn.samples import Samples, distinct

__all__ = ["NNClassifier"]

Array = NDArray[Any]


class NNClassifier(ClassifierMixin, Network):
    """A network that tells classes apart, as an estimator of scikit-learn. It computes in float32.

    Components may be names, specs such as `{"name": "adamw", "weight_decay": 0.01}`, classes or functions, as in
    `nncore.Trainer`; what a plugin registers is there by its name.

    Args:
        model: The name or spec of an architecture, which is told sizes and activation where it takes them; a function
            `(features, outputs) -> Module`, such as a Module's class; or a Module, which is copied and trained from the
            weights that it has.
        hidden_layer_sizes: Neurons of the hidden layers.
        act: Their activation.
        init: Initializer of the weights.
        optimizer: The optimizer.
        lr: Learning rate. Default: that of the optimizer.
        schedule: What the learning rate is multiplied by: `(epoch, epochs) -> factor`.
        loss: A loss of logits `(N, classes)` and class numbers `(N,)`. Default: `"cross_entropy"`.
        epochs: Epochs at most.
        batch_size: Samples in a batch.
        validation: Part of the samples that is put aside to see when to stop, from 0 to less than 1; each class has its
            share.
        patience: Epochs without improvement after which the training ends; None trains for all epochs. It looks at the loss
            of what is put aside, and then goes back to the best epoch's weights, or else at the training's loss.
        tol: What counts as an improvement is at least this.
        class_weight: What the samples of each class count: a dict from classes to weights, 1 for those that it lacks; or
            `"balanced"`, which gives all classes the same weight together.
        random_state: Decides weights, order of samples, dropout and what is put aside. An int gives the same bits each time.
        verbose: Whether to show how it goes.

    Attributes:
        classes_: The classes, sorted.
        n_features_in_: Features.
        feature_names_in_: Their names, where the inputs have names that are all strings.
        n_iter_: Epochs done.
        history_: What they came to, an `nncore.History`.
        model_: The network, in evaluation mode.

    A weight of two is the same as the sample twice, to the bit, and the order of the samples makes no difference: equal
    samples are put together, and all are sorted by a hash before the order is drawn. Fits in several threads at once share the
    random numbers of dropout; everything else of them has the same bits as in one.

    Ctrl-C ends a fit after the current step, with a KeyboardInterrupt; the estimator then predicts with what it has learned.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> from nncore.sklearn import NNClassifier
        >>> x, y = load_digits(return_X_y=True)
        >>> network = NNClassifier(hidden_layer_sizes=(50,), epochs=20, random_state=0)
        >>> pipeline = make_pipeline(StandardScaler(), network).fit(x[:1200], y[:1200])
        >>> pipeline.score(x[1200:], y[1200:]) > 0.9
        True
        >>> pipeline.predict_proba(x[:5]).shape, network.n_iter_
        ((5, 10), 20)
    """

    _default_loss = "cross_entropy"

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
        class_weight: Any = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            model,
            hidden_layer_sizes,
            act,
            init=init,
            optimizer=optimizer,
            lr=lr,
            schedule=schedule,
            loss=loss,
            epochs=epochs,
            batch_size=batch_size,
            validation=validation,
            patience=patience,
            tol=tol,
            random_state=random_state,
            verbose=verbose,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train anew.

        Args:
            X: Inputs, `(N, features)`.
            y: Classes, `(N,)`: numbers, strings or whatever can be sorted.
            sample_weight: What each sample counts, `(N,)`, 0 or more. Default: 1.

        Returns:
            Itself.

        Raises:
            ValueError: Inputs that are no finite numbers, lengths that differ, or a parameter that makes no sense.
            DivergedError: The loss became NaN or infinite.
        """
        x, y, weight = self._validated(X, y, sample_weight)
        y = _labels(y)
        self.classes_ = np.unique(y)
        return self._fit(self._samples(x, y, weight), len(self.classes_))

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch, going on from where it is.

        Args:
            X: As for `fit`.
            y: As for `fit`.
            classes: All classes that will ever come. Needed in the first call, if there was no `fit` before.
            sample_weight: As for `fit`.

        Returns:
            Itself.

        Raises:
            ValueError: Classes that are not known, or what `fit` raises.
        """
        first = not hasattr(self, "model_")
        x, y, weight = self._validated(X, y, sample_weight, reset=first)
        y = _labels(y)
        if first:
            if classes is None:
                raise InvalidValueError("the first call of partial_fit needs classes=, all classes that will ever come")
            self.classes_ = np.unique(_labels(classes))
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise InvalidValueError(f"classes are {list(classes)}, and were {list(self.classes_)} before")
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise InvalidValueError(f"y has classes that are not among classes: {list(unknown)}")
        return self._fit_more(self._samples(x, y, weight), len(self.classes_))

    def decision_function(self, X: Any) -> Array:
        """The logits: `(N, classes)`, or for two classes the second one's over the first one's, `(N,)`. Float64."""
        logits = self._outputs(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict(self, X: Any) -> Array:
        """The most likely class of each sample, `(N,)`."""
        best = self._outputs(X).argmax(1)
        return np.asarray(self.classes_[best])

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, `(N, classes)` in the order of `classes_`, float64."""
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of the probabilities, `(N, classes)`, without underflow."""
        logits = self._outputs(X)
        logits -= logits.max(1, keepdims=True)
        found: Array = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        return found

    def _samples(self, x: Array, y: Array, weight: Array) -> Samples:
        numbers = np.searchsorted(self.classes_, y).astype(np.int64)
        samples = distinct(x, numbers, weight)
        if self.class_weight is None:
            return samples
        # After equal samples were put together: so "balanced" counts weights as it counts samples.
        each = np.ones(len(samples.x)) if samples.weight is None else samples.weight
        if isinstance(self.class_weight, str) and self.class_weight == "balanced":
            total = np.bincount(samples.y, each, len(self.classes_))
            factors = total.sum() / (np.count_nonzero(total) * np.where(total == 0, 1, total))
        else:
            factors = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
        return distinct(samples.x, samples.y, each * factors[samples.y])


def _labels(y: Any) -> Array:
    check_classification_targets(y)
    return np.asarray(column_or_1d(y, warn=True))
