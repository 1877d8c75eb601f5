"""The convolutions of six networks and some grouped ones, as data: the same for every library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """One convolution over square images, without a bias, and how often its network has it."""

    network: str
    batch: int
    inputs: int
    size: int
    outputs: int
    kernel: int
    stride: int = 1
    padding: int = 0
    groups: int = 1
    count: int = 1

    @property
    def name(self) -> str:
        """What it is, in short."""
        extra = f" s{self.stride}" if self.stride > 1 else ""
        extra += f" g{self.groups}" if self.groups > 1 else ""
        return f"{self.network} {self.batch}x{self.inputs}@{self.size} {self.outputs} k{self.kernel}{extra}"

    @property
    def output(self) -> int:
        """Height and width of the result."""
        return (self.size + 2 * self.padding - self.kernel) // self.stride + 1

    @property
    def flops(self) -> int:
        """Multiplications and additions of one direction."""
        return 2 * self.batch * self.output**2 * self.outputs * self.inputs // self.groups * self.kernel**2


def _layers(network: str, batch: int, *rows: tuple[int, ...]) -> list[Layer]:
    return [Layer(network, batch, *row) for row in rows]


def _inception() -> list[Layer]:
    """GoogLeNet's blocks as torchvision has them, each branch once: 1x1, 1x1 and 3x3, 1x1 and 3x3, 1x1."""
    found: dict[tuple[int, ...], int] = {}
    for size, inputs, a, b, c, d, e, f in (
        (28, 192, 64, 96, 128, 16, 32, 32), (28, 256, 128, 128, 192, 32, 96, 64),
        (14, 480, 192, 96, 208, 16, 48, 64), (14, 512, 160, 112, 224, 24, 64, 64), (14, 512, 128, 128, 256, 24, 64, 64),
        (14, 512, 112, 144, 288, 32, 64, 64), (14, 528, 256, 160, 320, 32, 128, 128),
        (7, 832, 256, 160, 320, 32, 128, 128), (7, 832, 384, 192, 384, 48, 128, 128),
    ):  # fmt: skip
        ones = [(inputs, size, outputs, 1, 1, 0) for outputs in (a, b, d, f)]
        for row in [*ones, (b, size, c, 3, 1, 1), (d, size, e, 3, 1, 1)]:
            found[row] = found.get(row, 0) + 1
    return [Layer("GoogLeNet", 16, *row, count=count) for row, count in found.items()]


LAYERS: list[Layer] = [
    *_layers("LeNet-5", 64, (1, 28, 6, 5, 1, 2), (6, 14, 16, 5)),
    *_layers(
        "AlexNet", 16,
        (3, 224, 64, 11, 4, 2), (64, 27, 192, 5, 1, 2), (192, 13, 384, 3, 1, 1), (384, 13, 256, 3, 1, 1),
        (256, 13, 256, 3, 1, 1),
    ),
    *_layers("AlexNet 2012", 16, (96, 27, 256, 5, 1, 2, 2), (384, 13, 384, 3, 1, 1, 2), (384, 13, 256, 3, 1, 1, 2)),
    *_layers(
        "VGG-16", 4,
        (3, 224, 64, 3, 1, 1), (64, 224, 64, 3, 1, 1), (64, 112, 128, 3, 1, 1), (128, 112, 128, 3, 1, 1),
        (128, 56, 256, 3, 1, 1), (256, 56, 256, 3, 1, 1, 1, 2), (256, 28, 512, 3, 1, 1), (512, 28, 512, 3, 1, 1, 1, 2),
        (512, 14, 512, 3, 1, 1, 1, 3),
    ),
    *_layers("GoogLeNet", 16, (3, 224, 64, 7, 2, 3), (64, 56, 64, 1), (64, 56, 192, 3, 1, 1)),
    *_inception(),
    *_layers(
        "ResNet-18", 32,
        (3, 32, 64, 3, 1, 1), (64, 32, 64, 3, 1, 1, 1, 4), (64, 32, 128, 3, 2, 1), (64, 32, 128, 1, 2),
        (128, 16, 128, 3, 1, 1, 1, 3), (128, 16, 256, 3, 2, 1), (128, 16, 256, 1, 2), (256, 8, 256, 3, 1, 1, 1, 3),
        (256, 8, 512, 3, 2, 1), (256, 8, 512, 1, 2), (512, 4, 512, 3, 1, 1, 1, 3),
    ),
    *_layers(
        "ResNet-50", 16,
        (3, 224, 64, 7, 2, 3), (64, 56, 64, 1), (64, 56, 64, 3, 1, 1, 1, 3), (64, 56, 256, 1, 1, 0, 1, 4),
        (256, 56, 64, 1, 1, 0, 1, 2), (256, 56, 128, 1), (128, 56, 128, 3, 2, 1), (128, 28, 512, 1, 1, 0, 1, 4),
        (256, 56, 512, 1, 2), (512, 28, 128, 1, 1, 0, 1, 3), (128, 28, 128, 3, 1, 1, 1, 3), (512, 28, 256, 1),
        (256, 28, 256, 3, 2, 1), (256, 14, 1024, 1, 1, 0, 1, 6), (512, 28, 1024, 1, 2), (1024, 14, 256, 1, 1, 0, 1, 5),
        (256, 14, 256, 3, 1, 1, 1, 5), (1024, 14, 512, 1), (512, 14, 512, 3, 2, 1), (512, 7, 2048, 1, 1, 0, 1, 3),
        (1024, 14, 2048, 1, 2), (2048, 7, 512, 1, 1, 0, 1, 2), (512, 7, 512, 3, 1, 1, 1, 2),
    ),
    *_layers("ResNeXt-50", 16, (128, 56, 128, 3, 1, 1, 32), (512, 14, 512, 3, 1, 1, 32)),
    *_layers("MobileNet", 16, (32, 112, 32, 3, 1, 1, 32), (256, 28, 256, 3, 2, 1, 256), (512, 14, 512, 3, 1, 1, 512)),
]  # fmt: skip
DIRECTIONS = ("forward", "input", "weight")
"""The pass itself, and its gradients with respect to the input and the weight."""
