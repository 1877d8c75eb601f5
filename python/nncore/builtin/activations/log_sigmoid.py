"""Logarithm of the logistic function."""

from nncore.api import Module, Tensor, ops


class LogSigmoid(Module):
    """ln(1 / (1 + exp(-x))), elementwise, computed without overflow.

    Shape: any; the output has the same.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.LogSigmoid()(nc.tensor([-1000.0, 1000.0])).abs().tolist()
        [1000.0, 0.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.logsigmoid(input)
