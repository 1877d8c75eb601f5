"""VGG-11, 13, 16 and 19, with and without batch normalization."""

from collections.abc import Iterator
from typing import Any

from nncore.api import InvalidValueError, Module, Tensor, as_activation, example, nn
from nncore_classics.network import Network, channels, head, normalization

PLANS = {
    11: [(64,), (128,), (256, 256), (512, 512), (512, 512)],
    13: [(64, 64), (128, 128), (256, 256), (512, 512), (512, 512)],
    16: [(64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3],
    19: [(64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4],
}
"""Filters of each convolution, stage by stage: the paper's columns A, B, D and E."""


@example(config={"depth": 11, "width": 0.0625, "num_classes": 3}, inputs=[(2, 3, 32, 32)], output=(2, 3))
@example(
    config={"depth": 13, "width": 0.0625, "num_classes": 3, "norm": "batch_norm2d"},
    inputs=[(2, 3, 32, 32)],
    output=(2, 3),
)
class VGG(Network):
    """VGG: 3x3 convolutions alone, five pools, three fully connected layers.

    Parameters of 11, 13, 16, 19: 132,863,336; 133,047,848; 138,357,544; 143,667,240. MACs at 224x224: 7,609,090,048;
    11,308,466,176; 15,470,264,320; 19,632,062,464.

    Args:
        depth: Layers with weights: 11, 13, 16 or 19, the paper's columns A, B, D and E.
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels and hidden neurons.
        act: Activation after each layer but the last.
        norm: Layer that normalizes after each convolution, such as `"batch_norm2d"`. Default: none, as in the paper.
        init: Initializer of the weights. Default: torchvision's, `he_normal` by fan_out for convolutions and N(0, 0.01²)
            for fully connected layers. (The paper trains the shallow net first, and later finds Glorot's rule enough.)
        dropout: Probability of dropping a hidden neuron.

    Shape: `(N, in_channels, H, W)`, 32x32 or larger, to logits `(N, num_classes)`.
    State-dict names: torchvision's, `features.0.weight` to `classifier.6.bias`.
    Preprocessing: 224x224, normalized by ImageNet's means and deviations.
    Source: Simonyan and Zisserman 2015, table 1.

    Example:
        >>> import nncore as nc
        >>> from nncore import ones
        >>> nc.create("vgg16", width=0.125, num_classes=10)(ones((1, 3, 64, 64))).shape
        (1, 10)
    """

    least = 32
    bound = "the last pool, at the end of features"

    def __init__(
        self,
        depth: int = 16,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        norm: Any = None,
        init: Any = None,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if depth not in PLANS:
            raise InvalidValueError(f"VGG has a depth of 11, 13, 16 or 19, got {depth!r}")
        conv_init = {"name": "he_normal", "mode": "fan_out"} if init is None else init
        full_init = {"name": "normal", "std": 0.01} if init is None else init

        def layers() -> Iterator[Module]:
            before = in_channels
            for stage in PLANS[depth]:
                for filters in channels(width, *stage):
                    yield nn.Conv2d(before, filters, 3, padding=1, init=conv_init)
                    yield from normalization(norm, filters)
                    yield as_activation(act)
                    before = filters
                yield nn.MaxPool2d(2)

        last, hidden = channels(width, 512, 4096)
        self.features = nn.Sequential(*layers())
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(last * 7 * 7, hidden, init=full_init),
            as_activation(act),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden, init=full_init),
            as_activation(act),
            nn.Dropout(dropout),
            head(hidden, num_classes, full_init),
        )

    def forward(self, input: Tensor) -> Tensor:
        self.check(input)
        logits: Tensor = self.classifier(self.avgpool(self.features(input)).flatten(1))
        return logits
