"""Logistic function."""

from nncore.api import Module, Tensor, ops


class Sigmoid(Module):
    """1 / (1 + exp(-x)), elementwise; values between 0 and 1.

    Shape: any; the output has the same.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Sigmoid()(nc.tensor([-1000.0, 0.0])).tolist()
        [0.0, 0.5]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.sigmoid(input)
