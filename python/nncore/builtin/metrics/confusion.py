"""Which class is taken for which, and what follows from it."""

from typing import Any, ClassVar, Literal

import numpy as np

from nncore.api import InvalidValueError, Tensor, ones, ops, zeros


class ConfusionMatrix:
    """How many samples of each class (rows) were taken for each class (columns).

    Shape: output `(N, C)`, target class numbers `(N)`; the result is int64 `(C, C)`.
    """

    def __init__(self) -> None:
        self.counts: Tensor | None = None

    def reset(self) -> None:
        if self.counts is not None:
            self.counts.zero_()

    def update(self, output: Tensor, target: Tensor) -> None:
        classes = output.shape[1]
        if self.counts is None:
            self.counts = zeros((classes * classes,), dtype="int64")
        places = target.reshape(-1) * classes + output.argmax(1).reshape(-1)
        one = ones(places.shape, dtype="int64")
        self.counts.copy_(ops.index_add(self.counts, 0, places, one))

    def matrix(self) -> Any:
        """The counts so far, `(C, C)`; `(0, 0)` where there was no batch."""
        if self.counts is None:
            return np.zeros((0, 0), np.int64)
        classes = round(self.counts.numel() ** 0.5)
        return np.array(self.counts.numpy()).reshape(classes, classes)

    def compute(self) -> Any:
        return self.matrix()


class _Score(ConfusionMatrix):
    """A number from the matrix: of each class, then their mean."""

    better: ClassVar = "max"

    def __init__(self, average: Literal["macro", "weighted", "micro", "none"] = "macro") -> None:
        super().__init__()
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

    Shape: output `(N, C)`, target class numbers `(N)`.
    """

    def score(self, hits: Any, taken: Any, there: Any) -> Any:
        return hits / np.maximum(taken, 1)


class Recall(_Score):
    """Of the samples of a class, the share that is taken for it; 0 for a class without samples.

    Args:
        average: As for `Precision`.

    Shape: output `(N, C)`, target class numbers `(N)`.
    """

    def score(self, hits: Any, taken: Any, there: Any) -> Any:
        return hits / np.maximum(there, 1)


class F1(_Score):
    """2·precision·recall / (precision + recall) of each class, 0 where both are.

    Args:
        average: As for `Precision`.

    Shape: output `(N, C)`, target class numbers `(N)`.
    """

    def score(self, hits: Any, taken: Any, there: Any) -> Any:
        return 2 * hits / np.maximum(taken + there, 1)
