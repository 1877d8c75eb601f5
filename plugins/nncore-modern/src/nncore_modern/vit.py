"""Vision transformers."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Parameter, ShapeError, Tensor, as_activation, example, nn, ops
from nncore_modern.parts import factor, images, positive, variant

SEAMS: dict[str, str] = {"act": "activation", "init": "initializer"}

PLANS: dict[str, tuple[int, int, int, int]] = {
    # layers, features, features inside the MLP, heads
    "tiny": (12, 192, 768, 3),
    "small": (12, 384, 1536, 6),
    "base": (12, 768, 3072, 12),
    "large": (24, 1024, 4096, 16),
    "huge": (32, 1280, 5120, 16),
}
"""Base, large and huge: Dosovitskiy and others 2021, table 1. Tiny and small: Touvron and others 2021 (DeiT), table 1."""


@example(
    config={"features": 4, "heads": 2, "hidden": 6, "init": "fan_in_uniform"}, inputs=[(2, 3, 4)], output=(2, 3, 4)
)
@example(config={"features": 3, "heads": 1, "hidden": 4, "dropout": 0.2}, inputs=[(2, 5, 3)], output=(2, 5, 3))
class ViTBlock(Module):
    """Attention, then a network of two layers, each with a normalization in front and the input past both.

    Args:
        features: Features of each patch.
        heads: Heads of the attention.
        hidden: Features between the two layers.
        act: Activation between them.
        init: Initializer of the weights. Default: `xavier_uniform`; biases of the two layers N(0, (10⁻⁶)²).
        dropout: Probability of dropping an element behind the attention and behind each of the two layers.
        attention_dropout: Probability of dropping a weight of the attention.

    Shape: `(N, patches, features)`; the output has the same.
    Source: Dosovitskiy and others 2021, equations 2 and 3.
    """

    components: ClassVar = SEAMS

    def __init__(
        self,
        features: int,
        heads: int,
        hidden: int,
        act: Any = "gelu",
        init: Any = None,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        positive("ViTBlock", features=features, heads=heads, hidden=hidden)
        self.ln_1 = nn.LayerNorm(features, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(
            features, heads, dropout=attention_dropout, batch_first=True, init=init
        )
        self.dropout = nn.Dropout(dropout)
        self.ln_2 = nn.LayerNorm(features, eps=1e-6)
        self.mlp = nn.Sequential(
            _linear(features, hidden, init),
            as_activation(act),
            nn.Dropout(dropout),
            _linear(hidden, features, init),
            nn.Dropout(dropout),
        )

    def forward(self, input: Tensor) -> Tensor:
        x = self.ln_1(input)
        seen: Tensor = self.self_attention(x, x, x, need_weights=False)[0]
        x = input + self.dropout(seen)
        output: Tensor = x + self.mlp(self.ln_2(x))
        return output


class _Encoder(Module):
    """What torchvision's names call `encoder`: positions, blocks, a last normalization."""

    def __init__(self, places: int, features: int, blocks: list[ViTBlock], dropout: float) -> None:
        super().__init__()
        self.pos_embedding = Parameter((1, places, features), init={"name": "normal", "std": 0.02})
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.Sequential({f"encoder_layer_{at}": block for at, block in enumerate(blocks)})
        self.ln = nn.LayerNorm(features, eps=1e-6)

    def forward(self, input: Tensor) -> Tensor:
        output: Tensor = self.ln(self.layers(self.dropout(input + self.pos_embedding)))
        return output


