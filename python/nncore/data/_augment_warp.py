"""Random rotations and crops of random size, which sample the images between their pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data import _checks
from nncore.data._augment import draws, images, number, uniform
from nncore.errors import DataError

Array = NDArray[Any]


def sampled(x: Array, theta: Array, size: tuple[int, int], fill: float = 0.0) -> Array:
    """Images `(B, C, H, W)` read at the points of a grid of this size, which the maps `theta`, `(B, 2, 3)`, have moved.

    Bilinear. The grid reaches from -1 to 1 in each dimension, from edge to edge. What lies outside is `fill`.
    """
    # Imported late, so that data sets can be made and files read without the compiled extension.
    from nncore._core import from_numpy, ops

    points = ops.affine_grid(from_numpy(theta.astype(x.dtype)), [len(x), x.shape[1], *size], align_corners=False)
    # Outside the kernel reads zeros: the fill, once it is taken away from all.
    read = ops.grid_sample(from_numpy(np.ascontiguousarray(x - x.dtype.type(fill))), points, align_corners=False)
    out: Array = np.ascontiguousarray(read.numpy())
    out += x.dtype.type(fill)
    return out


class RandomRotation:
    """Each image turned around its middle by an angle that is uniform in `[-degrees, degrees]`.

    Args:
        degrees: The largest angle, in (0, 180].
        fill: The value of what was outside, as in the batches, after `scale`. Default: 0.

    Shape: float images `(B, C, H, W)`; the result has the same. Bilinear.

    Raises:
        DataError: An angle out of range; samples that are no float images.

    Source: Simard, Steinkraus and Platt, 2003 ("Best practices for convolutional neural networks applied to visual document
    analysis"), section 2.

    Example:
        >>> from nncore import data
        >>> train, _ = data.load("digits")
        >>> next(iter(train.batches(64, shuffle=True, seed=0, augment=data.RandomRotation(10))))[0].shape
        (64, 1, 28, 28)
    """

    def __init__(self, degrees: float, *, fill: float = 0.0) -> None:
        self.degrees = number(degrees, "degrees", 0, 180, above=True)
        self.fill = number(fill, "fill", -np.inf)

    def __call__(self, x: Array, *, seed: int, epoch: int, index: Array) -> Array:
        """Images `(B, C, H, W)`, turned."""
        images(x, "RandomRotation", floats=True)
        height, width = x.shape[2:]
        angle = np.deg2rad(self.degrees) * (2 * uniform(draws(seed, epoch, index, 4)) - 1)
        cos, sin, none = np.cos(angle), np.sin(angle), np.zeros(len(x))
        # The grid's unit is half of the image in each direction, so that turning an oblong one takes both sides.
        rows = [cos, sin * (height / width), none], [-sin * (width / height), cos, none]
        theta = np.stack([np.stack(row, axis=1) for row in rows], axis=1)
        return sampled(x, theta, (height, width), self.fill)

    def __repr__(self) -> str:
        return f"RandomRotation({self.degrees:g}, fill={self.fill:g})"


class RandomResizedCrop:
    """A part of the image, of random place, size and shape, resized.

    Its share of the image's area is uniform in `scale`, the logarithm of its width over its height in `log(ratio)`, and its
    place among those where it lies in the image. Sides that are too long are cut to the image's.

    Args:
        size: Size of the result: a number, or (height, width). Default: None, that of the images.
        scale: Least and largest share of the area, in (0, 1]. Default: (0.08, 1).
        ratio: Least and largest width over height. Default: (3/4, 4/3).

    Shape: float images `(B, C, H, W)`; the result is `(B, C, *size)`. Bilinear, and not smoothed where it shrinks much.

    Raises:
        DataError: Ranges that are none; samples that are no float images.

    Source: Szegedy and others, 2015 (arXiv 1409.4842), section 6; defaults as in torchvision, which tries other shapes where
    sides are too long.

    Example:
        >>> from nncore import data
        >>> train, _ = data.load("digits")
        >>> augment = data.RandomResizedCrop(20, scale=(0.5, 1))
        >>> next(iter(train.batches(64, shuffle=True, seed=0, augment=augment)))[0].shape
        (64, 1, 20, 20)
    """

    def __init__(
        self,
        size: int | tuple[int, int] | None = None,
        *,
        scale: tuple[float, float] = (0.08, 1.0),
        ratio: tuple[float, float] = (3 / 4, 4 / 3),
    ) -> None:
        if isinstance(size, (tuple, list)):
            if len(size) != 2:
                raise DataError(f"size is {size!r}; expected a number or (height, width)")
            self.size: tuple[int, int] | None = (
                _checks.whole(size[0], "size[0]", 1),
                _checks.whole(size[1], "size[1]", 1),
            )
        else:
            self.size = None if size is None else (_checks.whole(size, "size", 1),) * 2
        self.scale = _range(scale, "scale", 1.0)
        self.ratio = _range(ratio, "ratio", np.inf)

    def __call__(self, x: Array, *, seed: int, epoch: int, index: Array) -> Array:
        """Parts of images `(B, C, H, W)`, resized."""
        images(x, "RandomResizedCrop", floats=True)
        height, width = x.shape[2:]
        area, shape, left, top = (uniform(draws(seed, epoch, index, stream)) for stream in (5, 6, 7, 8))
        area = self.scale[0] + (self.scale[1] - self.scale[0]) * area
        low, high = np.log(self.ratio)
        root = np.exp((low + (high - low) * shape) / 2)
        # Sides as shares of the image's sides.
        w = np.minimum(1.0, np.sqrt(area * height / width) * root)
        h = np.minimum(1.0, np.sqrt(area * width / height) / root)
        none = np.zeros(len(x))
        rows = [w, none, (1 - w) * (2 * left - 1)], [none, h, (1 - h) * (2 * top - 1)]
        theta = np.stack([np.stack(row, axis=1) for row in rows], axis=1)
        return sampled(x, theta, self.size or (height, width))

    def __repr__(self) -> str:
        return f"RandomResizedCrop({self.size}, scale={self.scale}, ratio={self.ratio})"


def _range(value: Any, name: str, high: float) -> tuple[float, float]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise DataError(f"{name} is {value!r}; expected (least, largest)")
    least, largest = (number(each, name, 0, high, above=True) for each in value)
    if least > largest:
        raise DataError(f"{name} is {value!r}; expected (least, largest)")
    return least, largest
