"""Wide residual networks for photographs, as torchvision has them."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Tensor, as_activation, example, nn
from nncore_modern.parts import SEAMS, channels, conv, factor, he, images, normalized, positive, variant

PLANS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks of each stage."""
PLANES = (64, 128, 256, 512)
"""Each stage's channels inside a block of the plain network; four times as many come out."""


@example(config={"before": 4, "planes": 2, "stride": 2, "act": "tanh"}, inputs=[(2, 4, 6, 6)], output=(2, 8, 3, 3))
@example(config={"before": 8, "planes": 2, "norm": None}, inputs=[(2, 8, 3, 3)], output=(2, 8, 3, 3))
class WideBottleneck(Module):
    """A 1x1, a 3x3 and a 1x1 convolution and the input, with more channels inside than a plain bottleneck has.

    Args:
        before: Channels of the input.
        planes: The output has four times as many channels.
        stride: Step of the 3x3 convolution.
        factor: The channels inside are so many times `planes`.
        act: Activation.
        norm: Layer after each convolution; None for none.
        init: Initializer of the weights. Default: `he_normal` by fan_out.

    Shape: `(N, before, H, W)` to `(N, 4·planes, ceil(H/stride), ceil(W/stride))`.
    Source: Zagoruyko and Komodakis 2016, section 3.3.
    """

    components: ClassVar = SEAMS

    def __init__(
        self,
        before: int,
        planes: int,
        stride: int = 1,
        factor: float = 2.0,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
    ) -> None:
        super().__init__()
        name = "WideBottleneck"
        positive(name, before=before, planes=planes, stride=stride)
        init = he(init)
        inside, after = _inside(name, factor, planes), 4 * planes
        self.conv1 = conv(before, inside, 1, 1, init, norm)
        self.bn1 = normalized(name, norm, inside)
        self.conv2 = conv(inside, inside, 3, stride, init, norm)
        self.bn2 = normalized(name, norm, inside)
        self.conv3 = conv(inside, after, 1, 1, init, norm)
        self.bn3 = normalized(name, norm, after)
        self.act = as_activation(act)
        self.downsample: Module | None = None
        if stride != 1 or before != after:
            self.downsample = nn.Sequential(conv(before, after, 1, stride, init, norm), normalized(name, norm, after))

    def forward(self, input: Tensor) -> Tensor:
        output = self.act(self.bn1(self.conv1(input)))
        output = self.act(self.bn2(self.conv2(output)))
        output = self.bn3(self.conv3(output))
        result: Tensor = self.act(output + (input if self.downsample is None else self.downsample(input)))
        return result


@example(
    config={"width": 0.0625, "num_classes": 3},
    inputs=[(4, 3, 64, 64)],
    output=(4, 3),
    skip={
        "gradient": "WideBottleneck is checked; through fifty norms of few numbers the loss bends too much for differences"
    },
)
class WideResNet(Module):
    """A residual network for photographs whose bottlenecks are wider inside: more channels instead of more layers.

    With factor=2, parameters of 50, 101: 68,883,240; 126,886,696. MACs at 224x224: 11.40·10⁹; 22.75·10⁹.

    Args:
        depth: Layers with weights: 50, 101 or 152.
        factor: How many times as many channels the bottlenecks have inside; 1 makes the plain network.
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of all channels.
        act: Activation.
        norm: Layer after each convolution; None for none.
        init: Initializer of the convolutions. Default: `he_normal` by fan_out.

    Shape: `(N, in_channels, H, W)` to logits `(N, num_classes)`.
    State-dict names: torchvision's, `conv1.weight` to `fc.bias`.
    Preprocessing: 224x224, normalized by ImageNet's means and deviations.
    Source: Zagoruyko and Komodakis 2016, section 3.3; the stride in the 3x3 convolution, as torchvision has it.

    Example:
        >>> import nncore as nc
        >>> nc.create("wide_resnet50_2", width=0.125, num_classes=10)(nc.ones((1, 3, 64, 64))).shape
        (1, 10)
    """

    components: ClassVar = SEAMS
    layer1: Module
    layer2: Module
    layer3: Module
    layer4: Module

    def __init__(
        self,
        depth: int = 50,
        factor: float = 2.0,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
    ) -> None:
        super().__init__()
        name = "WideResNet"
        if depth not in PLANS:
            raise InvalidValueError(f"{name}: depth is {', '.join(map(str, PLANS))}, got {depth!r}")
        positive(name, num_classes=num_classes, in_channels=in_channels)
        planes = channels(name, width, *PLANES)
        self.conv1 = nn.Conv2d(in_channels, planes[0], 7, 2, 3, bias=norm is None, init=he(init))
        self.bn1 = normalized(name, norm, planes[0])
        self.act = as_activation(act)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        before = planes[0]
        for stage, (size, count) in enumerate(zip(planes, PLANS[depth], strict=True)):
            blocks = nn.Sequential()
            for at in range(count):
                blocks.append(WideBottleneck(before, size, 2 if stage and not at else 1, factor, act, norm, init))
                before = 4 * size
            self.add_module(f"layer{stage + 1}", blocks)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(before, num_classes)

    def forward(self, input: Tensor) -> Tensor:
        images(self, input)
        input = self.maxpool(self.act(self.bn1(self.conv1(input))))
        input = self.layer4(self.layer3(self.layer2(self.layer1(input))))
        logits: Tensor = self.fc(self.avgpool(input).flatten(1))
        return logits


def _inside(owner: str, value: Any, planes: int) -> int:
    return max(1, round(factor(owner, "factor", value) * planes))


wide_resnet50_2, wide_resnet101_2 = (
    variant(WideResNet, [(2, 3, 32, 32)], (2, 3), {"width": 0.0625, "num_classes": 3}, depth=depth, factor=2.0)
    for depth in (50, 101)
)
