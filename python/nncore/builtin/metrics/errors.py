"""Distances of outputs from targets."""

from typing import ClassVar

from nncore.api import ShapeError, Tensor, zeros


class MeanSquaredError:
    """The mean of (output - target)², over all elements.

    Shape: output and target alike.
    """

    better: ClassVar = "min"

    def __init__(self) -> None:
        self.total, self.seen = zeros((), dtype="float64"), zeros((), dtype="int64")

    def reset(self) -> None:
        self.total.zero_()
        self.seen.zero_()

    def update(self, output: Tensor, target: Tensor) -> None:
        if output.shape != target.shape:
            raise ShapeError(f"output {tuple(output.shape)} and target {tuple(target.shape)} differ in shape")
        self.total += self.distances(output - target).sum().to("float64")
        self.seen += target.numel()

    def distances(self, difference: Tensor) -> Tensor:
        """What is averaged."""
        return difference * difference

    def compute(self) -> float:
        seen = self.seen.item()
        return self.total.item() / seen if seen else float("nan")


class MeanAbsoluteError(MeanSquaredError):
    """The mean of |output - target|, over all elements.

    Shape: output and target alike.
    """

    def distances(self, difference: Tensor) -> Tensor:
        return difference.abs()
