"""Mean over windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Tensor, example, ops
from nncore.builtin.layers._checks import Size, half_window, sizes


class _AvgPool(Module):
    """What the average pools share; they differ in how many dimensions a window has."""

    rank: ClassVar[int]
    op: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = sizes(self, "kernel_size", kernel_size, self.rank, 1)
        self.stride = self.kernel_size if stride is None else sizes(self, "stride", stride, self.rank, 1)
        self.padding = half_window(self, sizes(self, "padding", padding, self.rank, 0), self.kernel_size)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return self.op(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


class _DividedPool(_AvgPool):
    """An average pool that may divide by another number than its window's size."""

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        right: Any = divisor_override is None or (type(divisor_override) is int and divisor_override != 0)
        if not right:
            raise InvalidValueError(
                f"{type(self).__name__}: divisor_override is an integer other than 0, or None; got {divisor_override!r}"
            )
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        return self.op(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


@example(config={"kernel_size": 2}, inputs=[(2, 3, 6)], output=(2, 3, 3))
@example(
    config={"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False},
    inputs=[(2, 6)],
    output=(2, 4),
)
class AvgPool1d(_AvgPool):
    """The mean of each window of each channel of a sequence.

    Args:
        kernel_size: Length of the window.
        stride: Step of the window. Default: `kernel_size`, so that windows do not overlap.
        padding: Zeros at both ends, at most half the window.
        ceil_mode: Whether a last window that reaches over the border counts.
        count_include_pad: Whether the zeros of the border count in the mean.

    Shape: `(N, C, L)` or `(C, L)` to the same with L' = floor((L + 2·padding - kernel_size) / stride) + 1.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or shorter than the window.

    Source: LeCun and others 1998, Gradient-based learning applied to document recognition, section II.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.AvgPool1d(2)(tensor([[1.0, 3.0, 2.0, 0.0]])).tolist()
        [[2.0, 1.0]]
    """

    rank = 1
    op = staticmethod(ops.avg_pool1d)


@example(config={"kernel_size": 2}, inputs=[(1, 2, 4, 5)], output=(1, 2, 2, 2))
@example(
    config={"kernel_size": [3, 2], "stride": 2, "padding": 1, "ceil_mode": True, "divisor_override": 5},
    inputs=[(2, 4, 4)],
    output=(2, 3, 3),
)
class AvgPool2d(_DividedPool):
    """The mean of each window of each channel.

    Args:
        kernel_size: Size of the window, one number or `(height, width)`.
        stride: Step of the window. Default: `kernel_size`, so that windows do not overlap.
        padding: Zeros at each border, at most half the window.
        ceil_mode: Whether a last window that reaches over the border counts.
        count_include_pad: Whether the zeros of the border count in the mean.
        divisor_override: Divides the sum in place of the number of elements.

    Shape: `(N, C, H, W)` or `(C, H, W)` to the same with H' = floor((H + 2·padding - kernel) / stride) + 1.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or smaller than the window.

    Source: LeCun and others 1998, Gradient-based learning applied to document recognition, section II.

    Example:
        >>> from nncore import nn, ones
        >>> nn.AvgPool2d(2)(ones((1, 8, 32, 32))).shape
        (1, 8, 16, 16)
    """

    rank = 2
    op = staticmethod(ops.avg_pool2d)


@example(config={"kernel_size": 2}, inputs=[(1, 2, 4, 2, 2)], output=(1, 2, 2, 1, 1))
@example(
    config={"kernel_size": [1, 2, 2], "stride": 1, "padding": [0, 1, 0], "count_include_pad": False},
    inputs=[(2, 2, 2, 3)],
    output=(2, 2, 3, 2),
)
class AvgPool3d(_DividedPool):
    """The mean of each window of each channel of a volume.

    Args:
        kernel_size: Size of the window, one number or `(depth, height, width)`.
        stride: Step of the window. Default: `kernel_size`.
        padding: Zeros at each border, at most half the window.
        ceil_mode: Whether a last window that reaches over the border counts.
        count_include_pad: Whether the zeros of the border count in the mean.
        divisor_override: Divides the sum in place of the number of elements.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with D' = floor((D + 2·padding - kernel) / stride) + 1.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or smaller than the window.

    Source: LeCun and others 1998, Gradient-based learning applied to document recognition, section II.

    Example:
        >>> from nncore import nn, ones
        >>> nn.AvgPool3d(2)(ones((1, 8, 4, 6, 6))).shape
        (1, 8, 2, 3, 3)
    """

    rank = 3
    op = staticmethod(ops.avg_pool3d)
