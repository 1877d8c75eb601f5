"""Gated linear unit."""

from nncore.api import Module, Tensor, example, ops
from nncore.builtin._checks import whole


@example(inputs=[(4, 6)], output=(4, 3))
@example(config={"dim": 1}, inputs=[(2, 4, 3)], output=(2, 2, 3))
class GLU(Module):
    """a·sigmoid(b), where a and b are the first and the second half of x along one dimension.

    Args:
        dim: The dimension that is halved.

    Shape: any whose size along `dim` is even; the output's is half of it there. It is registered as a layer, since the shape changes.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Dauphin and others 2016 (arXiv 1612.08083), section 2.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.GLU()(nc.tensor([3.0, 0.0])).tolist()
        [1.5]
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = whole("GLU", "dim", dim)

    def forward(self, input: Tensor) -> Tensor:
        return ops.glu(input, self.dim)
