"""Labels as rows."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nncore.data import ArrayDataset, _checks
from nncore.errors import DataError
from nncore.preprocess.samples import Samples
from nncore.preprocess.transform import Transform

__all__ = ["OneHot"]

Array = NDArray[Any]


class OneHot(Transform):
    """Labels as rows of zeros with a one at the class. Of a data set it changes y, which is no labels any more then.

    Args:
        num_classes: How many classes there are. Default: `None`, the data set's number; of an array the highest label + 1.

    Shape: Labels `(N,)`; the result is float32 `(N, num_classes)`. `inverse_transform` takes such rows, or scores, and
        gives the class of the largest one back: int64 `(N,)`.

    Attributes:
        num_classes_: How many there are in the training data.

    Raises:
        DataError: A data set without labels; labels that are no whole numbers, or not below the number of classes.

    Source: the 1-of-K coding of Bishop, "Pattern Recognition and Machine Learning", 2006, section 4.1.

    Example:
        >>> from nncore import data, preprocess
        >>> train = data.ArrayDataset([[1.0], [2.0]], [1, 0], role="train")
        >>> preprocess.OneHot().fit_transform(train).y.tolist()
        [[0.0, 1.0], [1.0, 0.0]]
        >>> preprocess.OneHot().fit_transform([2, 0]).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """

    num_classes_: int

    def __init__(self, num_classes: int | None = None) -> None:
        self.num_classes = None if num_classes is None else _checks.whole(num_classes, "num_classes", 1)

    def fit(self, x: Any, y: Any = None) -> Self:
        """Take note of the number of classes, and return self.

        Args:
            x: A data set with labels, or labels.
            y: Not used.

        Raises:
            DataLeakError: Validation or test data.
            DataError: No labels.
        """
        self._training(x)
        labels = self._labels(x, "fit")
        known = x.num_classes if isinstance(x, ArrayDataset) else None
        count = int(labels.max()) + 1 if known is None else known
        if self.num_classes is not None:
            if count > self.num_classes:
                raise DataError(f"OneHot.fit was given labels of {count} classes; expected at most {self.num_classes}")
            count = self.num_classes
        self._set({"sample_shape_": (), "n_features_in_": 1, "num_classes_": count})
        return self

    def transform(self, x: Any) -> Any:
        """The data set with rows for labels; the rows alone where labels were given."""
        count = self._fitted("transform").num_classes_
        labels = self._labels(x, "transform")
        if labels.size and labels.max() >= count:
            row = int(np.argmax(labels >= count))
            raise DataError(
                f"OneHot.transform was given y[{row}] = {labels[row]}; the training data has {count} classes"
            )
        rows = np.zeros((len(labels), count), dtype=np.float32)
        rows[np.arange(len(labels)), labels] = 1
        if not isinstance(x, ArrayDataset):
            return rows
        return ArrayDataset(x.stored, rows, name=x.name, role=x.role, targets="values", scale=x.scale)

    def inverse_transform(self, x: Any) -> Any:
        """The data set with labels for rows; the labels alone where rows were given."""
        count = self._fitted("inverse_transform").num_classes_
        dataset = isinstance(x, ArrayDataset)
        rows = x.y if dataset else Samples(x, "OneHot.inverse_transform").array()
        if rows is None or rows.ndim != 2 or rows.shape[1] != count:
            shape = None if rows is None else rows.shape
            raise DataError(f"OneHot.inverse_transform was given rows of shape {shape}; expected (N, {count})")
        labels = rows.argmax(axis=1).astype(np.int64)
        if not dataset:
            return labels
        return ArrayDataset(x.stored, labels, name=x.name, role=x.role, classes=count, scale=x.scale)

    def _labels(self, x: Any, method: str) -> Array:
        if not isinstance(x, ArrayDataset):
            array = x.detach().numpy() if type(x).__module__.startswith("nncore._core") else x
            return _checks.labels(array, None)
        if x.y is None or x.num_classes is None:
            raise DataError(f"OneHot.{method} was given a data set without labels; expected class numbers in y")
        return x.y
