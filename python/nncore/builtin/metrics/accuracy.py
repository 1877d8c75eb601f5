"""How often the class is right."""

from typing import ClassVar

from nncore.api import InvalidValueError, Tensor, ops, zeros


class Accuracy:
    """The share of samples whose largest output is the target's.

    Shape: output `(N, C)` or `(N, C, ...)`, target class numbers `(N)` or `(N, ...)`. An output `(N)` or `(N, 1)` is the
    logit of class 1 of two.
    """

    better: ClassVar = "max"

    def __init__(self) -> None:
        self.right, self.seen = zeros((), dtype="int64"), zeros((), dtype="int64")

    def reset(self) -> None:
        self.right.zero_()
        self.seen.zero_()

    def update(self, output: Tensor, target: Tensor) -> None:
        hits = self.hits(output, target)
        self.right += hits.sum()
        self.seen += target.numel()

    def hits(self, output: Tensor, target: Tensor) -> Tensor:
        """Which samples are right."""
        if output.ndim == 1 or output.shape[1] == 1:
            return (output.reshape(target.shape) > 0) == (target > 0)
        return output.argmax(1) == target

    def compute(self) -> float:
        seen = self.seen.item()
        return self.right.item() / seen if seen else float("nan")


class TopKAccuracy(Accuracy):
    """The share of samples whose target is among the `k` largest outputs.

    Shape: output `(N, C)`, target `(N)`.
    """

    def __init__(self, k: int = 5) -> None:
        super().__init__()
        if k < 1:
            raise InvalidValueError(f"k is {k}; expected 1 or more")
        self.k = k

    def hits(self, output: Tensor, target: Tensor) -> Tensor:
        _, indices = ops.topk(output, min(self.k, output.shape[1]), 1)
        return (indices == target.unsqueeze(1)).any(1)
