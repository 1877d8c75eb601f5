"""MobileNet v2."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import Module, Tensor, as_activation, example, nn
from nncore_modern.parts import SEAMS, conv, factor, he, images, normalized, positive

PLAN = [
    # expand, channels, repeats, stride
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]
"""The paper's table 2: t, c, n and s of each stage."""


def divisible(value: float, divisor: int) -> int:
    """The multiple of the divisor that is nearest, but not below it, and not below nine tenths of the value."""
    near = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return near if near >= 0.9 * value else near + divisor


def unit(
    owner: str, before: int, after: int, size: int, stride: int, groups: int, act: Any, norm: Any, init: Any
) -> nn.Sequential:
    """Convolution, norm, activation."""
    return nn.Sequential(
        conv(before, after, size, stride, init, norm, groups), normalized(owner, norm, after), as_activation(act)
    )


@example(
    config={"before": 3, "after": 4, "stride": 2, "expand": 2, "act": "tanh"},
    inputs=[(2, 3, 6, 6)],
    output=(2, 4, 3, 3),
)
@example(config={"before": 3, "after": 3, "expand": 1, "act": "tanh"}, inputs=[(2, 3, 4, 4)], output=(2, 3, 4, 4))
class InvertedResidual(Module):
    """Few channels outside, many inside: a 1x1 convolution that expands, one of 3x3 for each channel by itself, and a 1x1
    one that shrinks, without an activation after it. The input is added where the shape stays.

    Args:
        before: Channels of the input.
        after: Channels of the output.
        stride: Step of the 3x3 convolution.
        expand: How many times as many channels there are inside; with 1 there is no first convolution.
        act: Activation of the first two convolutions.
        norm: Layer after each convolution; None for none.
        init: Initializer of the weights. Default: `he_normal` by fan_out.

    Shape: `(N, before, H, W)` to `(N, after, ceil(H/stride), ceil(W/stride))`.
    Source: Sandler and others 2018, table 1 and figure 4(d).
    """

    components: ClassVar = SEAMS

    def __init__(
        self,
        before: int,
        after: int,
        stride: int = 1,
        expand: int = 6,
        act: Any = "relu6",
        norm: Any = "batch_norm2d",
        init: Any = None,
    ) -> None:
        super().__init__()
        name = "InvertedResidual"
        positive(name, before=before, after=after, stride=stride, expand=expand)
        init, inside = he(init), before * expand
        self.adds = stride == 1 and before == after
        self.conv = nn.Sequential(
            *([unit(name, before, inside, 1, 1, 1, act, norm, init)] if expand != 1 else []),
            unit(name, inside, inside, 3, stride, inside, act, norm, init),
            conv(inside, after, 1, 1, init, norm),
            normalized(name, norm, after),
        )

    def forward(self, input: Tensor) -> Tensor:
        output: Tensor = self.conv(input)
        return input + output if self.adds else output


@example(
    config={"width": 0.1, "num_classes": 3, "divisor": 2, "features": 6, "act": "tanh", "dropout": 0.0},
    inputs=[(8, 3, 64, 64)],
    output=(8, 3),
)
class MobileNetV2(Module):
    """MobileNet v2: inverted residuals, of which the convolutions see one channel each, for small devices.

    3,504,872 parameters; 300,774,272 MACs at 224x224.

    Args:
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels, the paper's α. The channels before the classifier only grow with it.
        act: Activation.
        norm: Layer after each convolution; None for none.
        init: Initializer of the convolutions. Default: `he_normal` by fan_out.
        dropout: Probability of dropping an element before the classifier.
        divisor: Channels are multiples of it.
        features: Channels before the classifier.

    Shape: `(N, in_channels, H, W)` to logits `(N, num_classes)`.
    State-dict names: torchvision's, `features.0.0.weight` to `classifier.1.bias`.
    Preprocessing: 224x224, normalized by ImageNet's means and deviations.
    Source: Sandler, Howard, Zhu, Zhmoginov and Chen 2018, table 2; torchvision for rounding, dropout and first weights.

    Example:
        >>> import nncore as nc
        >>> nc.create("mobilenet_v2", width=0.25, num_classes=10)(nc.ones((1, 3, 64, 64))).shape
        (1, 10)
    """

    components: ClassVar = SEAMS

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu6",
        norm: Any = "batch_norm2d",
        init: Any = None,
        dropout: float = 0.2,
        divisor: int = 8,
        features: int = 1280,
    ) -> None:
        super().__init__()
        name = "MobileNetV2"
        positive(name, num_classes=num_classes, in_channels=in_channels, divisor=divisor, features=features)
        times = factor(name, "width", width)
        before = divisible(32 * times, divisor)
        layers: list[Module] = [unit(name, in_channels, before, 3, 2, 1, act, norm, he(init))]
        for expand, size, count, stride in PLAN:
            after = divisible(size * times, divisor)
            for at in range(count):
                layers.append(InvertedResidual(before, after, 1 if at else stride, expand, act, norm, init))
                before = after
        last = divisible(features * max(1.0, times), divisor)
        layers.append(unit(name, before, last, 1, 1, 1, act, norm, he(init)))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        head = {"name": "normal", "std": 0.01} if init is None else init
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(last, num_classes, init=head))

    def forward(self, input: Tensor) -> Tensor:
        images(self, input)
        logits: Tensor = self.classifier(self.avgpool(self.features(input)).flatten(1))
        return logits
