"""Transposed convolutions over sequences, images and volumes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Parameter, ShapeError, Tensor, as_activation, example, ops
from nncore.builtin.layers._checks import Size, choice, divided, positive, sizes


class _ConvTranspose(Module):
    """What the transposed convolutions share; they differ in how many dimensions a window has."""

    components: ClassVar = {"init": "initializer", "act": "activation"}
    rank: ClassVar[int]
    op: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        padding_mode: str = "zeros",
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
        self.padding = sizes(self, "padding", padding, rank, 0)
        self.output_padding = sizes(self, "output_padding", output_padding, rank, 0)
        self.dilation = sizes(self, "dilation", dilation, rank, 1)
        self.groups = divided(self, groups, in_channels=in_channels, out_channels=out_channels)
        self.padding_mode = choice(self, "padding_mode", padding_mode, ("zeros",))
        steps = zip(self.output_padding, self.stride, self.dilation, strict=True)
        if any(more >= max(stride, dilation) for more, stride, dilation in steps):
            raise InvalidValueError(
                f"{type(self).__name__}: output_padding={self.output_padding} must be smaller than "
                f"stride={self.stride} or dilation={self.dilation}"
            )
        self.weight = Parameter((in_channels, out_channels // groups, *self.kernel_size), init=init)
        self.bias = (
            Parameter((out_channels,), init="fan_in_uniform" if init is None else "zeros", fan_in=self.weight.fan_in)
            if bias
            else None
        )
        self.act = None if act is None else as_activation(act)

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        more = self.output_padding if output_size is None else self._more(input, output_size)
        output = self.op(input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation)
        return output if self.act is None else self.act(output)

    def _more(self, input: Tensor, output_size: Sequence[int]) -> tuple[int, ...]:
        """The output padding that leads to this size."""
        name, rank = type(self).__name__, self.rank
        if input.ndim not in (rank + 1, rank + 2) or len(output_size) not in (rank, input.ndim):
            raise ShapeError(f"{name}: output_size is {rank} sizes, got {tuple(output_size)}", shapes=[input.shape])
        wanted = tuple(output_size)[-rank:]
        each = zip(input.shape[-rank:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True)
        least = tuple(
            (size - 1) * step - 2 * border + gap * (kernel - 1) + 1 for size, step, border, gap, kernel in each
        )
        for want, low, step in zip(wanted, least, self.stride, strict=True):
            if not low <= want < low + step:
                most = tuple(low + step - 1 for low, step in zip(least, self.stride, strict=True))
                raise ShapeError(
                    f"{name}: output_size lies between {least} and {most}, got {wanted}", shapes=[input.shape]
                )
        return tuple(want - low for want, low in zip(wanted, least, strict=True))


@example(config={"in_channels": 2, "out_channels": 3, "kernel_size": 3}, inputs=[(2, 2, 4)], output=(2, 3, 6))
@example(
    config={
        "in_channels": 2, "out_channels": 4, "kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1, "groups": 2,
    },
    inputs=[(2, 4)],
    output=(4, 8),
)  # fmt: skip
class ConvTranspose1d(_ConvTranspose):
    """Transposed convolution over sequences: what `Conv1d` does to the gradient of its input, also called deconvolution.

    Each element of the input adds its filter, times itself, to the output: `y[o, i·stride + k·dilation - padding] +=
    weight[c, o, k]·x[c, i]`, and the bias is added.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Length of the window.
        stride: How far apart the windows of neighbouring elements lie.
        padding: How much is cut off at both ends.
        output_padding: How much the output is longer at its end; smaller than stride or dilation.
        groups: The channels are divided into so many groups, each with filters of its own.
        bias: Whether there is a bias.
        dilation: Distance between the taps of a filter.
        padding_mode: `"zeros"`, the only one there is.
        init: Initializer of the weight; the bias then begins at zero. Default: weight and bias from
            U(-1/sqrt(fan), 1/sqrt(fan)) with fan = out_channels/groups·kernel_size, as in PyTorch.
        act: Activation that follows: a name, a configured spec, a class, a function or a Module. Default: none.

    Called with `output_size`, it takes the output padding that leads to this length.

    Shape: `(N, in_channels, L)` or `(in_channels, L)` to the same with out_channels and
    L' = (L - 1)·stride - 2·padding + dilation·(kernel_size - 1) + output_padding + 1.
    Parameters: `weight` `(in_channels, out_channels/groups, kernel_size)`, `bias` `(out_channels,)` or None.

    Raises:
        InvalidValueError: An argument out of its range, or groups that do not divide the channels.
        ShapeError: An input of other channels, or an output size that no output padding leads to.

    Source: Zeiler and others 2010.

    Example:
        >>> from nncore import nn, ones
        >>> nn.ConvTranspose1d(2, 4, 4, stride=2, padding=1)(ones((8, 2, 20))).shape
        (8, 4, 40)
    """

    rank = 1
    op = staticmethod(ops.conv_transpose1d)


@example(config={"in_channels": 2, "out_channels": 3, "kernel_size": 2}, inputs=[(2, 2, 3, 2)], output=(2, 3, 4, 3))
@example(
    config={
        "in_channels": 2, "out_channels": 2, "kernel_size": [3, 2], "stride": 2, "padding": [1, 0], "output_padding": 1,
        "groups": 2, "dilation": 2, "act": "tanh",
    },
    inputs=[(2, 3, 3)],
    output=(2, 8, 8),
)  # fmt: skip
class ConvTranspose2d(_ConvTranspose):
    """Transposed convolution over images: what `Conv2d` does to the gradient of its input, also called deconvolution.

    As `ConvTranspose1d`, with sizes that are one number or `(height, width)`.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Size of the window.
        stride: How far apart the windows of neighbouring elements lie.
        padding: How much is cut off at each border.
        output_padding: How much the output is larger at its end; smaller than stride or dilation.
        groups: The channels are divided into so many groups, each with filters of its own.
        bias: Whether there is a bias.
        dilation: Distance between the taps of a filter.
        padding_mode: `"zeros"`, the only one there is.
        init: Initializer of the weight; the bias then begins at zero. Default: weight and bias from
            U(-1/sqrt(fan), 1/sqrt(fan)) with fan = out_channels/groups·kernel height·kernel width, as in PyTorch.
        act: Activation that follows. Default: none.

    Called with `output_size`, it takes the output padding that leads to this size.

    Shape: `(N, in_channels, H, W)` or `(in_channels, H, W)` to the same with out_channels and
    H' = (H - 1)·stride - 2·padding + dilation·(kernel - 1) + output_padding + 1.
    Parameters: `weight` `(in_channels, out_channels/groups, kernel height, kernel width)`, `bias` or None.

    Raises:
        InvalidValueError: An argument out of its range, or groups that do not divide the channels.
        ShapeError: An input of other channels, or an output size that no output padding leads to.

    Source: Dumoulin and Visin 2016 (arXiv 1603.07285), chapter 4.

    Example:
        >>> from nncore import nn, ones
        >>> up = nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1)
        >>> up(ones((1, 2, 7, 7))).shape, up(ones((1, 2, 7, 7)), output_size=(14, 14)).shape
        ((1, 4, 13, 13), (1, 4, 14, 14))
    """

    rank = 2
    op = staticmethod(ops.conv_transpose2d)


@example(
    config={"in_channels": 1, "out_channels": 2, "kernel_size": 2}, inputs=[(1, 1, 2, 2, 2)], output=(1, 2, 3, 3, 3)
)
@example(
    config={"in_channels": 2, "out_channels": 2, "kernel_size": 2, "stride": [1, 2, 3], "groups": 2, "bias": False},
    inputs=[(2, 2, 1, 2)],
    output=(2, 3, 2, 5),
)
class ConvTranspose3d(_ConvTranspose):
    """Transposed convolution over volumes: what `Conv3d` does to the gradient of its input.

    As `ConvTranspose2d`, with sizes that are one number or `(depth, height, width)`.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Size of the window.
        stride: How far apart the windows of neighbouring elements lie.
        padding: How much is cut off at each border.
        output_padding: How much the output is larger at its end; smaller than stride or dilation.
        groups: The channels are divided into so many groups, each with filters of its own.
        bias: Whether there is a bias.
        dilation: Distance between the taps of a filter.
        padding_mode: `"zeros"`, the only one there is.
        init: Initializer of the weight; the bias then begins at zero. Default: as `ConvTranspose2d`.
        act: Activation that follows. Default: none.

    Shape: `(N, in_channels, D, H, W)` or `(in_channels, D, H, W)` to the same with out_channels and
    D' = (D - 1)·stride - 2·padding + dilation·(kernel - 1) + output_padding + 1.

    Raises:
        InvalidValueError: An argument out of its range, or groups that do not divide the channels.
        ShapeError: An input of other channels, or an output size that no output padding leads to.

    Source: Dumoulin and Visin 2016 (arXiv 1603.07285), chapter 4.

    Example:
        >>> from nncore import nn, ones
        >>> nn.ConvTranspose3d(1, 2, 2, stride=2)(ones((4, 1, 3, 4, 5))).shape
        (4, 2, 6, 8, 10)
    """

    rank = 3
    op = staticmethod(ops.conv_transpose3d)
