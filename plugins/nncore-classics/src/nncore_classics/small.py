"""Network in Network and All-CNN: no fully connected layers."""

from __future__ import annotations

from typing import Any

from nncore.api import InvalidValueError, Module, Tensor, as_activation, example, nn
from nncore_classics.network import Network, channels


@example(config={"width": 0.0625, "num_classes": 3}, inputs=[(2, 3, 16, 16)], output=(2, 3))
@example(config={"width": 0.0625, "num_classes": 3, "size": "large"}, inputs=[(2, 3, 67, 67)], output=(2, 3))
class NiN(Network):
    """Network in Network: each convolution is followed by two of 1x1, and the classes are means over the last maps.

    966,986 parameters for small images (10 classes); 7,595,176 for large ones (1000 classes).

    Args:
        num_classes: Outputs. Default: 10 for small images, 1000 for large ones.
        in_channels: Channels of the images.
        width: Factor of the channels.
        act: Activation after each convolution.
        init: Initializer of the weights. Default: that of the layers.
        dropout: Probability of dropping an element between the blocks.
        size: `"small"` for images of about 32x32, `"large"` for 224x224.

    Shape: `(N, in_channels, H, W)` to logits `(N, num_classes)`.
    Source: Lin, Chen and Yan 2014, section 4, and the models that its authors published.

    Example:
        >>> import nncore as nc
        >>> from nncore import ones
        >>> nc.create("nin")(ones((1, 3, 32, 32))).shape
        (1, 10)
    """

    def __init__(
        self,
        num_classes: int | None = None,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        init: Any = None,
        dropout: float = 0.5,
        size: str = "small",
    ) -> None:
        super().__init__()
        if size not in ("small", "large"):
            raise InvalidValueError(f"size is 'small' or 'large', got {size!r}")
        small = size == "small"
        self.least, self.bound = (4, "features.14, the second pool") if small else (67, "features.14, the third pool")
        classes = (10 if small else 1000) if num_classes is None else num_classes
        before = in_channels

        def unit(filters: list[int], window: int, stride: int = 1, padding: int = 0) -> list[Module]:
            nonlocal before
            made: list[Module] = []
            for at, after in enumerate(filters):
                shape = (window, stride, padding) if at == 0 else (1, 1, 0)
                made += [nn.Conv2d(before, after, *shape, init=init), as_activation(act)]
                before = after
            return made

        if small:
            first, rest = channels(width, 192, 160, 96), channels(width, 192, 192, 192)
            self.features = nn.Sequential(
                *unit(first, 5, padding=2),
                nn.MaxPool2d(3, 2, ceil_mode=True),
                nn.Dropout(dropout),
                *unit(rest, 5, padding=2),
                nn.AvgPool2d(3, 2, ceil_mode=True),
                nn.Dropout(dropout),
                *unit([*rest[:2], classes], 3, padding=1),
            )
        else:
            a, b, c, d = channels(width, 96, 256, 384, 1024)
            self.features = nn.Sequential(
                *unit([a, a, a], 11, stride=4),
                nn.MaxPool2d(3, 2),
                *unit([b, b, b], 5, padding=2),
                nn.MaxPool2d(3, 2),
                *unit([c, c, c], 3, padding=1),
                nn.MaxPool2d(3, 2),
                nn.Dropout(dropout),
                *unit([d, d, classes], 3, padding=1),
            )
        self.avgpool = nn.AdaptiveAvgPool2d(1)

    def forward(self, input: Tensor) -> Tensor:
        self.check(input)
        logits: Tensor = self.avgpool(self.features(input)).flatten(1)
        return logits


@example(config={"width": 0.0625, "num_classes": 3}, inputs=[(2, 3, 12, 12)], output=(2, 3))
class AllCNN(Network):
    """All-CNN-C: convolutions alone, of which two take steps of 2 where others have pools.

    1,369,738 parameters.

    Args:
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels.
        act: Activation after each convolution.
        init: Initializer of the weights. Default: that of the layers.
        dropout: Probability of dropping an element after each shrinking convolution; of the input, 0.4 times this.

    Shape: `(N, in_channels, H, W)`, 9x9 or larger, to logits `(N, num_classes)`.
    Preprocessing: 32x32, whitened with global contrast normalization.
    Source: Springenberg and others 2015, table 1.

    Example:
        >>> import nncore as nc
        >>> from nncore import ones
        >>> nc.create("all_cnn")(ones((1, 3, 32, 32))).shape
        (1, 10)
    """

    least = 9
    bound = "features.16, which has no padding"

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        init: Any = None,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        a, b = channels(width, 96, 192)
        plan = [
            (a, 3, 1, 1),
            (a, 3, 1, 1),
            (a, 3, 2, 1),
            (b, 3, 1, 1),
            (b, 3, 1, 1),
            (b, 3, 2, 1),
            (b, 3, 1, 0),
            (b, 1, 1, 0),
        ]
        layers: list[Module] = [nn.Dropout(0.4 * dropout)]
        before = in_channels
        for after, window, stride, padding in plan:
            layers += [nn.Conv2d(before, after, window, stride, padding, init=init), as_activation(act)]
            if stride == 2:
                layers.append(nn.Dropout(dropout))
            before = after
        layers += [nn.Conv2d(before, num_classes, 1, init=init), as_activation(act)]
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)

    def forward(self, input: Tensor) -> Tensor:
        self.check(input)
        logits: Tensor = self.avgpool(self.features(input)).flatten(1)
        return logits
