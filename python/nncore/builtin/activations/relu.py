"""Rectified linear unit."""

from nncore.api import Tensor, ops
from nncore.builtin.activations._inplace import Inplace


class ReLU(Inplace):
    """max(x, 0), elementwise. NaN stays NaN; the gradient at 0 is 0.

    Args:
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Source: Nair and Hinton 2010.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.ReLU()(nc.tensor([-2.0, 3.0])).tolist()
        [0.0, 3.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return _relu(input)


_relu = ops.relu
