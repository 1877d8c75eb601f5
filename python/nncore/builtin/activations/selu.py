"""Self-normalizing exponential linear unit."""

from nncore.api import Tensor, ops
from nncore.builtin.activations._inplace import Inplace


class SELU(Inplace):
    """1.0507·(x where it is positive, else 1.6733·(exp(x) - 1)), elementwise.

    With weights from `lecun_normal`, the outputs of deep networks keep mean 0 and variance 1; dropout that goes with it is
    `ops.alpha_dropout`. The two constants are 1.0507009873554805 and 1.6732632423543772.

    Args:
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Source: Klambauer and others 2017 (arXiv 1706.02515), equation 2.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> round(nn.SELU()(nc.tensor(1.0)).item(), 4)
        1.0507
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.selu(input)
