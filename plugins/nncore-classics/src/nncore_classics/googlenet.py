"""GoogLeNet, as in the paper and with batch normalization as in torchvision."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import Module, Tensor, as_activation, example, nn, ops
from nncore_classics.network import Network, channels, head, normalization

BLOCKS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
"""Filters of each block, the paper's table 1: 1x1; reduction and 3x3; reduction and 5x5; projection of the pool."""


@example(
    config={"before": 2, "after": 3, "kernel_size": 3, "padding": 1, "norm": "batch_norm2d"},
    inputs=[(2, 2, 4, 4)],
    output=(2, 3, 4, 4),
)
class ConvUnit(Module):
    """A convolution, its normalization if there is one, and the activation.

    Args:
        before: Channels of the input.
        after: Filters.
        kernel_size: Size of the window.
        stride: Step of the window.
        padding: Zeros at each border.
        act: Activation.
        norm: Layer that normalizes; the convolution has a bias where it is None.
        init: Initializer of the weight.

    Shape: as `Conv2d`.
    """

    components: ClassVar = {"act": "activation", "init": "initializer", "norm": "layer"}

    def __init__(
        self,
        before: int,
        after: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        act: Any = "relu",
        norm: Any = None,
        init: Any = None,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel_size, stride, padding, bias=norm is None, init=init)
        # torchvision's value, which its published weights were trained with.
        for layer in normalization(norm, after, eps=1e-3):
            self.bn = layer
        self.normalizes = norm is not None
        self.act = as_activation(act)

    def forward(self, input: Tensor) -> Tensor:
        output = self.conv(input)
        result: Tensor = self.act(self.bn(output) if self.normalizes else output)
        return result


@example(config={"before": 3, "filters": [2, 1, 2, 1, 1, 1]}, inputs=[(2, 3, 5, 5)], output=(2, 6, 5, 5))
class Inception(Module):
    """Four branches side by side, joined along the channels: 1x1, 3x3, 5x5, and a pool; each but the first reduced by 1x1.

    Args:
        before: Channels of the input.
        filters: 1x1; reduction and 3x3; reduction and 5x5; projection of the pool: a row of the paper's table 1.
        size: Window of the third branch: 5 in the paper, 3 in torchvision.
        act: Activation.
        norm: Layer that normalizes.
        init: Initializer of the weights.

    Shape: `(N, before, H, W)` to `(N, filters[0] + filters[2] + filters[4] + filters[5], H, W)`.
    Source: Szegedy and others 2015, figure 2(b).
    """

    components: ClassVar = {"act": "activation", "init": "initializer", "norm": "layer"}

    def __init__(
        self, before: int, filters: list[int], size: int = 5, act: Any = "relu", norm: Any = None, init: Any = None
    ) -> None:
        super().__init__()
        seams = {"act": act, "norm": norm, "init": init}
        one, less3, three, less5, five, pool = filters
        self.branch1 = ConvUnit(before, one, 1, **seams)
        self.branch2 = nn.Sequential(ConvUnit(before, less3, 1, **seams), ConvUnit(less3, three, 3, padding=1, **seams))
        self.branch3 = nn.Sequential(
            ConvUnit(before, less5, 1, **seams), ConvUnit(less5, five, size, padding=size // 2, **seams)
        )
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), ConvUnit(before, pool, 1, **seams))

    def forward(self, input: Tensor) -> Tensor:
        return ops.cat([self.branch1(input), self.branch2(input), self.branch3(input), self.branch4(input)], dim=1)


@example(config={"before": 3, "num_classes": 4, "width": 0.03125}, inputs=[(2, 3, 6, 6)], output=(2, 4))
class Auxiliary(Module):
    """A small classifier on a layer inside, there in training alone: a pool, a 1x1 convolution, two linear layers.

    Args:
        before: Channels of the input.
        num_classes: Outputs.
        width: Factor of its 128 filters and 1024 hidden neurons.
        act: Activation.
        norm: Layer that normalizes.
        init: Initializer of the weights.
        dropout: Probability of dropping a hidden neuron.

    Shape: `(N, before, H, W)` to logits `(N, num_classes)`.
    Source: Szegedy and others 2015, section 5.
    """

    components: ClassVar = {"act": "activation", "init": "initializer", "norm": "layer"}

    def __init__(
        self,
        before: int,
        num_classes: int,
        width: float = 1.0,
        act: Any = "relu",
        norm: Any = None,
        init: Any = None,
        dropout: float = 0.7,
    ) -> None:
        super().__init__()
        filters, hidden = channels(width, 128, 1024)
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.conv = ConvUnit(before, filters, 1, act=act, norm=norm, init=init)
        self.fc1 = nn.Linear(filters * 4 * 4, hidden, init=init)
        self.act = as_activation(act)
        self.dropout = nn.Dropout(dropout)
        self.fc2 = head(hidden, num_classes, init)

    def forward(self, input: Tensor) -> Tensor:
        input = self.conv(self.pool(input)).flatten(1)
        logits: Tensor = self.fc2(self.dropout(self.act(self.fc1(input))))
        return logits


