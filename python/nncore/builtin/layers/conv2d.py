"""Convolution over images."""

from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Parameter, Tensor, as_activation, ops
from nncore.builtin.layers._pair import Pair, pair, positive


class Conv2d(Module):
    """Convolution (cross-correlation, strictly) over images.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: Size of the window, one number or `(height, width)`.
        stride: Step of the window.
        padding: Zeros at each border.
        dilation: Distance between the taps of a filter.
        groups: The channels are divided into so many groups, each with filters of its own.
        bias: Whether there is a bias.
        init: Initializer of the weight; the bias then begins at zero. Default: weight and bias from
            U(-1/sqrt(fan_in), 1/sqrt(fan_in)) with fan_in = in_channels/groups·kernel height·kernel width.
        act: Activation that follows: a name, a configured spec, a class, a function or a Module. Default: none.

    Shape: `(N, in_channels, H, W)` to `(N, out_channels, H', W')` with
    H' = floor((H + 2·padding - dilation·(kernel - 1) - 1) / stride) + 1.
    Parameters: `weight` `(out_channels, in_channels/groups, kernel height, kernel width)`, which lies channels-last in
    memory, `bias` `(out_channels,)` or None.
    """

    components: ClassVar = {"init": "initializer", "act": "activation"}

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair = 0,
        dilation: Pair = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        init: Any = None,
        act: Any = None,
    ) -> None:
        super().__init__()
        self.in_channels = positive(in_channels, "in_channels")
        self.out_channels = positive(out_channels, "out_channels")
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.stride = pair(stride, "stride", 1)
        self.padding = pair(padding, "padding", 0)
        self.dilation = pair(dilation, "dilation", 1)
        self.groups = positive(groups, "groups")
        if in_channels % groups or out_channels % groups:
            raise InvalidValueError(
                f"groups={groups} must divide in_channels={in_channels} and out_channels={out_channels}"
            )
        self.weight = Parameter((out_channels, in_channels // groups, *self.kernel_size), init=init)
        self.bias = (
            Parameter((out_channels,), init="fan_in_uniform" if init is None else "zeros", fan_in=self.weight.fan_in)
            if bias
            else None
        )
        self.act = None if act is None else as_activation(act)

    def forward(self, input: Tensor) -> Tensor:
        output = _conv2d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)
        return output if self.act is None else self.act(output)


_conv2d = ops.conv2d
