"""Sigmoid linear unit."""

from nncore.api import Tensor, ops
from nncore.builtin.activations._inplace import Inplace


class SiLU(Inplace):
    """x·sigmoid(x), elementwise; also known as swish.

    Args:
        inplace: Taken as in PyTorch; the result is the same, in memory of its own.

    Shape: any; the output has the same.

    Source: Elfwing, Uchibe and Doya 2017 (arXiv 1702.03118), section 2; Ramachandran and others 2017 (arXiv 1710.05941).

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.SiLU()(nc.tensor([0.0, 100.0])).tolist()
        [0.0, 100.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.silu(input)
