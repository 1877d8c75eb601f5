"""One dimension cut into several."""

from __future__ import annotations

from typing import Any

from nncore.api import InvalidValueError, Module, Tensor, example, ops


@example(config={"dim": 1, "unflattened_size": [2, 3]}, inputs=[(4, 6)], output=(4, 2, 3))
@example(config={"dim": -2, "unflattened_size": [-1, 2]}, inputs=[(4, 6, 5)], output=(4, 3, 2, 5))
class Unflatten(Module):
    """Cuts one dimension into several: the way back from `Flatten`.

    Args:
        dim: The dimension.
        unflattened_size: The sizes that take its place. One of them may be -1, for what is left.

    Shape: `(..., size, ...)` to `(..., *unflattened_size, ...)`.

    Raises:
        InvalidValueError: Sizes that are no integers.
        ShapeError: A dimension that is not there, or sizes that do not multiply to its own.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Unflatten(1, (16, 5, 5))(ones((8, 400))).shape
        (8, 16, 5, 5)
    """

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        sizes = (unflattened_size,) if type(unflattened_size) is int else unflattened_size
        known = isinstance(sizes, (tuple, list)) and sizes and all(type(size) is int and size >= -1 for size in sizes)
        if not known or list(sizes).count(-1) > 1:
            raise InvalidValueError(
                f"Unflatten: unflattened_size is one or several sizes, of which one may be -1; got {unflattened_size!r}"
            )
        if type(dim) is not int:
            raise InvalidValueError(f"Unflatten: dim is an integer, got {dim!r}")
        self.dim = dim
        self.unflattened_size = tuple(sizes)

    def forward(self, input: Tensor) -> Tensor:
        return ops.unflatten(input, self.dim, self.unflattened_size)
