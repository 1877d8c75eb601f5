"""Convolutions over sequences, images and volumes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

from nncore.api import InvalidValueError, Module, Parameter, Tensor, as_activation, example, ops
from nncore.builtin.layers._checks import Size, choice, divided, positive, sizes

PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]


class Convolution(Module):
    """What the convolutions share; they differ in how many dimensions a window has."""

    components: ClassVar = {"init": "initializer", "act": "activation"}
    rank: ClassVar[int]
    op: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | Literal["same", "valid"] = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        *,
        init: Any = None,
        act: Any = None,
    ) -> None:
        super().__init__()
        rank = self.rank
        self.in_channels = positive(self, "in_channels", in_channels)
        self.out_channels = positive(self, "out_channels", out_channels)
        self.kernel_size = sizes(self, "kernel_size", kernel_size, rank, 1)
        self.stride = sizes(self, "stride", stride, rank, 1)
        self.dilation = sizes(self, "dilation", dilation, rank, 1)
        self.groups = divided(self, groups, in_channels=in_channels, out_channels=out_channels)
        self.padding: Any = (
            choice(self, "padding", padding, ("same", "valid"))
            if isinstance(padding, str)
            else sizes(self, "padding", padding, rank, 0)
        )
        if padding == "same" and self.stride != (1,) * rank:
            raise InvalidValueError(f"{type(self).__name__}: padding='same' needs a stride of 1, got stride={stride!r}")
        self.padding_mode = choice(self, "padding_mode", padding_mode, ("zeros", "reflect", "replicate", "circular"))
        # The kernel fills in zeros itself. Other borders are put around the input before it.
        self._border = self._borders() if self.padding_mode != "zeros" else ()
        self.weight = Parameter((out_channels, in_channels // groups, *self.kernel_size), init=init)
        self.bias = (
            Parameter((out_channels,), init="fan_in_uniform" if init is None else "zeros", fan_in=self.weight.fan_in)
            if bias
            else None
        )
        self.act = None if act is None else as_activation(act)

    def _borders(self) -> tuple[int, ...]:
        """How much is added before and behind, from the last dimension on, as `ops.pad` takes it."""
        if self.padding == "valid":
            return (0, 0) * self.rank
        if self.padding == "same":
            spans = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            pairs = [(span // 2, span - span // 2) for span in spans]
        else:
            pairs = [(border, border) for border in self.padding]
        return tuple(border for pair in reversed(pairs) for border in pair)

    def forward(self, input: Tensor) -> Tensor:
        padding = self.padding
        if self._border:
            input, padding = ops.pad(input, self._border, self.padding_mode), 0
        output = self.op(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
        return output if self.act is None else self.act(output)


@example(config={"in_channels": 2, "out_channels": 4, "kernel_size": 3}, inputs=[(2, 2, 6)], output=(2, 4, 4))
@example(
    config={"in_channels": 4, "out_channels": 4, "kernel_size": 4, "padding": "same", "dilation": 2, "groups": 2},
    inputs=[(4, 8)],
    output=(4, 8),
)
@example(
    config={
        "in_channels": 2,
        "out_channels": 3,
        "kernel_size": 3,
        "stride": 2,
        "padding": 1,
        "padding_mode": "circular",
    },
    inputs=[(2, 2, 5)],
    output=(2, 3, 3),
)
class Conv1d(Convolution):
    """Convolution over sequences: `y[n, o, i] = bias[o] + sum over c, k of weight[o, c, k]·x[n, c, i·stride + k·dilation]`.

    Strictly it is a cross-correlation, as in every network library: the filter is not turned around.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: Length of the window.
        stride: Step of the window.
        padding: Zeros at both ends; `"valid"` for none, `"same"` for as many as keep the length, of which an odd one
            goes to the end.
        dilation: Distance between the taps of a filter.
        groups: The channels are divided into so many groups, each with filters of its own.
        bias: Whether there is a bias.
        padding_mode: What is at the border: `"zeros"`, or of the input itself, mirrored without its outermost element
            (`"reflect"`), the outermost element (`"replicate"`) or the other end (`"circular"`).
        init: Initializer of the weight; the bias then begins at zero. Default: weight and bias from
            U(-1/sqrt(fan_in), 1/sqrt(fan_in)) with fan_in = in_channels/groups·kernel_size.
        act: Activation that follows: a name, a configured spec, a class, a function or a Module. Default: none.

    Shape: `(N, in_channels, L)` or `(in_channels, L)` to the same with out_channels and
    L' = floor((L + 2·padding - dilation·(kernel_size - 1) - 1) / stride) + 1.
    Parameters: `weight` `(out_channels, in_channels/groups, kernel_size)`, `bias` `(out_channels,)` or None.

    Raises:
        InvalidValueError: An argument out of its range, or groups that do not divide the channels.
        ShapeError: An input of other channels, or shorter than the window.

    Source: Waibel and others 1989, Phoneme recognition using time-delay neural networks.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Conv1d(2, 4, 3, padding="same")(ones((8, 2, 20))).shape
        (8, 4, 20)
    """

    rank = 1
    op = staticmethod(ops.conv1d)


@example(config={"in_channels": 2, "out_channels": 3, "kernel_size": 3}, inputs=[(2, 2, 5, 4)], output=(2, 3, 3, 2))
@example(
    config={"in_channels": 2, "out_channels": 4, "kernel_size": [3, 2], "padding": "same", "groups": 2, "act": "tanh"},
    inputs=[(1, 2, 4, 5)],
    output=(1, 4, 4, 5),
)
@example(
    config={"in_channels": 1, "out_channels": 2, "kernel_size": 3, "padding": [2, 1], "padding_mode": "reflect"},
    inputs=[(1, 4, 5)],
    output=(2, 6, 5),
)
class Conv2d(Convolution):
    """Convolution over images: `y[n, o, i, j] = bias[o] + sum over c, k, l of weight[o, c, k, l]·x[n, c, i·s + k, j·s + l]`.

    Strictly it is a cross-correlation, as in every network library: the filter is not turned around. With
    `groups=in_channels` each channel has filters of its own: a depthwise convolution.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: Size of the window, one number or `(height, width)`.
        stride: Step of the window.
        padding: Zeros at each border; `"valid"` for none, `"same"` for as many as keep the size, of which an odd one
            goes to the right or to the bottom.
        dilation: Distance between the taps of a filter.
        groups: The channels are divided into so many groups, each with filters of its own.
        bias: Whether there is a bias.
        padding_mode: What is at the border: `"zeros"`, or of the input itself, mirrored without its outermost element
            (`"reflect"`), the outermost element (`"replicate"`) or the other end (`"circular"`).
        init: Initializer of the weight; the bias then begins at zero. Default: weight and bias from
            U(-1/sqrt(fan_in), 1/sqrt(fan_in)) with fan_in = in_channels/groups·kernel height·kernel width.
        act: Activation that follows: a name, a configured spec, a class, a function or a Module. Default: none.

    Shape: `(N, in_channels, H, W)` or `(in_channels, H, W)` to the same with out_channels and
    H' = floor((H + 2·padding - dilation·(kernel - 1) - 1) / stride) + 1.
    Parameters: `weight` `(out_channels, in_channels/groups, kernel height, kernel width)`, which lies channels-last in
    memory, `bias` `(out_channels,)` or None.

    Raises:
        InvalidValueError: An argument out of its range, or groups that do not divide the channels.
        ShapeError: An input of other channels, or smaller than the window.

    Source: LeCun and others 1989.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Conv2d(3, 8, 3, stride=2, padding=1, act="relu")(ones((1, 3, 32, 32))).shape
        (1, 8, 16, 16)
    """

    rank = 2
    op = staticmethod(ops.conv2d)


@example(
    config={"in_channels": 1, "out_channels": 2, "kernel_size": 2}, inputs=[(1, 1, 3, 3, 3)], output=(1, 2, 2, 2, 2)
)
@example(
    config={"in_channels": 2, "out_channels": 2, "kernel_size": [1, 2, 3], "padding": "same", "groups": 2},
    inputs=[(2, 2, 3, 3)],
    output=(2, 2, 3, 3),
)
@example(
    config={
        "in_channels": 1,
        "out_channels": 1,
        "kernel_size": 3,
        "padding": 1,
        "padding_mode": "replicate",
        "bias": False,
    },
    inputs=[(1, 1, 2, 3, 2)],
    output=(1, 1, 2, 3, 2),
)
class Conv3d(Convolution):
    """Convolution over volumes, or over images in time.

    As `Conv2d`, with windows of three dimensions: sizes are one number or `(depth, height, width)`.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: Size of the window.
        stride: Step of the window.
        padding: Zeros at each border, `"valid"` or `"same"`.
        dilation: Distance between the taps of a filter.
        groups: The channels are divided into so many groups, each with filters of its own.
        bias: Whether there is a bias.
        padding_mode: What is at the border: `"zeros"`, `"reflect"`, `"replicate"` or `"circular"`.
        init: Initializer of the weight; the bias then begins at zero. Default: weight and bias from
            U(-1/sqrt(fan_in), 1/sqrt(fan_in)), fan_in counting each position of the window.
        act: Activation that follows. Default: none.

    Shape: `(N, in_channels, D, H, W)` or `(in_channels, D, H, W)` to the same with out_channels and
    D' = floor((D + 2·padding - dilation·(kernel - 1) - 1) / stride) + 1.
    Parameters: `weight` `(out_channels, in_channels/groups, depth, height, width)`, `bias` `(out_channels,)` or None.

    Raises:
        InvalidValueError: An argument out of its range, or groups that do not divide the channels.
        ShapeError: An input of other channels, or smaller than the window.

    Source: Tran and others 2015 (arXiv 1412.0767).

    Example:
        >>> from nncore import nn, ones
        >>> nn.Conv3d(1, 2, (1, 3, 3))(ones((4, 1, 5, 8, 8))).shape
        (4, 2, 5, 6, 6)
    """

    rank = 3
    op = staticmethod(ops.conv3d)
