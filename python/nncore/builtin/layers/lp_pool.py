"""Norms of windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from nncore.api import InvalidValueError, Module, Tensor, example, given, ops
from nncore.builtin.layers._checks import Size, sizes


class _LPPool(Module):
    """What the power-average pools share; they differ in how many dimensions a window has."""

    rank: ClassVar[int]
    op: ClassVar[Callable[..., Tensor]]

    def __init__(
        self, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        if (
            not isinstance(norm_type, (int, float))
            or isinstance(norm_type, bool)
            or not norm_type
            or norm_type != norm_type
        ):
            raise InvalidValueError(f"{type(self).__name__}: norm_type is a number other than 0, got {norm_type!r}")
        self.norm_type = norm_type
        self.kernel_size = sizes(self, "kernel_size", kernel_size, self.rank, 1)
        self.stride = self.kernel_size if stride is None else sizes(self, "stride", stride, self.rank, 1)
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        return self.op(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


@example(config={"norm_type": 2, "kernel_size": 2}, inputs=[(2, 3, 6)], output=(2, 3, 3))
@example(
    config={"norm_type": 3.0, "kernel_size": 3, "stride": 2, "ceil_mode": True},
    inputs=[given((2, 6), low=0.1, high=2.0)],
    output=(2, 3),
)
class LPPool1d(_LPPool):
    """The p-norm of each window of each channel of a sequence: `(sum of x**p) ** (1/p)`.

    The powers are those of the numbers themselves, not of their sizes, as in PyTorch: odd norms are for numbers that
    are not negative.

    Args:
        norm_type: The p. 1 gives sums, and infinity the largest size.
        kernel_size: Length of the window.
        stride: Step of the window. Default: `kernel_size`.
        ceil_mode: Whether a last window that reaches over the border counts, as if it were full.

    Shape: `(N, C, L)` or `(C, L)` to the same with L' = floor((L - kernel_size) / stride) + 1.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or shorter than the window.

    Source: Sermanet, Chintala and LeCun 2012.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.LPPool1d(2, 2)(tensor([[3.0, 4.0, 0.0, 1.0]])).tolist()
        [[5.0, 1.0]]
    """

    rank = 1
    op = staticmethod(ops.lp_pool1d)


@example(config={"norm_type": 2, "kernel_size": 2}, inputs=[(1, 2, 4, 5)], output=(1, 2, 2, 2))
@example(config={"norm_type": 1, "kernel_size": [1, 2], "stride": 1}, inputs=[(2, 3, 3)], output=(2, 3, 2))
class LPPool2d(_LPPool):
    """The p-norm of each window of each channel: `(sum of x**p) ** (1/p)`, of the numbers themselves, not of their sizes.

    Args:
        norm_type: The p. 1 gives sums, and infinity the largest size.
        kernel_size: Size of the window, one number or `(height, width)`.
        stride: Step of the window. Default: `kernel_size`.
        ceil_mode: Whether a last window that reaches over the border counts, as if it were full.

    Shape: `(N, C, H, W)` or `(C, H, W)` to the same with H' = floor((H - kernel) / stride) + 1.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or smaller than the window.

    Source: Sermanet, Chintala and LeCun 2012.

    Example:
        >>> from nncore import nn, ones
        >>> nn.LPPool2d(2, 4)(ones((1, 1, 4, 8))).tolist()
        [[[[4.0, 4.0]]]]
    """

    rank = 2
    op = staticmethod(ops.lp_pool2d)


@example(config={"norm_type": 2, "kernel_size": 2}, inputs=[(1, 2, 2, 3, 2)], output=(1, 2, 1, 1, 1))
class LPPool3d(_LPPool):
    """The p-norm of each window of each channel of a volume: `(sum of x**p) ** (1/p)`.

    Args:
        norm_type: The p. 1 gives sums, and infinity the largest size.
        kernel_size: Size of the window, one number or `(depth, height, width)`.
        stride: Step of the window. Default: `kernel_size`.
        ceil_mode: Whether a last window that reaches over the border counts, as if it were full.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with D' = floor((D - kernel) / stride) + 1.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or smaller than the window.

    Source: Sermanet, Chintala and LeCun 2012.

    Example:
        >>> from nncore import nn, ones
        >>> nn.LPPool3d(1, 2)(ones((1, 1, 2, 2, 2))).item()
        8.0
    """

    rank = 3
    op = staticmethod(ops.lp_pool3d)
