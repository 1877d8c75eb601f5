"""What the hyperbolic tangent takes away."""

from nncore.api import Module, Tensor, ops


class Tanhshrink(Module):
    """x - tanh(x), elementwise.

    Shape: any; the output has the same.

    Source: PyTorch.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Tanhshrink()(nc.tensor([0.0, 100.0])).tolist()
        [0.0, 99.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.tanhshrink(input)
