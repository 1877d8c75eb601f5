"""How often the class is right."""

from typing import ClassVar

from nncore.api import InvalidValueError, Tensor, ops, recording, zeros
from nncore.builtin.metrics import _classes


class Accuracy:
    """The share of samples whose largest output is the target's.

    Args:
        ignore_index: Targets with this class number count nothing.

    Shape: output `(N, C)` or `(N, C, ...)`, target class numbers `(N)` or `(N, ...)`. An output `(N)` or `(N, 1)` is the
    logit of class 1 of two, and targets are 0 and 1. Soft labels `(N, C)`, as mixing samples makes them, count as the class
    of their largest share.

    Raises:
        ShapeError, DTypeError, InvalidValueError: Other shapes, or targets that are no classes.
    """

    better: ClassVar = "max"
    one_column: ClassVar = True

    def __init__(self, ignore_index: int = -100) -> None:
        self.ignore_index = ignore_index
        self.right, self.seen, self.odd = (zeros((), dtype="int64") for _ in range(3))
        self.soft = False

    def reset(self) -> None:
        for count in (self.right, self.seen, self.odd):
            count.zero_()

    def update(self, output: Tensor, target: Tensor) -> None:
        self.soft = _classes.is_soft(output, target)
        strange = _classes.no_shares(target) if self.soft else None
        target = _classes.hardened(output, target)
        _classes.check(type(self).__name__, output, target, one_column=self.one_column)
        if _classes.is_one_column(output):
            strange = _classes.odd(target, self.ignore_index)
        if strange is not None:
            # A recorded step reads nothing; `compute` says it then.
            if not recording():
                _classes.refuse(type(self).__name__, int(strange.item()), soft=self.soft)
            self.odd += strange
        counted = target != self.ignore_index
        self.right += (self.hits(output, target) & counted).sum()
        self.seen += counted.sum()

    def hits(self, output: Tensor, target: Tensor) -> Tensor:
        """Which samples are right."""
        if _classes.is_one_column(output):
            return _classes.chosen(output, target) == (target > 0)
        return _classes.chosen(output, target) == target

    def compute(self) -> float:
        _classes.refuse(type(self).__name__, int(self.odd.item()), soft=self.soft)
        seen = self.seen.item()
        return self.right.item() / seen if seen else float("nan")


class TopKAccuracy(Accuracy):
    """The share of samples whose target is among the `k` largest outputs.

    Args:
        k: How many outputs count.
        ignore_index: Targets with this class number count nothing.

    Shape: output `(N, C)`, target `(N)`.

    Raises:
        ShapeError, DTypeError: Other shapes, or targets that are no classes.
    """

    one_column: ClassVar = False

    def __init__(self, k: int = 5, ignore_index: int = -100) -> None:
        super().__init__(ignore_index)
        if isinstance(k, bool) or not isinstance(k, int) or k < 1:
            raise InvalidValueError(f"k is {k!r}; expected a whole number, 1 or more")
        self.k = k

    def hits(self, output: Tensor, target: Tensor) -> Tensor:
        _, indices = ops.topk(output, min(self.k, output.shape[1]), 1)
        return (indices == target.unsqueeze(1)).any(1)
