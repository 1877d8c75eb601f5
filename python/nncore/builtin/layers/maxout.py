"""The largest of several linear functions."""

from __future__ import annotations

from functools import reduce
from typing import Any, ClassVar

from nncore.api import Module, Parameter, Tensor, example, ops
from nncore.builtin.layers._checks import Size, divided, positive
from nncore.builtin.layers.conv import Convolution, PaddingMode


@example(config={"in_features": 3, "out_features": 2}, inputs=[(4, 3)], output=(4, 2))
@example(
    config={"in_features": 2, "out_features": 3, "pieces": 3, "bias": False, "init": "he_normal"},
    inputs=[(2, 2, 2)],
    output=(2, 2, 3),
)
class Maxout(Module):
    """Units that give the largest of several linear functions: `y = max over p of (x @ weight[p]ᵀ + bias[p])`.

    With two pieces max(w1·x + b1, w2·x + b2), of which ReLU (w1 = 0) and its leaky kin are cases. No activation follows.
    There are `pieces` times the parameters of a `Linear`.

    Args:
        in_features: Inputs of each unit.
        out_features: Units.
        pieces: Linear functions of each unit.
        bias: Whether there is a bias.
        init: Initializer of the weight; the bias then begins at zero. Default: weight and bias from
            U(-1/sqrt(in_features), 1/sqrt(in_features)).

    Shape: `(..., in_features)` to `(..., out_features)`.
    Parameters: `weight` `(pieces·out_features, in_features)`, all units' first pieces before the second ones, `bias`
    `(pieces·out_features,)` or None.

    Raises:
        InvalidValueError: Sizes that are no positive numbers.
        ShapeError: An input of another last size.

    Source: Goodfellow and others 2013.

    Example:
        >>> from nncore import nn, ones
        >>> unit = nn.Maxout(64, 10, pieces=3)
        >>> unit(ones((32, 64))).shape, unit.num_parameters() == 3 * nn.Linear(64, 10).num_parameters()
        ((32, 10), True)
    """

    components: ClassVar = {"init": "initializer"}

    def __init__(
        self, in_features: int, out_features: int, pieces: int = 2, bias: bool = True, *, init: Any = None
    ) -> None:
        super().__init__()
        self.in_features = positive(self, "in_features", in_features)
        self.out_features = positive(self, "out_features", out_features)
        self.pieces = positive(self, "pieces", pieces)
        rows = pieces * out_features
        self.weight = Parameter((rows, in_features), init=init, fan_out=out_features)
        self.bias = (
            Parameter((rows,), init="fan_in_uniform" if init is None else "zeros", fan_in=in_features) if bias else None
        )

    def forward(self, input: Tensor) -> Tensor:
        return reduce(ops.maximum, ops.linear(input, self.weight, self.bias).chunk(self.pieces, -1))


@example(config={"in_channels": 2, "out_channels": 3, "kernel_size": 3}, inputs=[(1, 2, 4, 5)], output=(1, 3, 2, 3))
@example(
    config={
        "in_channels": 4, "out_channels": 4, "kernel_size": [1, 2], "padding": "same", "groups": 2, "pieces": 3,
        "padding_mode": "replicate",
    },
    inputs=[(4, 2, 3)],
    output=(4, 2, 3),
)  # fmt: skip
class MaxoutConv2d(Convolution):
    """Filters that give the largest of several linear functions: as `Maxout`, of each window of an image.

    `y[n, o] = max over p of (x * weight[p, o] + bias[p, o])`, where `*` is the convolution. There are `pieces` times the
    parameters of a `Conv2d`.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Size of the window, one number or `(height, width)`.
        stride: Step of the window.
        padding: Zeros at each border, `"valid"` or `"same"`.
        dilation: Distance between the taps of a filter.
        groups: The channels are divided into so many groups, each with filters of its own.
        bias: Whether there is a bias.
        padding_mode: What is at the border: `"zeros"`, `"reflect"`, `"replicate"` or `"circular"`.
        pieces: Linear functions of each channel of the output.
        init: Initializer of the weight; the bias then begins at zero. Default: as `Conv2d`.

    Shape: `(N, in_channels, H, W)` or `(in_channels, H, W)` to the same with out_channels and
    H' = floor((H + 2·padding - dilation·(kernel - 1) - 1) / stride) + 1.
    Parameters: `weight` `(pieces·out_channels, in_channels/groups, kernel height, kernel width)`, in each group all first
    pieces before the second ones, `bias` `(pieces·out_channels,)` or None.

    Raises:
        InvalidValueError: An argument out of its range, or groups that do not divide the channels.
        ShapeError: An input of other channels, or smaller than the window.

    Source: Goodfellow and others 2013, section 3.

    Example:
        >>> from nncore import nn, ones
        >>> nn.MaxoutConv2d(3, 8, 3, padding=1, pieces=2)(ones((1, 3, 16, 16))).shape
        (1, 8, 16, 16)
    """

    components: ClassVar = {"init": "initializer"}
    rank = 2
    op = staticmethod(ops.conv2d)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        pieces: int = 2,
        *,
        init: Any = None,
    ) -> None:
        positive(self, "in_channels", in_channels)
        positive(self, "out_channels", out_channels)
        self.pieces = positive(self, "pieces", pieces)
        divided(self, groups, in_channels=in_channels, out_channels=out_channels)
        super().__init__(
            in_channels,
            pieces * out_channels,
            kernel_size,
            stride,
            padding,  # type: ignore[arg-type]
            dilation,
            groups,
            bias,
            padding_mode,
            init=init,
        )
        self.out_channels = out_channels

    def forward(self, input: Tensor) -> Tensor:
        output = super().forward(input)
        if self.groups == 1:
            return reduce(ops.maximum, output.chunk(self.pieces, -3))
        # Each group's filters stand together, so its pieces do.
        shape, each = output.shape, self.out_channels // self.groups
        apart = output.reshape(*shape[:-3], self.groups, self.pieces, each, *shape[-2:])
        largest = reduce(ops.maximum, apart.unbind(-4))
        return largest.reshape(*shape[:-3], self.out_channels, *shape[-2:])
