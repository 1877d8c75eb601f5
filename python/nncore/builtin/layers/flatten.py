"""Dimensions joined into one."""

from nncore.api import Module, Tensor, example, ops


@example(inputs=[(2, 3, 2)], output=(2, 6))
@example(config={"start_dim": 0, "end_dim": -2}, inputs=[(2, 3, 2)], output=(6, 2))
class Flatten(Module):
    """Joins the dimensions from `start_dim` to `end_dim` into one; by default all but the batch's.

    Args:
        start_dim: First dimension that is joined.
        end_dim: Last one.

    Shape: `(N, C, H, W)` to `(N, C·H·W)`.

    Raises:
        ShapeError: Dimensions that are not there, or in the wrong order.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Flatten()(ones((8, 16, 5, 5))).shape
        (8, 400)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        return _flatten(input, self.start_dim, self.end_dim)


_flatten = ops.flatten
