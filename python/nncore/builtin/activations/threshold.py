"""A value in place of what is not above a threshold."""

from nncore.api import Tensor, example, ops
from nncore.builtin._checks import number
from nncore.builtin.activations._inplace import Inplace


@example(config={"threshold": 0.5, "value": 2.0}, inputs=[(4, 3)], output=(4, 3))
class Threshold(Inplace):
    """x where it is above the threshold, else value, elementwise.

    Args:
        threshold: What x must be above to be kept.
        value: What stands in its place otherwise.
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: PyTorch.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Threshold(0.5, 20.0)(nc.tensor([0.5, 1.0])).tolist()
        [20.0, 1.0]
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = number("Threshold", "threshold", threshold)
        self.value = number("Threshold", "value", value)

    def forward(self, input: Tensor) -> Tensor:
        return ops.threshold(input, self.threshold, self.value)
