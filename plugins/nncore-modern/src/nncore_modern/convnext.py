"""ConvNeXt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Parameter, ShapeError, Tensor, as_activation, example, nn, ones, ops
from nncore_modern.parts import channels, images, positive, variant

SEAMS: dict[str, str] = {"act": "activation", "init": "initializer"}

PLANS: dict[str, tuple[tuple[int, ...], tuple[int, ...], float]] = {
    "tiny": ((96, 192, 384, 768), (3, 3, 9, 3), 0.1),
    "small": ((96, 192, 384, 768), (3, 3, 27, 3), 0.4),
    "base": ((128, 256, 512, 1024), (3, 3, 27, 3), 0.5),
    "large": ((192, 384, 768, 1536), (3, 3, 27, 3), 0.5),
}
"""Channels and blocks of each stage (section 3), and how often the last block is skipped in training (table 5)."""


def drawn(init: Any) -> Any:
    """The initializer given, or the paper's."""
    return {"name": "truncated_normal", "std": 0.02} if init is None else init


@example(config={"num_channels": 3}, inputs=[(2, 3, 4, 5)], output=(2, 3, 4, 5))
class LayerNorm2d(Module):
    """Layer normalization over the channels of each place of an image, by itself.

    Args:
        num_channels: Channels.
        eps: Added to the variance.

    Shape: `(N, num_channels, H, W)`; the output has the same. Parameters: `weight` and `bias` `(num_channels,)`.
    Source: Liu and others 2022, section 2.5; Ba, Kiros and Hinton 2016.
    """

    def __init__(self, num_channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        positive("LayerNorm2d", num_channels=num_channels)
        self.num_channels, self.eps = num_channels, eps
        self.weight = Parameter((num_channels,), init="ones")
        self.bias = Parameter((num_channels,), init="zeros")

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim != 4 or input.shape[1] != self.num_channels:
            raise ShapeError(f"LayerNorm2d takes (N, {self.num_channels}, H, W)", shapes=[input.shape])
        last = input.permute(0, 2, 3, 1)
        return ops.layer_norm(last, (self.num_channels,), self.weight, self.bias, self.eps).permute(0, 3, 1, 2)


@example(config={"dims": [0, 2, 3, 1]}, inputs=[(2, 3, 4, 5)], output=(2, 4, 5, 3))
class Permute(Module):
    """The dimensions in another order, `ops.permute` as a layer.

    Args:
        dims: Which dimension of the input stands at each place.

    Shape: any of as many dimensions.
    """

    def __init__(self, dims: Sequence[int]) -> None:
        super().__init__()
        self.dims = tuple(dims)

    def forward(self, input: Tensor) -> Tensor:
        return input.permute(*self.dims)


@example(config={"p": 0.4}, inputs=[(4, 3, 2)], output=(4, 3, 2))
class StochasticDepth(Module):
    """In training, sets whole samples to 0 with probability `p`, and scales the others by 1/(1 - p); else does nothing.

    At the end of a residual branch, it skips the branch.

    Args:
        p: Probability of dropping a sample, in [0, 1).

    Shape: `(N, ...)`; the output has the same.
    Source: Huang and others 2016, section 3.

    Example:
        >>> import nncore as nc
        >>> nc.manual_seed(0)
        >>> layer = nc.registry.layers["nncore-modern/stochastic_depth"](0.5)
        >>> sorted({tuple(row) for row in layer(nc.ones((50, 2))).tolist()})
        [(0.0, 0.0), (2.0, 2.0)]
    """

    def __init__(self, p: float = 0.0) -> None:
        super().__init__()
        if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p < 1:
            raise InvalidValueError(f"StochasticDepth: p is the probability of dropping, 0 <= p < 1, got {p!r}")
        self.p = float(p)

    def forward(self, input: Tensor) -> Tensor:
        if not self.training or not self.p or not input.ndim:
            return input
        kept = ops.dropout(ones((input.shape[0], *[1] * (input.ndim - 1)), dtype=input.dtype), self.p, True)
        return input * kept


@example(config={"channels": 3, "layer_scale": 0.5, "act": "tanh"}, inputs=[(2, 3, 5, 4)], output=(2, 3, 5, 4))
@example(config={"channels": 2, "layer_scale": 1.0, "p": 0.5}, inputs=[(4, 2, 3, 3)], output=(4, 2, 3, 3))
class ConvNeXtBlock(Module):
    """A 7x7 convolution of each channel by itself, layer normalization, four times as many channels and back, and the
    input: `x + scale·linear(act(linear(norm(conv(x)))))`.

    Args:
        channels: Channels of input and output.
        layer_scale: What the scale of each channel begins at.
        p: Probability of skipping all but the input, for each sample in training.
        act: Activation between the linear layers.
        init: Initializer of the weights. Default: N(0, 0.02²), cut off.

    Shape: `(N, channels, H, W)`; the output has the same.
    Source: Liu and others 2022, figure 4; Touvron and others 2021 for the scale.
    """

    components: ClassVar = SEAMS

    def __init__(
        self, channels: int, layer_scale: float = 1e-6, p: float = 0.0, act: Any = "gelu", init: Any = None
    ) -> None:
        super().__init__()
        positive("ConvNeXtBlock", channels=channels)
        init = drawn(init)
        self.block = nn.Sequential(
            nn.Conv2d(channels, channels, 7, padding=3, groups=channels, init=init),
            Permute([0, 2, 3, 1]),
            nn.LayerNorm(channels, eps=1e-6),
            nn.Linear(channels, 4 * channels, init=init),
            as_activation(act),
            nn.Linear(4 * channels, channels, init=init),
            Permute([0, 3, 1, 2]),
        )
        self.layer_scale = Parameter((channels, 1, 1), init={"name": "constant", "value": layer_scale})
        self.stochastic_depth = StochasticDepth(p)

    def forward(self, input: Tensor) -> Tensor:
        change: Tensor = self.stochastic_depth(self.layer_scale * self.block(input))
        return input + change


@example(
    config={"width": 0.03125, "num_classes": 3, "layer_scale": 0.5},
    inputs=[(2, 3, 32, 32)],
    output=(2, 3),
)
class ConvNeXt(Module):
    """ConvNeXt: a residual network of convolutions with what has served transformers: patches, few norms and activations,
    wide blocks.

    Parameters of tiny, small, base, large: 28,589,128; 50,223,688; 88,591,464; 197,767,336. MACs at 224x224: 4.46·10⁹;
    8.68·10⁹; 15.36·10⁹; 34.36·10⁹.

    Args:
        plan: `"tiny"`, `"small"`, `"base"` or `"large"`.
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels.
        act: Activation of the blocks.
        init: Initializer of the weights. Default: N(0, 0.02²), cut off.
        layer_scale: What the scale of each branch begins at.
        stochastic_depth: Probability of skipping the last block, to which the others' rise from 0. Default: the plan's.

    Shape: `(N, in_channels, H, W)`, 32x32 or larger, to logits `(N, num_classes)`.
    State-dict names: torchvision's, `features.0.0.weight` to `classifier.2.bias`.
    Preprocessing: 224x224, normalized by ImageNet's means and deviations.
    Source: Liu, Mao, Wu, Feichtenhofer, Darrell and Xie 2022, section 3.

    Example:
        >>> import nncore as nc
        >>> nc.create("convnext_tiny", width=0.125, num_classes=10)(nc.ones((1, 3, 64, 64))).shape
        (1, 10)
    """

    components: ClassVar = SEAMS

    def __init__(
        self,
        plan: str = "tiny",
        num_classes: int = 1000,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "gelu",
        init: Any = None,
        layer_scale: float = 1e-6,
        stochastic_depth: float | None = None,
    ) -> None:
        super().__init__()
        name = "ConvNeXt"
        if plan not in PLANS:
            raise InvalidValueError(f"{name}: plan is {', '.join(map(repr, PLANS))}, got {plan!r}")
        positive(name, num_classes=num_classes, in_channels=in_channels)
        sizes, counts, skipped = PLANS[plan]
        sizes = tuple(channels(name, width, *sizes))
        skipped = StochasticDepth(skipped if stochastic_depth is None else stochastic_depth).p
        steps, made, before = sum(counts) - 1, 0, sizes[0]
        patches = nn.Conv2d(in_channels, before, 4, stride=4, init=drawn(init))
        layers = [nn.Sequential(patches, LayerNorm2d(before))]
        for size, count in zip(sizes, counts, strict=True):
            if made:
                halved = nn.Conv2d(before, size, 2, stride=2, init=drawn(init))
                layers.append(nn.Sequential(LayerNorm2d(before), halved))
            rates = [skipped * at / steps for at in range(made, made + count)]
            layers.append(nn.Sequential(*(ConvNeXtBlock(size, layer_scale, rate, act, init) for rate in rates)))
            made, before = made + count, size
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        head = nn.Linear(before, num_classes, init=drawn(init))
        self.classifier = nn.Sequential(LayerNorm2d(before), nn.Flatten(1), head)

    def forward(self, input: Tensor) -> Tensor:
        images(self, input, least=32)
        logits: Tensor = self.classifier(self.avgpool(self.features(input)))
        return logits


convnext_tiny, convnext_small, convnext_base, convnext_large = (
    variant(ConvNeXt, [(2, 3, 32, 32)], (2, 3), {"width": 0.03125, "num_classes": 3}, plan=plan) for plan in PLANS
)
