"""The way back from a max pool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from nncore.api import Module, Tensor, example, ops
from nncore.builtin.layers._checks import Size, sizes


class _MaxUnpool(Module):
    """What the unpools share; they differ in how many dimensions a window has."""

    rank: ClassVar[int]
    op: ClassVar[Callable[..., Tensor]]

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__()
        self.kernel_size = sizes(self, "kernel_size", kernel_size, self.rank, 1)
        self.stride = self.kernel_size if stride is None else sizes(self, "stride", stride, self.rank, 1)
        self.padding = sizes(self, "padding", padding, self.rank, 0)

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        if output_size is not None:
            output_size = tuple(output_size)[-self.rank :]
        return self.op(input, indices, self.kernel_size, self.stride, self.padding, output_size)


@example(config={"kernel_size": 2}, inputs={"input": (1, 2, 2), "indices": [[[0, 2], [1, 3]]]}, output=(1, 2, 4))
@example(config={"kernel_size": 3, "stride": 2}, inputs={"input": (1, 2), "indices": [[1, 2]]}, output=(1, 5))
class MaxUnpool1d(_MaxUnpool):
    """A partial inverse of `MaxPool1d`: zeros, with the maxima where they came from.

    Args:
        kernel_size: Length of the pool's window.
        stride: Step of the pool's window. Default: `kernel_size`.
        padding: The pool's padding.

    It is called with the maxima and their `indices`, as a pool with `return_indices` gives them, and with `output_size`
    where several sizes lead to as many windows.

    Shape: `(N, C, L)` or `(C, L)`, indices alike, to the same with L' = (L - 1)·stride - 2·padding + kernel_size, or
    the length that `output_size` ends in.

    Raises:
        InvalidValueError: An argument out of its range, an index beyond the output, or an output size that no input of
            the pool can have had.
        ShapeError: Indices of another shape.

    Source: Zeiler and Fergus 2014.

    Example:
        >>> from nncore import nn, tensor
        >>> pool, unpool = nn.MaxPool1d(2, return_indices=True), nn.MaxUnpool1d(2)
        >>> unpool(*pool(tensor([[1.0, 3.0, 2.0, 0.0]]))).tolist()
        [[0.0, 3.0, 2.0, 0.0]]
    """

    rank = 1
    op = staticmethod(ops.max_unpool1d)


@example(
    config={"kernel_size": 2},
    inputs={"input": (1, 1, 2, 2), "indices": [[[[0, 7], [9, 11]]]]},
    output=(1, 1, 4, 4),
)
@example(
    config={"kernel_size": 2, "stride": [2, 3], "padding": 1},
    inputs={"input": (1, 2, 2), "indices": [[[0, 1], [4, 5]]]},
    output=(1, 2, 3),
)
class MaxUnpool2d(_MaxUnpool):
    """A partial inverse of `MaxPool2d`: zeros, with the maxima where they came from.

    Args:
        kernel_size: Size of the pool's window, one number or `(height, width)`.
        stride: Step of the pool's window. Default: `kernel_size`.
        padding: The pool's padding.

    It is called with the maxima and their `indices`, as a pool with `return_indices` gives them, and with `output_size`
    where several sizes lead to as many windows.

    Shape: `(N, C, H, W)` or `(C, H, W)`, indices alike, to the same with H' = (H - 1)·stride - 2·padding + kernel, or
    the sizes that `output_size` ends in.

    Raises:
        InvalidValueError: An argument out of its range, an index beyond the output, or an output size that no input of
            the pool can have had.
        ShapeError: Indices of another shape.

    Source: Zeiler and Fergus 2014.

    Example:
        >>> from nncore import nn, rand
        >>> pool, unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
        >>> images = rand((1, 3, 7, 7))
        >>> unpool(*pool(images), output_size=images.shape).shape
        (1, 3, 7, 7)
    """

    rank = 2
    op = staticmethod(ops.max_unpool2d)


@example(
    config={"kernel_size": [1, 2, 2]},
    inputs={"input": (1, 1, 1, 1, 2), "indices": [[[[[1, 6]]]]]},
    output=(1, 1, 1, 2, 4),
)
class MaxUnpool3d(_MaxUnpool):
    """A partial inverse of `MaxPool3d`: zeros, with the maxima where they came from.

    Args:
        kernel_size: Size of the pool's window, one number or `(depth, height, width)`.
        stride: Step of the pool's window. Default: `kernel_size`.
        padding: The pool's padding.

    It is called as `MaxUnpool2d` is.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)`, indices alike, to the same with D' = (D - 1)·stride - 2·padding + kernel,
    or the sizes that `output_size` ends in.

    Raises:
        InvalidValueError: An argument out of its range, an index beyond the output, or an output size that no input of
            the pool can have had.
        ShapeError: Indices of another shape.

    Source: Zeiler and Fergus 2014.

    Example:
        >>> from nncore import nn, rand
        >>> pool, unpool = nn.MaxPool3d(2, return_indices=True), nn.MaxUnpool3d(2)
        >>> unpool(*pool(rand((1, 2, 4, 4, 6)))).shape
        (1, 2, 4, 4, 6)
    """

    rank = 3
    op = staticmethod(ops.max_unpool3d)
