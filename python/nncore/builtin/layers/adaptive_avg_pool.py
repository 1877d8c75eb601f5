"""Mean over as many windows as the output shall have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from nncore.api import Module, Tensor, example, ops
from nncore.builtin.layers._checks import adaptive_sizes


class _AdaptiveAvgPool(Module):
    """What the adaptive average pools share; they differ in how many dimensions they pool over."""

    rank: ClassVar[int]
    op: ClassVar[Callable[..., Tensor]]

    def __init__(self, output_size: int | Sequence[int | None] | None) -> None:
        super().__init__()
        self.output_size = adaptive_sizes(self, output_size, self.rank)

    def forward(self, input: Tensor) -> Tensor:
        return self.op(input, self.output_size)


@example(config={"output_size": 3}, inputs=[(2, 3, 7)], output=(2, 3, 3))
@example(config={"output_size": [2]}, inputs=[(3, 5)], output=(3, 2))
class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The mean of as many windows of each channel of a sequence as the output shall have.

    Window i reaches from floor(i·L / L') to ceil((i + 1)·L / L'), so that windows differ in size where L' does not
    divide L.

    Args:
        output_size: Its length, L'. None keeps it.

    Shape: `(N, C, L)` or `(C, L)` to the same with the output's sizes.

    Raises:
        InvalidValueError: An output size that is no positive number.
        ShapeError: An input of another rank, or an empty one.

    Source: PyTorch, for where the windows begin and end.

    Example:
        >>> from nncore import nn, ones
        >>> nn.AdaptiveAvgPool1d(4)(ones((2, 3, 7))).shape
        (2, 3, 4)
    """

    rank = 1
    op = staticmethod(ops.adaptive_avg_pool1d)


@example(config={"output_size": 2}, inputs=[(1, 2, 5, 4)], output=(1, 2, 2, 2))
@example(config={"output_size": [None, 2]}, inputs=[(2, 3, 5)], output=(2, 3, 2))
class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The mean of as many windows of each channel of an image as the output shall have.

    Window i reaches from floor(i·H / H') to ceil((i + 1)·H / H'), so that windows differ in size where H' does not
    divide H.

    Args:
        output_size: `(H', W')`, or one number for both. None keeps a size.

    Shape: `(N, C, H, W)` or `(C, H, W)` to the same with the output's sizes.

    Raises:
        InvalidValueError: An output size that is no positive number.
        ShapeError: An input of another rank, or an empty one.

    Source: PyTorch, for where the windows begin and end.

    Example:
        >>> from nncore import nn, ones
        >>> nn.AdaptiveAvgPool2d(1)(ones((1, 8, 7, 7))).shape
        (1, 8, 1, 1)
    """

    rank = 2
    op = staticmethod(ops.adaptive_avg_pool2d)


@example(config={"output_size": 1}, inputs=[(1, 2, 3, 2, 2)], output=(1, 2, 1, 1, 1))
@example(config={"output_size": [2, None, 3]}, inputs=[(2, 3, 2, 4)], output=(2, 2, 2, 3))
class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The mean of as many windows of each channel of a volume as the output shall have.

    Window i reaches from floor(i·D / D') to ceil((i + 1)·D / D'), so that windows differ in size where D' does not
    divide D.

    Args:
        output_size: `(D', H', W')`, or one number for all. None keeps a size.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with the output's sizes.

    Raises:
        InvalidValueError: An output size that is no positive number.
        ShapeError: An input of another rank, or an empty one.

    Source: PyTorch, for where the windows begin and end.

    Example:
        >>> from nncore import nn, ones
        >>> nn.AdaptiveAvgPool3d((2, None, 3))(ones((1, 8, 4, 6, 6))).shape
        (1, 8, 2, 6, 3)
    """

    rank = 3
    op = staticmethod(ops.adaptive_avg_pool3d)
