"""Values clipped to an interval."""

from nncore.api import Tensor, ops
from nncore.builtin._checks import number
from nncore.builtin.activations._inplace import Inplace


class Hardtanh(Inplace):
    """min(max(x, min_val), max_val), elementwise. The gradient outside and at the bounds is 0.

    Args:
        min_val: The smallest value.
        max_val: The largest value, above `min_val`.
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Collobert 2004, Large scale machine learning.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Hardtanh()(nc.tensor([-3.0, 0.5, 3.0])).tolist()
        [-1.0, 0.5, 1.0]
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.min_val = number("Hardtanh", "min_val", min_val)
        self.max_val = number("Hardtanh", "max_val", max_val, above=min_val)

    def forward(self, input: Tensor) -> Tensor:
        return ops.hardtanh(input, self.min_val, self.max_val)
