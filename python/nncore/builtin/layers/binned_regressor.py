"""Regression by classification of bins."""

from typing import Any, Literal

import numpy as np

from nncore.api import (
    Array,
    ArrayDataset,
    DataLeakError,
    InvalidValueError,
    Module,
    ShapeError,
    Tensor,
    example,
    from_numpy,
    nn,
    no_grad,
    ops,
    zeros,
)
from nncore.builtin._checks import one_of, whole


@example(config=lambda: {"model": nn.Linear(3, 4), "bins": 4}, inputs=[(5, 3)], output=(5, 4))
class BinnedRegressor(Module):
    """A classifier whose classes are bins of the values of a regression: it gives a value and its distribution.

    A squared difference is hard to optimize and says nothing of how sure a prediction is. So the values are parted into
    bins, by `fit_bins` on training data alone; a classifier is trained with cross-entropy on `labels` of the values; and
    `distribution` gives the probability of each bin, `value` one number: Σ probability·center, by default.

    Args:
        model: A Module with one output (logit) for each bin.
        bins: Bins, 2 or more.

    Shape: what the model takes, to `(N, bins)` logits.
    Buffers, saved with the model: `edges` `(bins + 1,)` and `centers` `(bins,)`, both float64, the means of the training
    values in each bin.

    Raises:
        InvalidValueError: An argument out of its range; in use before `fit_bins`.

    Source: CS 231n, Neural networks part 2, on regression.

    Example:
        >>> import numpy as np, nncore as nc
        >>> from nncore import nn
        >>> x = np.random.default_rng(0).uniform(-1, 1, (400, 1)).astype(np.float32)
        >>> y = np.sin(3 * x[:, 0])
        >>> model = nn.BinnedRegressor(nc.create("mlp", sizes=[1, 32, 20], seed=0), bins=20).fit_bins(y)
        >>> trainer = nc.Trainer(model, "cross_entropy", {"name": "adam", "lr": 0.02}, seed=0)
        >>> history = trainer.fit((x, model.labels(y)), epochs=60, progress=False)
        >>> bool(abs(model.value(x) - y).mean() < 0.1), model.distribution(x).shape
        (True, (400, 20))
    """

    edges: Tensor
    centers: Tensor

    def __init__(self, model: Module, bins: int) -> None:
        super().__init__()
        if not isinstance(model, Module):
            raise InvalidValueError(f"BinnedRegressor: model is a Module, got {type(model).__name__}")
        self.bins = whole("BinnedRegressor", "bins", bins, least=2)
        self.model = model
        self.register_buffer("edges", zeros((bins + 1,), dtype="float64"))
        self.register_buffer("centers", zeros((bins,), dtype="float64"))

    def forward(self, input: Tensor) -> Tensor:
        logits: Tensor = self.model(input)
        if logits.ndim != 2 or logits.shape[1] != self.bins:
            raise ShapeError(
                f"BinnedRegressor has {self.bins} bins and takes a model with as many outputs, (N, {self.bins}); the model "
                f"gave shape {tuple(logits.shape)}"
            )
        return logits

    def fit_bins(
        self, values: Any, strategy: Literal["width", "quantile"] = "width", empty: Literal["error", "keep"] = "error"
    ) -> "BinnedRegressor":
        """Part the values of the training data into bins. Returns itself.

        Args:
            values: The training values, one a sample, as an array or a tensor; or the training data set, whose targets they
                are.
            strategy: `"width"` for bins that are equally wide from the smallest to the largest value, or `"quantile"` for
                bins that hold equally many.
            empty: What is done about a bin without a sample: `"error"`, or `"keep"` it, with its middle as the center; no
                sample will be of that class.

        Raises:
            DataLeakError: A data set of validation or of testing.
            InvalidValueError: Values that are not finite, all equal or none; quantiles that coincide, since a value is so
                frequent; or a bin that is empty. Nothing has changed then.
        """
        one_of("BinnedRegressor.fit_bins", "strategy", strategy, ("width", "quantile"))
        one_of("BinnedRegressor.fit_bins", "empty", empty, ("error", "keep"))
        if isinstance(values, ArrayDataset):
            if values.role not in (None, "train"):
                raise DataLeakError(
                    f"BinnedRegressor.fit_bins was given {values.role} data, {values!r}; expected training data, since bins "
                    f"that know of {values.role} samples make their results look better than they are: fit_bins(train)"
                )
            values = values.y
        given = _values(values)
        if given.size == 0 or given.min() == given.max():
            raise InvalidValueError(
                f"BinnedRegressor.fit_bins: values are of at least two sizes, got {given.size} values"
                + (f", all {given[0]:g}" if given.size else "")
            )
        if strategy == "width":
            edges = np.linspace(given.min(), given.max(), self.bins + 1)
        else:
            edges = np.quantile(given, np.linspace(0, 1, self.bins + 1))
        if not (np.diff(edges) > 0).all():
            at = int(np.argmin(np.diff(edges)))
            raise InvalidValueError(
                f"BinnedRegressor.fit_bins: bin {at} has no width, as so many values are {edges[at]:g} (or too close to it); "
                f'take fewer bins than {self.bins}, or strategy="width"'
            )
        places = _places(given, edges)
        counts = np.bincount(places, minlength=self.bins)
        if empty == "error" and not counts.all():
            raise InvalidValueError(
                f"BinnedRegressor.fit_bins: {(counts == 0).sum()} of {self.bins} bins have no sample, the first is bin "
                f'{int(np.argmin(counts))}; take fewer bins, strategy="quantile", or empty="keep"'
            )
        sums = np.bincount(places, given, minlength=self.bins)
        middles = (edges[1:] + edges[:-1]) / 2
        centers = np.where(counts > 0, sums / np.maximum(counts, 1), middles)
        with no_grad():
            self.edges.copy_(from_numpy(edges))
            self.centers.copy_(from_numpy(centers))
        return self

    def labels(self, values: Any) -> Array:
        """The bin of each value, int64: those on an edge belong to the bin above it, those beyond all bins to the outermost.

        Raises:
            InvalidValueError: Values that are not finite, or no bins yet.
        """
        return _places(_values(values), self._fitted("labels"))

    def distribution(self, input: Any) -> Array:
        """The probability of each bin, `(N, bins)`, in float64; in evaluation mode, without gradients."""
        self._fitted("distribution")
        training = self.training
        self.eval()
        try:
            with no_grad():
                logits = self(input if isinstance(input, Tensor) else from_numpy(np.asarray(input)))
                found: Array = ops.softmax(logits.to("float64"), 1).numpy()
        finally:
            self.train(training)
        return found

    def value(self, input: Any, by: Literal["mean", "median", "mode"] = "mean") -> Array:
        """One value a sample, `(N,)`.

        Args:
            input: What the model takes.
            by: `"mean"`, Σ probability·center; `"median"`, where half of the probability lies below, which is spread evenly
                over each bin; or `"mode"`, the center of the likeliest bin.
        """
        one_of("BinnedRegressor.value", "by", by, ("mean", "median", "mode"))
        shares = self.distribution(input)
        edges, centers = self.edges.numpy(), self.centers.numpy()
        if by == "mean":
            mean: Array = shares @ centers
            return mean
        if by == "mode":
            mode: Array = centers[shares.argmax(1)]
            return mode
        below = np.cumsum(shares, 1)
        at = np.minimum((below < 0.5).sum(1), self.bins - 1)
        rows = np.arange(len(shares))
        inside = (0.5 - (below[rows, at] - shares[rows, at])) / shares[rows, at]
        median: Array = edges[at] + inside * (edges[at + 1] - edges[at])
        return median

    def _fitted(self, method: str) -> Array:
        edges: Array = self.edges.numpy()
        if edges[0] == edges[-1]:
            raise InvalidValueError(
                f"BinnedRegressor.{method}: there are no bins yet; fit_bins(training values) makes them"
            )
        return edges


def _values(values: Any) -> Array:
    """One finite number a sample, in float64."""
    given = values.detach().numpy() if isinstance(values, Tensor) else np.asarray(values)
    if given.dtype.kind not in "iufb" or given.ndim not in (1, 2):
        raise InvalidValueError(f"BinnedRegressor: values are numbers, (N,) or (N, 1); got {given.dtype} {given.shape}")
    if given.ndim == 2 and given.shape[1] != 1:
        raise InvalidValueError(
            f"BinnedRegressor: values are one number a sample, (N,) or (N, 1); got shape {given.shape}"
        )
    flat: Array = given.reshape(-1).astype(np.float64)
    if not np.isfinite(flat).all():
        raise InvalidValueError(f"BinnedRegressor: values[{int(np.argmin(np.isfinite(flat)))}] is not finite")
    return flat


def _places(values: Array, edges: Array) -> Array:
    places: Array = np.searchsorted(edges[1:-1], values, side="right").astype(np.int64)
    return places
