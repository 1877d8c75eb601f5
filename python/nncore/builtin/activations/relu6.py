"""Rectified linear unit with a bound."""

from nncore.api import Tensor, ops
from nncore.builtin.activations._inplace import Inplace


class ReLU6(Inplace):
    """min(max(x, 0), 6), elementwise. The gradient at 0 and at 6 is 0.

    Args:
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Source: Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10, section 2.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.ReLU6()(nc.tensor([-1.0, 3.0, 9.0])).tolist()
        [0.0, 3.0, 6.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.relu6(input)
