"""A regressor."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from nncore.errors import InvalidValueError
from nncore.sklearn.base import Network
from nncore.sklearn.samples import distinct

__all__ = ["NNRegressor"]

Array = NDArray[Any]


class NNRegressor(RegressorMixin, Network):
    """A network that predicts one number or several, as an estimator of scikit-learn. It computes in float32.

    Scale inputs and targets to the size of 1, with `StandardScaler` and `TransformedTargetRegressor`: weights begin as if
    they were.

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
        loss: A loss of outputs and targets, both `(N, outputs)`. Default: `"mse"`.
        epochs: Epochs at most.
        batch_size: Samples in a batch.
        validation: Part of the samples that is put aside to see when to stop, from 0 to less than 1.
        patience: Epochs without improvement after which the training ends; None trains for all epochs. It looks at the loss
            of what is put aside, and then goes back to the best epoch's weights, or else at the training's loss.
        tol: What counts as an improvement is at least this.
        random_state: Decides weights, order of samples, dropout and what is put aside. An int gives the same bits each time.
        verbose: Whether to show how it goes.

    Attributes:
        n_features_in_: Features.
        feature_names_in_: Their names, where the inputs have names that are all strings.
        n_outputs_: Numbers that are predicted for a sample.
        n_iter_: Epochs done.
        history_: What they came to, an `nncore.History`.
        model_: The network, in evaluation mode.

    A weight of two is the same as the sample twice, to the bit, and the order of the samples makes no difference: equal
    samples are put together, and all are sorted by a hash before the order is drawn. Fits in several threads at once share the
    random numbers of dropout; everything else of them has the same bits as in one.

    Ctrl-C ends a fit after the current step, with a KeyboardInterrupt; the estimator then predicts with what it has learned.

    Example:
        >>> import numpy as np
        >>> from nncore.sklearn import NNRegressor
        >>> x = np.linspace(-1, 1, 200).reshape(-1, 1)
        >>> y = np.hstack([x**2, np.sin(3 * x)])
        >>> network = NNRegressor(lr=0.01, random_state=0).fit(x, y)
        >>> network.score(x, y) > 0.95
        True
        >>> network.predict(x[:3]).shape
        (3, 2)
    """

    _default_loss = "mse"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train anew.

        Args:
            X: Inputs, `(N, features)`.
            y: Targets, `(N,)` or `(N, outputs)`.
            sample_weight: What each sample counts, `(N,)`, 0 or more. Default: 1.

        Returns:
            Itself.

        Raises:
            ValueError: Inputs or targets that are no finite numbers in float32, lengths that differ, or a parameter that
                makes no sense.
            DivergedError: The loss became NaN or infinite.
        """
        x, y, weight = self._validated(X, y, sample_weight, multi_output=True, y_numeric=True)
        self._flat = y.ndim == 1
        y = _targets(y)
        self.n_outputs_ = y.shape[1]
        return self._fit(distinct(x, y, weight), self.n_outputs_)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch, going on from where it is.

        Args:
            X: As for `fit`.
            y: As for `fit`.
            sample_weight: As for `fit`.

        Returns:
            Itself.
        """
        first = not hasattr(self, "model_")
        x, y, weight = self._validated(X, y, sample_weight, reset=first, multi_output=True, y_numeric=True)
        if first:
            self._flat = y.ndim == 1
            self.n_outputs_ = 1 if self._flat else y.shape[1]
        elif y.shape[1:] != (() if self._flat else (self.n_outputs_,)):
            raise InvalidValueError(f"y has shape {y.shape}, and had {self.n_outputs_} outputs a sample before")
        return self._fit_more(distinct(x, _targets(y), weight), self.n_outputs_)

    def predict(self, X: Any) -> Array:
        """The outputs for each sample, float64: `(N,)`, or `(N, outputs)` where the targets were so."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._flat else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _targets(y: Array) -> Array:
    """Targets in float32, `(N, outputs)`."""
    with np.errstate(over="ignore"):
        found = np.asarray(y).astype(np.float32)
    if not np.isfinite(found).all():
        raise InvalidValueError("y has values that are infinite in float32; scale the targets")
    return found.reshape(len(found), -1)
