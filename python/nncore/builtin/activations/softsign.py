"""A sigmoid that saturates slowly."""

from nncore.api import Module, Tensor, ops


class Softsign(Module):
    """x / (1 + |x|), elementwise; values between -1 and 1.

    Shape: any; the output has the same.

    Source: Glorot and Bengio 2010, section 3.1; Bergstra and others 2009.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Softsign()(nc.tensor([-3.0, 1.0])).tolist()
        [-0.75, 0.5]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.softsign(input)
