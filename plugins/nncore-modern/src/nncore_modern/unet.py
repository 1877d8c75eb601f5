"""U-Net."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Tensor, as_activation, example, nn, ops
from nncore_modern.parts import SEAMS, channels, conv, images, normalized, positive


def twice(before: int, after: int, act: Any, norm: Any, init: Any) -> nn.Sequential:
    """Two 3x3 convolutions that keep the size, each with its norm and activation."""
    layers: list[Module] = []
    for size in (before, after):
        layers += [conv(size, after, 3, 1, init, norm), normalized("UNet", norm, after), as_activation(act)]
    return nn.Sequential(*layers)


@example(
    config={"width": 0.03125, "levels": 2, "in_channels": 2, "num_classes": 3, "norm": "batch_norm2d", "act": "tanh"},
    inputs=[(2, 2, 8, 4)],
    output=(2, 3, 8, 4),
)
@example(
    config={"width": 0.03125, "levels": 2, "num_classes": 2, "act": "tanh"}, inputs=[(2, 1, 8, 8)], output=(2, 2, 8, 8)
)
class UNet(Module):
    """U-Net: a network that halves an image four times and doubles it again, and on the way up sees what it saw on the way
    down, so that it says for each pixel what it belongs to.

    31,030,658 parameters with one channel and two classes.

    The paper's convolutions have no padding, so that its outputs are smaller than its images; these keep the size. The
    parameters are the same.

    Args:
        num_classes: Outputs of each pixel.
        in_channels: Channels of the images.
        width: Factor of the channels.
        act: Activation after each 3x3 convolution.
        norm: Layer after each 3x3 convolution, such as `"batch_norm2d"`. Default: none, as in the paper.
        init: Initializer of the weights. Default: `he_normal`, N(0, 2/fan_in), the paper's.
        dropout: Probability of dropping an element at the end of the way down.
        levels: How often the image is halved.

    Shape: `(N, in_channels, H, W)` to logits `(N, num_classes, H, W)`; H and W are multiples of 2^levels.
    Preprocessing: pixels from 0 to 1.
    Source: Ronneberger, Fischer and Brox 2015, figure 1 and section 3.

    Example:
        >>> import nncore as nc
        >>> nc.create("unet", width=0.125, num_classes=3)(nc.ones((1, 1, 32, 48))).shape
        (1, 3, 32, 48)
    """

    components: ClassVar = SEAMS

    def __init__(
        self,
        num_classes: int = 2,
        in_channels: int = 1,
        width: float = 1.0,
        act: Any = "relu",
        norm: Any = None,
        init: Any = None,
        dropout: float = 0.5,
        levels: int = 4,
    ) -> None:
        super().__init__()
        positive("UNet", num_classes=num_classes, in_channels=in_channels, levels=levels)
        if levels > 8:
            raise InvalidValueError(f"UNet: levels is how often the image is halved, 8 or less, got {levels}")
        init = "he_normal" if init is None else init
        sizes = channels("UNet", width, *(64 * 2**level for level in range(levels + 1)))
        self.levels = levels
        self.down = nn.ModuleList(
            twice(before, after, act, norm, init)
            for before, after in zip([in_channels, *sizes[:-2]], sizes[:-1], strict=True)
        )
        self.pool = nn.MaxPool2d(2)
        self.bottom = twice(sizes[-2], sizes[-1], act, norm, init)
        self.dropout = nn.Dropout(dropout)
        upwards = list(zip(sizes[:0:-1], sizes[-2::-1], strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(before, after, 2, 2, init=init) for before, after in upwards)
        self.merge = nn.ModuleList(twice(2 * after, after, act, norm, init) for _, after in upwards)
        self.head = nn.Conv2d(sizes[0], num_classes, 1, init=init)

    def forward(self, input: Tensor) -> Tensor:
        images(self, input, multiple=2**self.levels)
        seen: list[Tensor] = []
        for down in self.down:
            input = down(input)
            seen.append(input)
            input = self.pool(input)
        input = self.dropout(self.bottom(input))
        for up, merge in zip(self.up, self.merge, strict=True):
            input = merge(ops.cat([seen.pop(), up(input)], 1))
        logits: Tensor = self.head(input)
        return logits
