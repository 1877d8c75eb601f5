"""Maximum over windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from nncore.api import Module, example, ops
from nncore.builtin.layers._checks import Size, half_window, sizes


class _MaxPool(Module):
    """What the max pools share; they differ in how many dimensions a window has."""

    rank: ClassVar[int]
    op: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        rank = self.rank
        self.kernel_size = sizes(self, "kernel_size", kernel_size, rank, 1)
        self.stride = self.kernel_size if stride is None else sizes(self, "stride", stride, rank, 1)
        self.padding = half_window(self, sizes(self, "padding", padding, rank, 0), self.kernel_size)
        self.dilation = sizes(self, "dilation", dilation, rank, 1)
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Any) -> Any:
        return self.op(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


@example(config={"kernel_size": 2}, inputs=[(2, 3, 6)], output=(2, 3, 3))
@example(
    config={"kernel_size": 3, "stride": 2, "padding": 1, "dilation": 2, "return_indices": True, "ceil_mode": True},
    inputs=[(2, 7)],
    output=((2, 3), (2, 3)),
)
class MaxPool1d(_MaxPool):
    """The maximum of each window of each channel of a sequence.

    Args:
        kernel_size: Length of the window.
        stride: Step of the window. Default: `kernel_size`, so that windows do not overlap.
        padding: Border that no maximum is taken from, at most half the window.
        dilation: Distance between the taps of the window.
        return_indices: Whether the places of the maxima come too, int64, for `MaxUnpool1d`.
        ceil_mode: Whether a last window that reaches over the border counts.

    Shape: `(N, C, L)` or `(C, L)` to the same with L' = floor((L + 2·padding - dilation·(kernel_size - 1) - 1) / stride) + 1.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or shorter than the window.

    Source: Ranzato and others 2007, Unsupervised learning of invariant feature hierarchies.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.MaxPool1d(2)(tensor([[1.0, 3.0, 2.0, 0.0]])).tolist()
        [[3.0, 2.0]]
    """

    rank = 1
    op = staticmethod(ops.max_pool1d)


@example(config={"kernel_size": 2}, inputs=[(1, 2, 4, 5)], output=(1, 2, 2, 2))
@example(
    config={"kernel_size": [3, 2], "stride": 2, "padding": 1, "return_indices": True, "ceil_mode": True},
    inputs=[(2, 4, 4)],
    output=((2, 3, 3), (2, 3, 3)),
)
class MaxPool2d(_MaxPool):
    """The maximum of each window of each channel. Of equal values the first one gets the gradient.

    Args:
        kernel_size: Size of the window, one number or `(height, width)`.
        stride: Step of the window. Default: `kernel_size`, so that windows do not overlap.
        padding: Border that no maximum is taken from, at most half the window.
        dilation: Distance between the taps of the window.
        return_indices: Whether the places of the maxima come too, int64, for `MaxUnpool2d`.
        ceil_mode: Whether a last window that reaches over the border counts.

    Shape: `(N, C, H, W)` or `(C, H, W)` to the same with H' = floor((H + 2·padding - dilation·(kernel - 1) - 1) / stride) + 1.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or smaller than the window.

    Source: Ranzato and others 2007, Unsupervised learning of invariant feature hierarchies.

    Example:
        >>> from nncore import nn, ones
        >>> nn.MaxPool2d(3, stride=2, padding=1)(ones((1, 8, 32, 32))).shape
        (1, 8, 16, 16)
    """

    rank = 2
    op = staticmethod(ops.max_pool2d)


@example(config={"kernel_size": 2}, inputs=[(1, 2, 4, 2, 2)], output=(1, 2, 2, 1, 1))
@example(
    config={"kernel_size": [1, 2, 2], "stride": 1, "padding": [0, 1, 0], "return_indices": True},
    inputs=[(2, 2, 2, 3)],
    output=((2, 2, 3, 2), (2, 2, 3, 2)),
)
class MaxPool3d(_MaxPool):
    """The maximum of each window of each channel of a volume.

    Args:
        kernel_size: Size of the window, one number or `(depth, height, width)`.
        stride: Step of the window. Default: `kernel_size`.
        padding: Border that no maximum is taken from, at most half the window.
        dilation: Distance between the taps of the window.
        return_indices: Whether the places of the maxima come too, int64, for `MaxUnpool3d`.
        ceil_mode: Whether a last window that reaches over the border counts.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with D' = floor((D + 2·padding - dilation·(kernel - 1) - 1) /
    stride) + 1.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or smaller than the window.

    Source: Ranzato and others 2007, Unsupervised learning of invariant feature hierarchies.

    Example:
        >>> from nncore import nn, ones
        >>> nn.MaxPool3d(2)(ones((1, 8, 4, 6, 6))).shape
        (1, 8, 2, 3, 3)
    """

    rank = 3
    op = staticmethod(ops.max_pool3d)
