"""Preprocessing: statistics of the training data, applied alike to training, validation and test data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from nncore.data._dataset import ArrayDataset
from nncore.errors import DataError

Array = NDArray[Any]
Per = Literal["feature", "channel"]
CHUNK = 1 << 21
"""Elements that are turned into float64 at once: 16 MB."""


def chunks(dataset: ArrayDataset) -> Iterator[tuple[slice, Array]]:
    """The inputs as float64, some rows at a time, with where they lie; each value is checked to be finite."""
    step = max(1, CHUNK // max(1, dataset.stored[0].size))
    for start in range(0, len(dataset), step):
        rows = slice(start, min(start + step, len(dataset)))
        x = dataset.gather(rows)[0].astype(np.float64)
        finite = np.isfinite(x)
        if not finite.all():
            place = tuple(int(i) for i in np.argwhere(~finite)[0])
            where = ", ".join(str(i) for i in (place[0] + start, *place[1:]))
            raise DataError(f"x[{where}] is {x[place]}; expected finite inputs")
        yield rows, x


class Transform(ABC):
    """A change of a data set's inputs or targets that is fitted to training data, then applied to any.

    A subclass gives `_fit(dataset)`, which sets its statistics, and `_apply(dataset)`.
    """

    _shape: tuple[int, ...] | None = None

    def fit(self, train: ArrayDataset) -> Self:
        """Take the statistics from training data, and return self.

        Args:
            train: Its role must be `"train"` or `None`: whatever is learned from validation or test samples makes
                their results look better than they are.

        Raises:
            DataError: Validation or test data, or inputs that are not finite.
        """
        if not isinstance(train, ArrayDataset):
            raise DataError(f"{type(self).__name__}.fit was given {type(train).__name__}; expected an ArrayDataset")
        if train.role not in (None, "train"):
            raise DataError(
                f"{type(self).__name__}.fit was given {train.role} data; expected training data: fit to the training "
                f"set, then apply to the {train.role} set"
            )
        self._fit(train)
        self._shape = train.sample_shape
        return self

    def apply(self, dataset: ArrayDataset) -> ArrayDataset:
        """The data set, transformed with the statistics of the training data; `dataset` stays as it is.

        Raises:
            DataError: Before `fit`, or samples of another shape than the training data's.
        """
        if self._shape is None:
            raise DataError(f"{type(self).__name__} has not been fitted; call fit(train) first")
        if dataset.sample_shape != self._shape:
            raise DataError(
                f"{type(self).__name__} was fitted to samples of shape {self._shape}, and is applied to "
                f"{dataset.sample_shape}"
            )
        return self._apply(dataset)

    @abstractmethod
    def _fit(self, train: ArrayDataset) -> None: ...

    @abstractmethod
    def _apply(self, dataset: ArrayDataset) -> ArrayDataset: ...

    def _mapped(self, dataset: ArrayDataset, function: Any, shape: tuple[int, ...]) -> ArrayDataset:
        """The data set with inputs `function(x)`, computed in float64, held as float32."""
        out = np.empty((len(dataset), *shape), dtype=np.float32)
        for rows, x in chunks(dataset):
            out[rows] = function(x)
        return dataset._with(out, None, dataset.y, dataset.role)


class Pipeline(Transform):
    """Transforms one after the other; each is fitted to what those before it make of the training data.

    Args:
        steps: The transforms, in order.

    Example:
        >>> from nncore import data
        >>> train, test = data.load("digits", size=8)
        >>> pipeline = data.Pipeline([data.MeanSubtraction(), data.PCA(16)]).fit(train)
        >>> train, test = pipeline.apply(train), pipeline.apply(test)
        >>> train.sample_shape, test.sample_shape
        ((16,), (16,))
    """

    def __init__(self, steps: Iterable[Transform]) -> None:
        self.steps = tuple(steps)
        for step in self.steps:
            if not isinstance(step, Transform):
                raise DataError(f"a step of the pipeline is {step!r}; expected a Transform, such as data.Standardize()")

    def _fit(self, train: ArrayDataset) -> None:
        for step in self.steps:
            train = step.fit(train).apply(train)

    def _apply(self, dataset: ArrayDataset) -> ArrayDataset:
        for step in self.steps:
            dataset = step.apply(dataset)
        return dataset


class _Elementwise(Transform):
    """`(x - shift) / divisor`, with numbers for each feature or each channel."""

    shift: Array
    divisor: Array | None = None

    def __init__(self, *, per: Per = "feature") -> None:
        if per not in ("feature", "channel"):
            raise DataError(f"per is {per!r}; expected 'feature' or 'channel'")
        self.per = per

    def _axes(self, dataset: ArrayDataset) -> tuple[int, ...]:
        if self.per == "feature":
            return (0,)
        ndim = dataset.stored.ndim
        if ndim < 3:
            raise DataError(
                f"per='channel' is given for samples of shape {dataset.sample_shape}; expected (C, ...), as of images"
            )
        return (0, *range(2, ndim))

    def _mean(self, dataset: ArrayDataset) -> Array:
        axes = self._axes(dataset)
        total, count = 0.0, 0
        for _, x in chunks(dataset):
            total = total + x.sum(axis=axes, keepdims=True)[0]
            count += x.size // max(1, total.size) if isinstance(total, np.ndarray) else len(x)
        return np.asarray(total / max(1, count))

    def _range(self, dataset: ArrayDataset) -> tuple[Array, Array]:
        axes = self._axes(dataset)
        low, high = np.asarray(np.inf), np.asarray(-np.inf)
        for _, x in chunks(dataset):
            low = np.minimum(low, x.min(axis=axes, keepdims=True)[0])
            high = np.maximum(high, x.max(axis=axes, keepdims=True)[0])
        return low, high

    def _apply(self, dataset: ArrayDataset) -> ArrayDataset:
        def change(x: Array) -> Array:
            x -= self.shift
            if self.divisor is not None:
                x /= self.divisor
            return x

        return self._mapped(dataset, change, dataset.sample_shape)


class MeanSubtraction(_Elementwise):
    """`x - mean`: the training data's centre becomes the origin.

    Args:
        per: `"feature"`: a mean for each element of a sample. `"channel"`: one for each channel of `(N, C, ...)`, over
            all samples and places.

    Attributes:
        shift: The means, float64: of shape `sample_shape`, or `(C, 1, ...)`.

    Example:
        >>> from nncore import data
        >>> train = data.ArrayDataset([[1.0, 10.0], [3.0, 30.0]], role="train")
        >>> data.MeanSubtraction().fit(train).apply(train).x.tolist()
        [[-1.0, -10.0], [1.0, 10.0]]
    """

    def _fit(self, train: ArrayDataset) -> None:
        self.shift = self._mean(train)


class Standardize(_Elementwise):
    """`(x - mean) / std`: mean 0 and standard deviation 1 on the training data.

    `std = sqrt(mean((x - mean) ** 2))`, without Bessel's correction. Features that are constant in the training data are
    divided by 1.

    Args:
        per: `"feature"` or `"channel"`, as in `MeanSubtraction`.

    Attributes:
        shift: The means, float64.
        divisor: The standard deviations, float64.

    Example:
        >>> from nncore import data
        >>> train = data.ArrayDataset([[1.0, 10.0], [3.0, 30.0]], role="train")
        >>> data.Standardize().fit(train).apply(train).x.tolist()
        [[-1.0, -1.0], [1.0, 1.0]]
    """

    def _fit(self, train: ArrayDataset) -> None:
        axes, mean = self._axes(train), self._mean(train)
        squares, count = np.zeros_like(mean), 0
        for _, x in chunks(train):
            squares += ((x - mean) ** 2).sum(axis=axes, keepdims=True)[0]
            count += x.size // max(1, mean.size)
        low, high = self._range(train)
        # Rounding of the mean leaves a constant feature with a tiny deviation, which must not be divided by.
        self.divisor = np.where(low == high, 1.0, np.sqrt(squares / max(1, count)))
        self.shift = mean


class MinMax(_Elementwise):
    """`low + (x - min) / (max - min) * (high - low)`: the training data fills `[low, high]`.

    Features that are constant in the training data become `low` there. Other data may lie outside.

    Args:
        low: Lower end.
        high: Upper end, above `low`.
        per: `"feature"` or `"channel"`, as in `MeanSubtraction`.

    Example:
        >>> from nncore import data
        >>> train = data.ArrayDataset([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]], role="train")
        >>> data.MinMax(-1, 1).fit(train).apply(train).x.tolist()
        [[-1.0, -1.0], [0.0, 1.0], [1.0, 0.0]]
    """

    def __init__(self, low: float = 0.0, high: float = 1.0, *, per: Per = "feature") -> None:
        super().__init__(per=per)
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise DataError(f"low is {low!r} and high is {high!r}; expected finite numbers with low < high")
        self.low, self.high = float(low), float(high)

    def _fit(self, train: ArrayDataset) -> None:
        smallest, largest = self._range(train)
        self.divisor = np.where(smallest == largest, 1.0, largest - smallest) / (self.high - self.low)
        self.shift = smallest - self.low * self.divisor


class OneHot(Transform):
    """Labels as rows of zeros with a one at the class: y is float32 `(N, K)`, and no labels any more.

    K is the training data's number of classes.

    Example:
        >>> from nncore import data
        >>> train = data.ArrayDataset([[1.0], [2.0]], [1, 0], role="train")
        >>> data.OneHot().fit(train).apply(train).y.tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """

    num_classes: int

    def _fit(self, train: ArrayDataset) -> None:
        if train.num_classes is None:
            raise DataError("OneHot.fit was given a data set without labels; expected class numbers in y")
        self.num_classes = train.num_classes

    def _apply(self, dataset: ArrayDataset) -> ArrayDataset:
        y = dataset.y
        if y is None or dataset.num_classes is None:
            raise DataError("OneHot is applied to a data set without labels; expected class numbers in y")
        if y.max() >= self.num_classes:
            row = int(np.argmax(y >= self.num_classes))
            raise DataError(f"y[{row}] is {y[row]}; the training data has {self.num_classes} classes")
        rows = np.zeros((len(y), self.num_classes), dtype=np.float32)
        rows[np.arange(len(y)), y] = 1
        return ArrayDataset(
            dataset.stored, rows, name=dataset.name, role=dataset.role, targets="values", scale=dataset.scale
        )
