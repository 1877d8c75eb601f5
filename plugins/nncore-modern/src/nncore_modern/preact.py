"""Pre-activation residual networks for small images, and the wide ones that are made of the same units."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Tensor, as_activation, example, nn, ops
from nncore_modern.parts import SEAMS, channels, conv, factor, he, images, normalized, positive, variant


class _Unit(Module):
    """Norm and activation in front of each convolution, and nothing behind the sum.

    Where the unit changes the shape, and where it is the first of the network, the first activation stands before the
    paths part (He and others 2016b, appendix).
    """

    components: ClassVar = SEAMS
    expansion: ClassVar[int] = 1
    act: Module
    bn1: Module
    shortcut: Module | None

    def carry(self, before: int, after: int, stride: int, shortcut: str, first: bool, init: Any) -> None:
        """Make the way past the body."""
        if shortcut not in ("projection", "padding"):
            raise InvalidValueError(
                f"{type(self).__name__}: shortcut is 'projection' or 'padding', got {shortcut!r}"  #
            )
        changes = stride != 1 or before != after
        self.shared, self.stride, self.added = changes or first, stride, after - before
        if shortcut == "padding" and self.added < 0:
            raise InvalidValueError(
                f"{type(self).__name__}: shortcut='padding' adds channels, got {before} before and {after} after"
            )
        projects = changes and shortcut == "projection"
        self.shortcut = nn.Conv2d(before, after, 1, stride, bias=False, init=init) if projects else None

    def body(self, input: Tensor) -> Tensor:
        """What is learnt besides the input, from the input after its first activation."""
        raise NotImplementedError

    def forward(self, input: Tensor) -> Tensor:
        active: Tensor = self.act(self.bn1(input))
        past = active if self.shared else input
        if self.shortcut is not None:
            past = self.shortcut(past)
        else:
            if self.stride != 1:
                past = past[:, :, :: self.stride, :: self.stride]
            if self.added:
                past = ops.pad(past, (0, 0, 0, 0, 0, self.added))
        return self.body(active) + past


@example(config={"before": 3, "planes": 4, "stride": 2, "act": "tanh"}, inputs=[(2, 3, 6, 6)], output=(2, 4, 3, 3))
@example(
    config={"before": 3, "planes": 5, "stride": 2, "act": "tanh", "shortcut": "padding", "dropout": 0.2},
    inputs=[(2, 3, 5, 5)],
    output=(2, 5, 3, 3),
)
class PreActBasic(_Unit):
    """Two 3x3 convolutions and the input: `x + conv(dropout(act(norm(conv(act(norm(x)))))))`.

    Args:
        before: Channels of the input.
        planes: Channels of the output.
        stride: Step of the first convolution.
        act: Activation.
        norm: Layer before each activation; None for none.
        init: Initializer of the weights. Default: `he_normal` by fan_out.
        shortcut: How the input gets past a change of shape: `"projection"` by a 1x1 convolution, `"padding"` with zeros.
        dropout: Probability of dropping an element between the convolutions.
        first: Whether it is the first of its network: its first activation then stands before the paths part.

    Shape: `(N, before, H, W)` to `(N, planes, ceil(H/stride), ceil(W/stride))`.
    Source: He and others 2016b, figure 4(e); Zagoruyko and Komodakis 2016, section 2.4 for dropout.
    """

    def __init__(
        self,
        before: int,
        planes: int,
        stride: int = 1,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
        shortcut: str = "projection",
        dropout: float = 0.0,
        first: bool = False,
    ) -> None:
        super().__init__()
        name = "PreActBasic"
        positive(name, before=before, planes=planes, stride=stride)
        init = he(init)
        self.bn1 = normalized(name, norm, before)
        self.act = as_activation(act)
        self.conv1 = conv(before, planes, 3, stride, init, norm)
        self.bn2 = normalized(name, norm, planes)
        self.dropout = nn.Dropout(dropout) if dropout else None
        self.conv2 = conv(planes, planes, 3, 1, init, norm)
        self.carry(before, planes, stride, shortcut, first, init)

    def body(self, input: Tensor) -> Tensor:
        input = self.act(self.bn2(self.conv1(input)))
        output: Tensor = self.conv2(input if self.dropout is None else self.dropout(input))
        return output


@example(config={"before": 4, "planes": 2, "stride": 2, "act": "tanh"}, inputs=[(2, 4, 6, 6)], output=(2, 8, 3, 3))
@example(config={"before": 8, "planes": 2, "act": "tanh", "first": True}, inputs=[(2, 8, 3, 3)], output=(2, 8, 3, 3))
class PreActBottleneck(_Unit):
    """A 1x1, a 3x3 and a 1x1 convolution and the input, each with norm and activation in front.

    Args:
        before: Channels of the input.
        planes: Channels inside; the output has four times as many.
        stride: Step of the 3x3 convolution.
        act: Activation.
        norm: Layer before each activation; None for none.
        init: Initializer of the weights. Default: `he_normal` by fan_out.
        shortcut: As in `PreActBasic`.
        first: As in `PreActBasic`.

    Shape: `(N, before, H, W)` to `(N, 4·planes, ceil(H/stride), ceil(W/stride))`.
    Source: He and others 2016b, figure 4(e).
    """

    expansion = 4

    def __init__(
        self,
        before: int,
        planes: int,
        stride: int = 1,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
        shortcut: str = "projection",
        first: bool = False,
    ) -> None:
        super().__init__()
        name = "PreActBottleneck"
        positive(name, before=before, planes=planes, stride=stride)
        init = he(init)
        after = self.expansion * planes
        self.bn1 = normalized(name, norm, before)
        self.act = as_activation(act)
        self.conv1 = conv(before, planes, 1, 1, init, norm)
        self.bn2 = normalized(name, norm, planes)
        self.conv2 = conv(planes, planes, 3, stride, init, norm)
        self.bn3 = normalized(name, norm, planes)
        self.conv3 = conv(planes, after, 1, 1, init, norm)
        self.carry(before, after, stride, shortcut, first, init)

    def body(self, input: Tensor) -> Tensor:
        input = self.act(self.bn2(self.conv1(input)))
        output: Tensor = self.conv3(self.act(self.bn3(self.conv2(input))))
        return output


BLOCKS: dict[str, tuple[type[PreActBasic | PreActBottleneck], int]] = {
    "basic": (PreActBasic, 6),
    "bottleneck": (PreActBottleneck, 9),
}
"""Each kind of unit, and by how many layers one more in each stage deepens the network."""


class _Stages(Module):
    """A convolution, three stages of units, norm, activation, the mean over the image, one linear layer."""

    components: ClassVar = SEAMS
    layer1: Module
    layer2: Module
    layer3: Module

    def fill(
        self,
        unit: type[PreActBasic | PreActBottleneck],
        count: int,
        sizes: list[int],
        num_classes: int,
        in_channels: int,
        act: Any,
        norm: Any,
        init: Any,
        **more: Any,
    ) -> None:
        """Make the layers.

        Args:
            unit: What the stages consist of.
            count: Units of each stage.
            sizes: Channels of the first convolution, and `planes` of each stage.
            num_classes, in_channels, act, norm, init: The network's.
            **more: The units' other arguments.
        """
        name = type(self).__name__
        positive(name, num_classes=num_classes, in_channels=in_channels)
        before = sizes[0]
        self.conv1 = nn.Conv2d(in_channels, before, 3, padding=1, bias=False, init=he(init))
        for stage, planes in enumerate(sizes[1:], 1):
            units = nn.Sequential()
            for at in range(count):
                stride = 2 if stage > 1 and not at else 1
                units.append(unit(before, planes, stride, act, norm, init, first=stage == 1 and not at, **more))
                before = unit.expansion * planes
            self.add_module(f"layer{stage}", units)
        self.bn = normalized(name, norm, before)
        self.act = as_activation(act)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(before, num_classes)

    def forward(self, input: Tensor) -> Tensor:
        images(self, input)
        input = self.layer3(self.layer2(self.layer1(self.conv1(input))))
        logits: Tensor = self.fc(self.avgpool(self.act(self.bn(input))).flatten(1))
        return logits


@example(config={"depth": 11, "width": 0.25, "num_classes": 3, "act": "tanh"}, inputs=[(2, 3, 8, 8)], output=(2, 3))
@example(
    config={"depth": 8, "block": "basic", "width": 0.25, "num_classes": 3, "act": "tanh"},
    inputs=[(2, 3, 8, 8)],
    output=(2, 3),
)
class PreActResNet(_Stages):
    """A residual network for small images in which nothing stands on the way of the input: norms and activations come
    before the convolutions, inside the branch.

    Parameters of 110 (basic): 1,727,962; of 164 and 1001 (bottleneck): 1,703,258; 10,327,706.

    Args:
        depth: Layers with weights: 6n + 2 of basic units, 9n + 2 of bottlenecks.
        block: `"bottleneck"`, or `"basic"`.
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels.
        act: Activation.
        norm: Layer before each activation; None for none.
        init: Initializer of the convolutions. Default: `he_normal` by fan_out.
        shortcut: `"projection"` or `"padding"`. Default: padding for basic units, as in the first paper's networks for
            small images, and projection for bottlenecks, as in the authors' code.

    Shape: `(N, in_channels, H, W)` to logits `(N, num_classes)`.
    Preprocessing: 32x32, normalized by the training set's means and deviations.
    Source: He, Zhang, Ren and Sun 2016b, "Identity mappings in deep residual networks", section 4 and appendix.

    Example:
        >>> import nncore as nc
        >>> nc.create("preact_resnet110", width=0.25)(nc.ones((1, 3, 32, 32))).shape
        (1, 10)
    """

    def __init__(
        self,
        depth: int = 164,
        block: str = "bottleneck",
        num_classes: int = 10,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
        shortcut: str | None = None,
    ) -> None:
        super().__init__()
        if block not in BLOCKS:
            raise InvalidValueError(f"PreActResNet: block is 'basic' or 'bottleneck', got {block!r}")
        unit, step = BLOCKS[block]
        if isinstance(depth, bool) or not isinstance(depth, int) or depth < step + 2 or depth % step != 2:
            raise InvalidValueError(f"PreActResNet: depth is {step}n + 2 with {block} units, got {depth!r}")
        sizes = channels("PreActResNet", width, 16, 16, 32, 64)
        way = shortcut or ("padding" if block == "basic" else "projection")
        count = (depth - 2) // step
        self.fill(unit, count, sizes, num_classes, in_channels, act, norm, init, shortcut=way)


@example(
    config={"depth": 10, "factor": 2, "width": 0.125, "num_classes": 3, "act": "tanh", "dropout": 0.3},
    inputs=[(2, 3, 8, 8)],
    output=(2, 3),
)
class WideCIFARResNet(_Stages):
    """A wide residual network for small images, WRN-depth-factor: few pre-activation units with many channels.

    Parameters: WRN-16-8 10,961,370; WRN-28-10 36,479,194; WRN-40-4 8,949,210.

    Args:
        depth: Layers with weights, the projections among them: 6n + 4.
        factor: By how much it is wider than the plain network, the paper's k.
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of all channels.
        act: Activation.
        norm: Layer before each activation; None for none.
        init: Initializer of the convolutions. Default: `he_normal` by fan_out.
        dropout: Probability of dropping an element between a unit's convolutions; the paper also tries 0.3.

    Shape: `(N, in_channels, H, W)` to logits `(N, num_classes)`.
    Preprocessing: 32x32, normalized by the training set's means and deviations.
    Source: Zagoruyko and Komodakis 2016, table 1.

    Example:
        >>> import nncore as nc
        >>> nc.create("wrn16_8", width=0.125)(nc.ones((1, 3, 32, 32))).shape
        (1, 10)
    """

    def __init__(
        self,
        depth: int = 28,
        factor: float = 10,
        num_classes: int = 10,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        name = "WideCIFARResNet"
        if isinstance(depth, bool) or not isinstance(depth, int) or depth < 10 or depth % 6 != 4:
            raise InvalidValueError(f"{name}: depth is 6n + 4, got {depth!r}")
        first, *sizes = channels(name, width, 16, *(round(_times(name, factor) * size) for size in (16, 32, 64)))
        count = (depth - 4) // 6
        self.fill(PreActBasic, count, [first, *sizes], num_classes, in_channels, act, norm, init, dropout=dropout)


def _times(owner: str, value: Any) -> float:
    return factor(owner, "factor", value)


SMALL = {"width": 0.125, "num_classes": 3}

preact_resnet110, preact_resnet164 = (
    variant(PreActResNet, [(2, 3, 8, 8)], (2, 3), SMALL, depth=depth, block=block)
    for depth, block in ((110, "basic"), (164, "bottleneck"))
)
wrn16_8, wrn28_10, wrn40_4 = (
    variant(WideCIFARResNet, [(2, 3, 8, 8)], (2, 3), SMALL, depth=depth, factor=factor)
    for depth, factor in ((16, 8), (28, 10), (40, 4))
)
