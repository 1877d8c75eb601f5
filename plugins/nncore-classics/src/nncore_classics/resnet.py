"""ResNet-18 to 152 for photographs, and 20 to 110 for small images."""

from __future__ import annotations

from typing import Any

from nncore.api import InvalidValueError, Tensor, as_activation, example, nn
from nncore_classics.blocks import BasicBlock, Bottleneck, conv, he, normalized
from nncore_classics.network import Network, channels, head

PLANS: dict[int, tuple[type[BasicBlock | Bottleneck], tuple[int, int, int, int]]] = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}
"""The block of each depth, and how many of them each stage has: the paper's table 1."""


@example(config={"depth": 18, "width": 0.0625, "num_classes": 3, "act": "tanh"}, inputs=[(4, 3, 64, 64)], output=(4, 3))
@example(
    config={"depth": 50, "width": 0.0625, "num_classes": 3, "first": True, "act": "tanh"},
    inputs=[(4, 3, 64, 64)],
    output=(4, 3),
    skip={"gradient": "depth 18 is checked, and Bottleneck; more depth adds kinks and no formula"},
)
class ResNet(Network):
    """A residual network for photographs: a 7x7 convolution, a pool, four stages of blocks, the mean, one linear layer.

    Parameters of 18, 34, 50, 101, 152: 11,689,512; 21,797,672; 25,557,032; 44,549,160; 60,192,808. MACs at 224x224:
    1,814,073,344; 3,663,761,408; 4,089,184,256; 7,801,405,440; 11,513,626,624 (with `first`, the paper's own place of the
    stride, 3,857,973,248; 7,570,194,432; 11,282,415,616 for the last three).

    Args:
        depth: Layers with weights: 18, 34, 50, 101 or 152.
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels.
        act: Activation.
        norm: Layer after each convolution; None for none.
        init: Initializer of the convolutions. Default: `he_normal` by fan_out.
        shortcut: `"projection"` (option B), `"padding"` (option A), or None for the plain network without shortcuts.
        first: Whether a bottleneck's first convolution takes the stride, as in the paper.

    Shape: `(N, in_channels, H, W)` to logits `(N, num_classes)`.
    State-dict names: torchvision's, `conv1.weight` to `fc.bias`.
    Preprocessing: 224x224, normalized by ImageNet's means and deviations.
    Source: He, Zhang, Ren and Sun 2016, table 1.

    Example:
        >>> import nncore as nc
        >>> from nncore import ones
        >>> nc.create("resnet18", width=0.25, num_classes=10)(ones((1, 3, 64, 64))).shape
        (1, 10)
    """

    def __init__(
        self,
        depth: int = 50,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
        shortcut: str | None = "projection",
        first: bool = False,
    ) -> None:
        super().__init__()
        if depth not in PLANS:
            raise InvalidValueError(f"ResNet has a depth of {', '.join(map(str, PLANS))}, got {depth!r}")
        block, counts = PLANS[depth]
        more = {"first": first} if block is Bottleneck else {}
        planes = channels(width, 64, 128, 256, 512)
        self.conv1 = nn.Conv2d(in_channels, planes[0], 7, 2, 3, bias=norm is None, init=he(init))
        self.bn1 = normalized(norm, planes[0])
        self.act = as_activation(act)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        before = planes[0]
        for stage, (size, count) in enumerate(zip(planes, counts, strict=True)):
            blocks = []
            for at in range(count):
                stride = 2 if stage and not at else 1
                blocks.append(block(before, size, stride, act, norm, init, shortcut, **more))
                before = block.expansion * size
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = head(before, num_classes, None)

    def forward(self, input: Tensor) -> Tensor:
        input = self.maxpool(self.act(self.bn1(self.conv1(input))))
        input = self.layer4(self.layer3(self.layer2(self.layer1(input))))
        logits: Tensor = self.fc(self.avgpool(input).flatten(1))
        return logits


@example(config={"depth": 8, "width": 0.25, "num_classes": 3, "act": "tanh"}, inputs=[(2, 3, 8, 8)], output=(2, 3))
@example(
    config={"depth": 8, "width": 0.25, "num_classes": 3, "act": "tanh", "shortcut": None, "norm": None},
    inputs=[(2, 3, 8, 8)],
    output=(2, 3),
)
class CIFARResNet(Network):
    """A residual network for images of about 32x32: a 3x3 convolution, three stages of n blocks, the mean, a linear layer.

    6n + 2 layers. Parameters of 20, 32, 44, 56, 110 with option A: 269,722; 464,154; 658,586; 853,018; 1,727,962; of 20 with
    option B: 272,474.

    Args:
        depth: Layers with weights: 6n + 2.
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels.
        act: Activation.
        norm: Layer after each convolution; None for none.
        init: Initializer of the convolutions. Default: `he_normal` by fan_out.
        shortcut: `"padding"` (option A, the paper's here), `"projection"` (option B), or None for the plain network.

    Shape: `(N, in_channels, H, W)` to logits `(N, num_classes)`.
    Preprocessing: 32x32, the mean of each pixel subtracted.
    Source: He, Zhang, Ren and Sun 2016, section 4.2.

    Example:
        >>> import nncore as nc
        >>> from nncore import ones
        >>> nc.create("resnet20")(ones((1, 3, 32, 32))).shape
        (1, 10)
    """

    def __init__(
        self,
        depth: int = 20,
        num_classes: int = 10,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
        shortcut: str | None = "padding",
    ) -> None:
        super().__init__()
        if isinstance(depth, bool) or not isinstance(depth, int) or depth < 8 or depth % 6 != 2:
            raise InvalidValueError(f"a residual network for small images has 6n + 2 layers, got depth={depth!r}")
        planes = channels(width, 16, 32, 64)
        self.conv1 = conv(in_channels, planes[0], 3, 1, he(init), norm)
        self.bn1 = normalized(norm, planes[0])
        self.act = as_activation(act)
        before = planes[0]
        for stage, size in enumerate(planes):
            blocks = []
            for at in range((depth - 2) // 6):
                stride = 2 if stage and not at else 1
                blocks.append(BasicBlock(before, size, stride, act, norm, init, shortcut))
                before = size
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = head(before, num_classes, None)

    def forward(self, input: Tensor) -> Tensor:
        input = self.act(self.bn1(self.conv1(input)))
        input = self.layer3(self.layer2(self.layer1(input)))
        logits: Tensor = self.fc(self.avgpool(input).flatten(1))
        return logits
