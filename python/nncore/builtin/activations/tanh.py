"""Hyperbolic tangent."""

from nncore.api import Module, Tensor, ops


class Tanh(Module):
    """tanh(x), elementwise; values between -1 and 1.

    Shape: any; the output has the same.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Tanh()(nc.tensor([0.0, 1000.0])).tolist()
        [0.0, 1.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.tanh(input)
