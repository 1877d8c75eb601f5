"""Random changes of brightness, contrast and saturation, and squares that are blanked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data import _checks
from nncore.data._augment import below, chance, draws, images, number, probability, uniform
from nncore.errors import DataError

Array = NDArray[Any]
GREY = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey (ITU-R BT.601)."""


class ColorJitter:
    """Brightness, contrast and saturation of each image changed at random, in this order.

    Each is a mix with another image, by a factor that is uniform in `[max(0, 1 - a), 1 + a]`, a the argument:
    `factor * x + (1 - factor) * other`. The other image is black for brightness, the mean of x in grey for contrast, and x in
    grey for saturation. Results are held in [0, 1]. The hue is left alone.

    Args:
        brightness: How far the factor goes. Default: 0, no change.
        contrast: The same. Default: 0.
        saturation: The same, for images of three channels: red, green and blue. Default: 0.

    Shape: float images `(B, C, H, W)` in [0, 1]; the result has the same. Put what shifts or scales pixels after it.

    Raises:
        DataError: A number below 0; samples that are no float images; `saturation` where there are not three channels.

    Source: Howard, 2013 (arXiv 1312.5402), section 2; factors and grey as in torchvision, which draws the order too.

    Example:
        >>> from nncore import data
        >>> train, _ = data.load("digits")
        >>> augment = data.ColorJitter(brightness=0.2, contrast=0.2)
        >>> next(iter(train.batches(64, shuffle=True, seed=0, augment=augment)))[0].shape
        (64, 1, 28, 28)
    """

    def __init__(self, brightness: float = 0.0, contrast: float = 0.0, saturation: float = 0.0) -> None:
        self.brightness = number(brightness, "brightness", 0)
        self.contrast = number(contrast, "contrast", 0)
        self.saturation = number(saturation, "saturation", 0)

    def __call__(self, x: Array, *, seed: int, epoch: int, index: Array) -> Array:
        """Images `(B, C, H, W)`, with other colours."""
        images(x, "ColorJitter", floats=True)
        if self.saturation and x.shape[1] != 3:
            raise DataError(
                f"ColorJitter with saturation={self.saturation:g} was given x of shape {x.shape}; expected three channels"
            )
        if self.brightness:
            x = self._mixed(x, np.zeros((1, 1, 1, 1), x.dtype), self.brightness, draws(seed, epoch, index, 9))
        if self.contrast:
            mean = _grey(x).mean(axis=(1, 2, 3), keepdims=True, dtype=np.float64).astype(x.dtype)
            x = self._mixed(x, mean, self.contrast, draws(seed, epoch, index, 10))
        if self.saturation:
            x = self._mixed(x, _grey(x), self.saturation, draws(seed, epoch, index, 11))
        return x

    def _mixed(self, x: Array, other: Array, reach: float, words: Array) -> Array:
        low, high = max(0.0, 1 - reach), 1 + reach
        factor = (low + (high - low) * uniform(words)).astype(x.dtype)[:, None, None, None]
        out: Array = x * factor
        out += (1 - factor) * other
        return np.clip(out, 0, 1, out=out)

    def __repr__(self) -> str:
        return f"ColorJitter({self.brightness:g}, {self.contrast:g}, {self.saturation:g})"


def _grey(x: Array) -> Array:
    """`(B, 1, H, W)`: by the weights where there are three channels, else their mean."""
    if x.shape[1] != 3:
        mean: Array = x.mean(axis=1, keepdims=True)
        return mean
    red, green, blue = (x.dtype.type(weight) for weight in GREY)
    grey: Array = x[:, 0:1] * red + x[:, 1:2] * green + x[:, 2:3] * blue
    return grey


class Cutout:
    """A square of each image is blanked. Its middle is any pixel, as likely as all others, so it may lie partly outside.

    Args:
        size: Side of the square, in pixels.
        fill: The value that it gets, as in the batches, after `scale`. Default: 0.
        p: Probability that an image has one, in [0, 1]. Default: 1.

    Shape: images `(B, C, H, W)`; the result has the same.

    Raises:
        DataError: A size below 1, a p that is no probability; samples that are no images.

    Source: DeVries and Taylor, 2017 (arXiv 1708.04552), section 3.2.

    Example:
        >>> import numpy as np
        >>> from nncore import data
        >>> x = data.Cutout(3)(np.ones((1, 1, 9, 9)), seed=1, epoch=0, index=np.array([0]))
        >>> int((x == 0).sum()) in (4, 6, 9)
        True
    """

    def __init__(self, size: int, *, fill: float = 0.0, p: float = 1.0) -> None:
        self.size = _checks.whole(size, "size", 1)
        self.fill = number(fill, "fill", -np.inf)
        self.p = probability(p, "p")

    def __call__(self, x: Array, *, seed: int, epoch: int, index: Array) -> Array:
        """Images `(B, C, H, W)`, each with a square of `fill`."""
        images(x, "Cutout")
        height, width = x.shape[2:]
        top = below(draws(seed, epoch, index, 12), height) - self.size // 2
        left = below(draws(seed, epoch, index, 13), width) - self.size // 2
        chosen = chance(draws(seed, epoch, index, 14), self.p)
        rows = _between(height, top, top + self.size) & chosen[:, None]
        inside = rows[:, None, :, None] & _between(width, left, left + self.size)[:, None, None, :]
        return np.where(inside, x.dtype.type(self.fill), x)

    def __repr__(self) -> str:
        return f"Cutout({self.size}, fill={self.fill:g}, p={self.p:g})"


def _between(count: int, low: Array, high: Array) -> Array:
    """Of each row which of `range(count)` lie in `[low, high)`: `(B, count)`."""
    places = np.arange(count)
    found: Array = (places >= low[:, None]) & (places < high[:, None])
    return found
