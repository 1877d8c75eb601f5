"""Which class is taken for which, and what follows from it."""

from typing import Any, ClassVar, Literal

import numpy as np

from nncore.api import InvalidValueError, Tensor, ops, recording, zeros
from nncore.builtin.metrics import _classes


class ConfusionMatrix:
    """How many samples of each class (rows) were taken for each class (columns).

    Args:
        ignore_index: Targets with this class number count nothing.

    Shape: output `(N, C)` or `(N, C, ...)`, target class numbers `(N)` or `(N, ...)`; the result is int64 `(C, C)`. An
    output `(N)` or `(N, 1)` is the logit of class 1 of two, and targets are 0 and 1.

    Raises:
        ShapeError, DTypeError, InvalidValueError: Other shapes, or targets that are no classes.
    """

    def __init__(self, ignore_index: int = -100) -> None:
        self.ignore_index = ignore_index
        self.counts: Tensor | None = None
        self.odd = zeros((), dtype="int64")

    def reset(self) -> None:
        self.odd.zero_()
        if self.counts is not None:
            self.counts.zero_()

    def update(self, output: Tensor, target: Tensor) -> None:
        _classes.check(type(self).__name__, output, target)
        classes = 2 if _classes.is_one_column(output) else output.shape[1]
        if self.counts is None:
            self.counts = zeros((classes * classes,), dtype="int64")
        counted = target != self.ignore_index
        true = target
        if _classes.is_one_column(output):
            strange = _classes.odd(target, self.ignore_index)
            # A recorded step reads nothing; `compute` says it then.
            if not recording():
                _classes.refuse(type(self).__name__, int(strange.item()))
            self.odd += strange
            true = (target > 0).to("int64")
        places = (true * classes + _classes.chosen(output, target)) * counted
        self.counts.copy_(ops.index_add(self.counts, 0, places.reshape(-1), counted.to("int64").reshape(-1)))

    def matrix(self) -> Any:
        """The counts so far, `(C, C)`; `(0, 0)` where there was no batch."""
        _classes.refuse(type(self).__name__, int(self.odd.item()))
        if self.counts is None:
            return np.zeros((0, 0), np.int64)
        classes = round(self.counts.numel() ** 0.5)
        return np.array(self.counts.numpy()).reshape(classes, classes)

    def compute(self) -> Any:
        return self.matrix()


class _Score(ConfusionMatrix):
    """A number from the matrix: of each class, then their mean."""

    better: ClassVar = "max"

    def __init__(
        self, average: Literal["macro", "weighted", "micro", "none"] = "macro", ignore_index: int = -100
    ) -> None:
        super().__init__(ignore_index)
        if average not in ("macro", "weighted", "micro", "none"):
            raise InvalidValueError(f"average is {average!r}; expected 'macro', 'weighted', 'micro' or 'none'")
        self.average = average

    def score(self, hits: Any, taken: Any, there: Any) -> Any:
        """From the right ones, those taken for a class and those of it; 0 where nothing can be said."""
        raise NotImplementedError

    def compute(self) -> Any:
        matrix = self.matrix()
        if not matrix.size:
            return float("nan")
        hits, taken, there = np.diag(matrix), matrix.sum(0), matrix.sum(1)
        if self.average == "micro":
            return float(self.score(hits.sum(), taken.sum(), there.sum()))
        each = self.score(hits, taken, there)
        if self.average == "none":
            return each
        return float(np.average(each, weights=there if self.average == "weighted" else None))


class Precision(_Score):
    """Of the samples taken for a class, the share that belongs to it; 0 for a class that nothing was taken for.

    Args:
        average: `"macro"`: mean over classes; `"weighted"`: by their samples; `"micro"`: of all samples at once; `"none"`:
            an array `(C,)`.
        ignore_index: Targets with this class number count nothing.

    Shape: output `(N, C)`, target class numbers `(N)`.
    """

    def score(self, hits: Any, taken: Any, there: Any) -> Any:
        return hits / np.maximum(taken, 1)


class Recall(_Score):
    """Of the samples of a class, the share that is taken for it; 0 for a class without samples.

    Args:
        average: As for `Precision`.
        ignore_index: As for `Precision`.

    Shape: output `(N, C)`, target class numbers `(N)`.
    """

    def score(self, hits: Any, taken: Any, there: Any) -> Any:
        return hits / np.maximum(there, 1)


class F1(_Score):
    """2·precision·recall / (precision + recall) of each class, 0 where both are.

    Args:
        average: As for `Precision`.
        ignore_index: As for `Precision`.

    Shape: output `(N, C)`, target class numbers `(N)`.
    """

    def score(self, hits: Any, taken: Any, there: Any) -> Any:
        return 2 * hits / np.maximum(taken + there, 1)