@example(
    config={
        "plan": "tiny",
        "patch": 4,
        "size": 8,
        "depth": 2,
        "width": 0.03125,
        "num_classes": 3,
        "init": "fan_in_uniform",
    },
    inputs=[(2, 3, 8, 8)],
    output=(2, 3),
)
class ViT(Module):
    """A vision transformer: an image is a sequence of patches, and a token before them gathers what the classifier reads.

    Parameters at 224x224: base of patches 16, 32: 86,567,656; 88,224,232; large: 304,326,632; 306,535,400; huge of 14:
    632,045,800; tiny and small of 16: 5,717,416; 22,050,664. MACs of base, 16: 17.56·10⁹.

    Args:
        plan: `"tiny"`, `"small"`, `"base"`, `"large"` or `"huge"`.
        patch: Height and width of a patch.
        size: Height and width of the images, a multiple of `patch`.
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the features; they stay a multiple of the heads.
        depth: Layers. Default: the plan's.
        act: Activation of the blocks.
        init: Initializer of the weights. Default: the blocks' own, N(0, 1/fan_in) cut off for the patches, and zeros for
            the classifier.
        dropout: Probability of dropping an element, of the embedded patches and in the blocks.
        attention_dropout: Probability of dropping a weight of an attention.

    Shape: `(N, in_channels, size, size)` to logits `(N, num_classes)`.
    State-dict names: torchvision's, `class_token` to `heads.head.bias`.
    Preprocessing: 224x224, normalized by ImageNet's means and deviations.
    Source: Dosovitskiy and others 2021 (arXiv 2010.11929), section 3.1.

    Example:
        >>> import nncore as nc
        >>> small = nc.create("vit", plan="tiny", patch=4, size=32, depth=4, num_classes=10)
        >>> small(nc.ones((1, 3, 32, 32))).shape
        (1, 10)
    """

    components: ClassVar = SEAMS

    def __init__(
        self,
        plan: str = "base",
        patch: int = 16,
        size: int = 224,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: float = 1.0,
        depth: int | None = None,
        act: Any = "gelu",
        init: Any = None,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        name = "ViT"
        if plan not in PLANS:
            raise InvalidValueError(f"{name}: plan is {', '.join(map(repr, PLANS))}, got {plan!r}")
        layers, features, hidden, heads = PLANS[plan]
        layers = layers if depth is None else depth
        positive(name, patch=patch, size=size, num_classes=num_classes, in_channels=in_channels, depth=layers)
        if size % patch:
            raise InvalidValueError(f"{name}: size is a multiple of patch={patch}, got {size}")
        times = factor(name, "width", width)
        features, hidden = heads * max(1, round(times * features / heads)), max(1, round(times * hidden))
        self.size = size
        fan_in = in_channels * patch * patch
        patches = {"name": "truncated_normal", "std": fan_in**-0.5} if init is None else init
        self.class_token = Parameter((1, 1, features), init="zeros")
        self.conv_proj = nn.Conv2d(in_channels, features, patch, stride=patch, init=patches)
        blocks = [ViTBlock(features, heads, hidden, act, init, dropout, attention_dropout) for _ in range(layers)]
        self.encoder = _Encoder((size // patch) ** 2 + 1, features, blocks, dropout)
        head = nn.Linear(features, num_classes, init="zeros" if init is None else init)
        self.heads = nn.Sequential({"head": head})

    def forward(self, input: Tensor) -> Tensor:
        images(self, input)
        if input.shape[2:] != (self.size, self.size):
            height, width = input.shape[2:]
            raise ShapeError(
                f"ViT has positions for images of {self.size}x{self.size}, got {height}x{width}; resize them, or make it "
                f"with size={height}",
                shapes=[input.shape],
            )
        patches = self.conv_proj(input).flatten(2).permute(0, 2, 1)
        token = self.class_token.expand(input.shape[0], 1, patches.shape[2])
        logits: Tensor = self.heads(self.encoder(ops.cat([token, patches], 1))[:, 0])
        return logits


def _linear(before: int, after: int, init: Any) -> nn.Linear:
    made = nn.Linear(before, after, init="xavier_uniform" if init is None else init)
    if init is None:
        made.bias = Parameter((after,), init={"name": "normal", "std": 1e-6})
    return made


CHECKED: dict[str, Any] = {"size": 32, "width": 0.0625, "depth": 2, "num_classes": 3}

vit_ti_16, vit_s_16, vit_b_16, vit_b_32, vit_l_16, vit_l_32 = (
    variant(ViT, [(2, 3, 32, 32)], (2, 3), CHECKED, plan=plan, patch=patch)
    for plan, patch in (("tiny", 16), ("small", 16), ("base", 16), ("base", 32), ("large", 16), ("large", 32))
)
vit_h_14 = variant(ViT, [(2, 3, 28, 28)], (2, 3), {**CHECKED, "size": 28}, plan="huge", patch=14)
