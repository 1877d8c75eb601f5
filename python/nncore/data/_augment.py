"""Random changes of training images. Each is a function of `(seed, epoch, index)`, so every run repeats them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nncore.data import _checks, _order
from nncore.errors import DataError

Array = NDArray[Any]


class Augmentation(Protocol):
    """What `ArrayDataset.batches(augment=...)` takes: any function of this kind."""

    def __call__(self, x: Array, *, seed: int, epoch: int, index: Array) -> Array:
        """Inputs `(B, ...)` as they are to be in this epoch; `index` has the samples' rows in the data set, `(B,)`."""
        ...


def draws(seed: int, epoch: int, index: Array, stream: int) -> Array:
    """A random whole number in `[0, 2**32)` for each index, which depends on `(seed, epoch, index, stream)` alone.

    The finalizer of SplitMix64 (Steele, Lea and Flood, 2014) over a counter, whose start comes from `SeedSequence`: a
    sample's number does not depend on the batch that it is in.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(_order.AUGMENT, stream, epoch))
    start = sequence.generate_state(1, np.uint64)
    z = start + (index.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    words: Array = (z ^ (z >> np.uint64(31))) >> np.uint64(32)
    return words


def below(words: Array, count: int) -> NDArray[np.intp]:
    """The words as whole numbers in `[0, count)`, all as likely up to 2**-32 * count."""
    return ((words * np.uint64(count)) >> np.uint64(32)).astype(np.intp)


def uniform(words: Array) -> Array:
    """The words as float64 numbers in [0, 1)."""
    return words.astype(np.float64) * 2.0**-32


def chance(words: Array, p: float) -> Array:
    """True with probability `p`."""
    return words < p * 2.0**32


def images(x: Array, who: str, *, floats: bool = False) -> None:
    """Refuse what is no batch of images."""
    if x.ndim != 4:
        raise DataError(f"{who} was given x of shape {x.shape}; expected images (B, C, H, W)")
    if floats and x.dtype.kind != "f":
        raise DataError(
            f"{who} was given x of dtype {x.dtype}; expected floats: give the data set a scale, as in "
            "data.ArrayDataset(x, y, scale=255)"
        )


def probability(value: float, name: str) -> float:
    """A number in [0, 1]."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise DataError(f"{name} is {value!r}; expected a probability in [0, 1]")
    return float(value)


def number(value: Any, name: str, low: float, high: float = float("inf"), *, above: bool = False) -> float:
    """A number in [low, high], or above `low`."""
    right = isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value)
    if not (right and low <= value <= high) or (above and value == low):
        least = f"a number above {low:g}" if above else f"a number of {low:g} or more"
        what = least if np.isfinite(low) else "a finite number"
        raise DataError(f"{name} is {value!r}; expected {what}{f', at most {high:g}' if np.isfinite(high) else ''}")
    return float(value)


class RandomCrop:
    """A crop of the image's own size from the image with a border: a shift by up to `padding` pixels each way.

    All `(2 * padding + 1) ** 2` shifts are as likely. Source: He et al., 2016 (arXiv 1512.03385), section 4.2.

    Args:
        padding: Width of the border, 1 or more.
        fill: The border's value, as in the batches, after `scale`.

    Example:
        >>> from nncore import data
        >>> train, _ = data.load("digits")
        >>> batches = train.batches(64, shuffle=True, seed=0, augment=[data.RandomCrop(2)])
        >>> next(iter(batches))[0].shape
        (64, 1, 28, 28)
    """

    def __init__(self, padding: int, *, fill: float = 0.0) -> None:
        self.padding, self.fill = _checks.whole(padding, "padding", 1), fill

    def __call__(self, x: Array, *, seed: int, epoch: int, index: Array) -> Array:
        """Images `(B, C, H, W)`, shifted."""
        images(x, "RandomCrop")
        (count, _, height, width), p = x.shape, self.padding
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), constant_values=self.fill)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(2, 3))
        top = below(draws(seed, epoch, index, 0), 2 * p + 1)
        left = below(draws(seed, epoch, index, 1), 2 * p + 1)
        # The slice lies between the indices, so the crop's dimensions come as (B, C, H, W).
        crops: Array = windows[np.arange(count), :, top, left]
        return crops

    def __repr__(self) -> str:
        return f"RandomCrop({self.padding}, fill={self.fill})"


class _Flip:
    """Images turned over along one axis with probability `p`."""

    axis: int
    stream: int

    def __init__(self, p: float = 0.5) -> None:
        self.p = probability(p, "p")

    def __call__(self, x: Array, *, seed: int, epoch: int, index: Array) -> Array:
        """Images `(B, C, H, W)`, some of them turned over."""
        images(x, type(self).__name__)
        chosen = chance(draws(seed, epoch, index, self.stream), self.p)
        flipped: Array = np.where(chosen[:, None, None, None], np.flip(x, self.axis), x)
        return flipped

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.p})"


class HorizontalFlip(_Flip):
    """Left and right changed over in each image with probability `p`.

    Args:
        p: In [0, 1]. Default: 0.5.

    Shape: images `(B, C, H, W)`; the result has the same.

    Raises:
        DataError: A p that is no probability; samples that are no images.

    Source: Krizhevsky, Sutskever and Hinton, 2012, section 4.1.

    Example:
        >>> import numpy as np
        >>> from nncore import data
        >>> x = np.array([[[[1, 2, 3]]]])
        >>> data.HorizontalFlip(1.0)(x, seed=0, epoch=0, index=np.array([0])).tolist()
        [[[[3, 2, 1]]]]
    """

    axis, stream = 3, 2


class VerticalFlip(_Flip):
    """Top and bottom changed over in each image with probability `p`: for pictures that have no up, such as those of cells.

    Args:
        p: In [0, 1]. Default: 0.5.

    Shape: images `(B, C, H, W)`; the result has the same.

    Raises:
        DataError: A p that is no probability; samples that are no images.

    Source: as `HorizontalFlip`, along the other axis.

    Example:
        >>> import numpy as np
        >>> from nncore import data
        >>> x = np.array([[[[1], [2], [3]]]])
        >>> data.VerticalFlip(1.0)(x, seed=0, epoch=0, index=np.array([0])).ravel().tolist()
        [3, 2, 1]
    """

    axis, stream = 2, 3
