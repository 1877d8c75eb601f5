"""Channels to places, and back."""

from __future__ import annotations

from nncore.api import Module, Tensor, example, ops
from nncore.builtin.layers._checks import positive


@example(config={"upscale_factor": 2}, inputs=[(1, 8, 2, 3)], output=(1, 2, 4, 6))
class PixelShuffle(Module):
    """Spreads channels over places, which makes images larger: `y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w]`.

    Args:
        upscale_factor: The factor r of height and width.

    Shape: `(..., C·r², H, W)` to `(..., C, H·r, W·r)`.

    Raises:
        InvalidValueError: A factor that is no positive number.
        ShapeError: Channels that r² does not divide.

    Source: Shi and others 2016.

    Example:
        >>> from nncore import nn, ones
        >>> nn.PixelShuffle(2)(ones((1, 12, 4, 4))).shape
        (1, 3, 8, 8)
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = positive(self, "upscale_factor", upscale_factor)

    def forward(self, input: Tensor) -> Tensor:
        return ops.pixel_shuffle(input, self.upscale_factor)


@example(config={"downscale_factor": 2}, inputs=[(1, 2, 4, 6)], output=(1, 8, 2, 3))
class PixelUnshuffle(Module):
    """Gathers places into channels: the way back from `PixelShuffle`.

    Args:
        downscale_factor: The factor r by which height and width shrink.

    Shape: `(..., C, H·r, W·r)` to `(..., C·r², H, W)`.

    Raises:
        InvalidValueError: A factor that is no positive number.
        ShapeError: A height or width that r does not divide.

    Source: Shi and others 2016.

    Example:
        >>> from nncore import nn, ones
        >>> nn.PixelUnshuffle(2)(ones((1, 3, 8, 8))).shape
        (1, 12, 4, 4)
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = positive(self, "downscale_factor", downscale_factor)

    def forward(self, input: Tensor) -> Tensor:
        return ops.pixel_unshuffle(input, self.downscale_factor)