SMALL = {"num_classes": 3, "width": 0.0625}
DEEP = {"gradient": "its many pools are kinks; Inception and the original are checked"}


@example(config={**SMALL, "aux": False, "act": "tanh"}, inputs=[(4, 3, 64, 64)], output=(4, 3), skip=DEEP)
@example(config={**SMALL, "aux": False, "original": True}, inputs=[(2, 3, 32, 32)], output=(2, 3))
class GoogLeNet(Network):
    """GoogLeNet: nine inception blocks, the mean, one linear layer; and two auxiliary heads in training.

    As torchvision has it, with batch normalization: 6,624,904 parameters, 13,004,888 with the auxiliary heads, 1,498,376,192
    MACs at 224x224. As in the paper (`original`): 6,998,552 and 13,378,280 parameters, 1,582,671,872 MACs.

    torchvision's normalizes with eps 1e-3, lets pools round up, and its "5x5" branch is 3x3.

    In training, with `aux`, the output is a dict of logits: `{"main": ..., "aux1": ..., "aux2": ...}`. A Trainer takes its loss
    for each of them, and weighs the auxiliary ones by 0.3 as the paper does; `loss_weights` changes that. In evaluation the
    output is the main logits alone.

    Args:
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels.
        act: Activation.
        norm: Layer after each convolution. Default: `"batch_norm2d"`, or none where `original`.
        init: Initializer of the weights. Default: a normal of deviation 0.01.
        dropout: Probability of dropping a feature before the last layer. Default: 0.2, or 0.4 where `original`.
        aux: Whether there are auxiliary heads.
        original: Whether it is the paper's: 5x5 windows, response normalization, no batch normalization.

    Shape: `(N, in_channels, H, W)` to logits `(N, num_classes)`.
    State-dict names: torchvision's, `conv1.conv.weight` to `fc.bias`.
    Preprocessing: 224x224; torchvision's published weights take each channel scaled to [-1, 1].
    Source: Szegedy and others 2015, table 1; torchvision 0.28.

    Example:
        >>> import nncore as nc
        >>> from nncore import ones
        >>> nc.create("googlenet", width=0.125, num_classes=10).eval()(ones((1, 3, 64, 64))).shape
        (1, 10)
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        norm: Any = None,
        init: Any = None,
        dropout: float | None = None,
        aux: bool = True,
        original: bool = False,
    ) -> None:
        super().__init__()
        norm = "batch_norm2d" if norm is None and not original else norm
        init = {"name": "normal", "std": 0.01} if init is None else init
        seams = {"act": act, "norm": norm, "init": init}
        self.original = original
        a, b = channels(width, 64, 192)
        self.conv1 = ConvUnit(in_channels, a, 7, 2, 3, **seams)
        self.maxpool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = ConvUnit(a, a, 1, **seams)
        self.conv3 = ConvUnit(a, b, 3, padding=1, **seams)
        self.maxpool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.response = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, average=False) if original else None
        before = b
        inside = {}
        for name, filters in BLOCKS.items():
            row = channels(width, *filters)
            inside[name] = before
            self.add_module(f"inception{name}", Inception(before, row, 5 if original else 3, **seams))
            before = row[0] + row[2] + row[4] + row[5]
        self.maxpool3 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.maxpool4 = nn.MaxPool2d(3 if original else 2, 2, ceil_mode=True)
        self.aux1 = Auxiliary(inside["4b"], num_classes, width, **seams) if aux else None
        self.aux2 = Auxiliary(inside["4e"], num_classes, width, **seams) if aux else None
        self.loss_weights = {"main": 1.0, "aux1": 0.3, "aux2": 0.3} if aux else {}
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout((0.4 if original else 0.2) if dropout is None else dropout)
        self.fc = head(before, num_classes, init)

    def forward(self, input: Tensor) -> Any:
        input = self.maxpool1(self.conv1(input))
        if self.response is not None:
            input = self.response(input)
        input = self.conv3(self.conv2(input))
        if self.response is not None:
            input = self.response(input)
        input = self.inception3b(self.inception3a(self.maxpool2(input)))
        first = self.inception4a(self.maxpool3(input))
        second = self.inception4d(self.inception4c(self.inception4b(first)))
        input = self.inception5a(self.maxpool4(self.inception4e(second)))
        input = self.avgpool(self.inception5b(input)).flatten(1)
        logits = self.fc(self.dropout(input))
        if not self.training or self.aux1 is None or self.aux2 is None:
            return logits
        return {"main": logits, "aux1": self.aux1(first), "aux2": self.aux2(second)}
