"""A smooth ReLU."""

from nncore.api import Module, Tensor, ops
from nncore.builtin._checks import number


class Softplus(Module):
    """ln(1 + exp(beta·x))/beta, elementwise; x itself where beta·x is above the threshold.

    Args:
        beta: How close to `ReLU` it comes; more than 0.
        threshold: From where on beta·x counts as linear.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Dugas and others 2001; Glorot, Bordes and Bengio 2011, section 3.1.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Softplus()(nc.tensor([-1000.0, 50.0])).tolist()
        [0.0, 50.0]
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = number("Softplus", "beta", beta, above=0)
        self.threshold = number("Softplus", "threshold", threshold)

    def forward(self, input: Tensor) -> Tensor:
        return ops.softplus(input, self.beta, self.threshold)
