"""Two samples made one, inputs and targets alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data._augment import chance, draws, images, number, probability, uniform
from nncore.data._augment_colour import _between
from nncore.errors import DataError

Array = NDArray[Any]


class Mixing(ABC):
    """A random change of a batch's inputs and targets, each sample with another of the batch.

    Labels `(B,)` become soft ones, float32 `(B, K)`: the share of each class, which `cross_entropy` takes as they are. What a
    sample is mixed with depends on the batch that it is in; batches are a function of seed and epoch, so a run that is
    resumed sees the same.
    """

    def __init__(self, alpha: float = 1.0, *, p: float = 1.0) -> None:
        self.alpha = number(alpha, "alpha", 0, above=True)
        self.p = probability(p, "p")

    def mix(
        self, x: Array, y: Array | None, *, classes: int | None, seed: int, epoch: int, index: Array
    ) -> tuple[Array, Array]:
        """Inputs and targets, mixed.

        Args:
            x: Inputs `(B, ...)`.
            y: Class numbers, int64 `(B,)`; or floats `(B, ...)`, such as soft labels.
            classes: The number of classes, where y has class numbers.
            seed: The batches' seed.
            epoch: Number of the epoch.
            index: The samples' rows in the data set, `(B,)`.
        """
        name = type(self).__name__
        self._expect(x)
        if y is None or (y.dtype.kind != "f" and classes is None):
            what = "no targets" if y is None else f"targets of dtype {y.dtype}"
            raise DataError(f"{name} was given {what}; expected labels, or floats")
        if y.dtype.kind != "f":
            assert classes is not None
            rows = np.zeros((len(y), classes), dtype=np.float32)
            rows[np.arange(len(y)), y] = 1
            y = rows
        # Around a ring in random order, so that a batch of two or more mixes no sample with itself.
        ring = np.argsort(draws(seed, epoch, index, 15), kind="stable")
        partner = np.empty_like(ring)
        partner[ring] = np.roll(ring, 1)
        share = symmetric_beta(self.alpha, *(uniform(draws(seed, epoch, index, stream)) for stream in (16, 17, 18)))
        share = np.where(chance(draws(seed, epoch, index, 19), self.p), share, 1.0)
        x, share = self._inputs(x, x[partner], share, seed, epoch, index)
        part = share.astype(y.dtype).reshape(-1, *(1,) * (y.ndim - 1))
        return x, y * part + y[partner] * (1 - part)

    @abstractmethod
    def _inputs(self, x: Array, other: Array, share: Array, seed: int, epoch: int, index: Array) -> tuple[Array, Array]:
        """Mixed inputs, and x's share in them as it came out."""

    def _expect(self, x: Array) -> None:
        if x.dtype.kind != "f":
            raise DataError(
                f"{type(self).__name__} was given x of dtype {x.dtype}; expected floats: give the data set a scale, as in "
                "data.ArrayDataset(x, y, scale=255)"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.alpha:g}, p={self.p:g})"


def symmetric_beta(alpha: float, u: Array, v: Array, side: Array) -> Array:
    """Numbers of the distribution Beta(alpha, alpha), from three that are uniform in [0, 1).

    Devroye, 1996 ("Random variate generation in one line of code"), section 3: a closed form, so that a sample's number is
    a function of its own draws alone, as one that rejects would not be.
    """
    with np.errstate(divide="ignore", over="ignore"):
        spread = (np.power(1 - u, -1 / alpha) - 1) * np.cos(2 * np.pi * v) ** 2
        distance: Array = 0.5 / np.sqrt(1 + 1 / spread)
    return np.where(side < 0.5, 0.5 - distance, 0.5 + distance)


class MixUp(Mixing):
    """Each sample mixed with another of the batch: `l * x + (1 - l) * other`, and the targets alike.

    l has the distribution Beta(alpha, alpha), and is drawn for each sample.

    Args:
        alpha: Above 0: the smaller, the nearer each result is to one of both. Default: 1, uniform in [0, 1], as in
            torchvision; the paper takes 0.2 to 0.4 for ImageNet.
        p: Probability that a sample is mixed, in [0, 1]. Default: 1.

    Shape: floats `(B, ...)`, the same out; labels `(B,)` become soft labels, float32 `(B, K)`; float targets keep their shape.

    Raises:
        DataError: An alpha that is not above 0, a p that is no probability; inputs that are no floats; no targets, or
            integers that are no labels.

    Source: Zhang, Cisse, Dauphin and Lopez-Paz, 2018 (arXiv 1710.09412), section 2.

    Example:
        >>> from nncore import data
        >>> train, _ = data.load("digits")
        >>> x, y = next(iter(train.batches(64, shuffle=True, seed=0, augment=data.MixUp(0.2))))
        >>> y.shape, bool((abs(y.numpy().sum(axis=1) - 1) < 1e-6).all())
        ((64, 10), True)
    """

    def _inputs(self, x: Array, other: Array, share: Array, seed: int, epoch: int, index: Array) -> tuple[Array, Array]:
        part = share.astype(x.dtype).reshape(-1, *(1,) * (x.ndim - 1))
        out: Array = x * part
        other *= 1 - part
        out += other
        return out, share


class CutMix(Mixing):
    """A rectangle of each image replaced by that of another of the batch, and targets mixed by the areas.

    The rectangle has the image's shape and the share `1 - l` of its area, l of the distribution Beta(alpha, alpha). Its
    middle is any pixel, as likely as all others; what lies outside is cut off, and the targets follow what is left.

    Args:
        alpha: Above 0. Default: 1, as in the paper.
        p: Probability that a sample is mixed, in [0, 1]. Default: 1.

    Shape: float images `(B, C, H, W)`, the same out; targets as in `MixUp`.

    Raises:
        DataError: As `MixUp`; samples that are no images.

    Source: Yun and others, 2019 (arXiv 1905.04899), section 3.1.

    Example:
        >>> from nncore import data
        >>> train, _ = data.load("digits")
        >>> x, y = next(iter(train.batches(64, shuffle=True, seed=0, augment=[data.RandomCrop(2), data.CutMix()])))
        >>> x.shape, y.shape
        ((64, 1, 28, 28), (64, 10))
    """

    def _inputs(self, x: Array, other: Array, share: Array, seed: int, epoch: int, index: Array) -> tuple[Array, Array]:
        side = np.sqrt(1 - share)
        inside = []
        for count, stream in zip(x.shape[2:], (20, 21), strict=True):
            middle = np.floor(uniform(draws(seed, epoch, index, stream)) * count)
            half = np.floor(side * count) / 2
            inside.append(_between(count, np.floor(middle - half), np.floor(middle + half)))
        rows, columns = inside
        taken = rows.sum(axis=1) * columns.sum(axis=1)
        mask = rows[:, None, :, None] & columns[:, None, None, :]
        return np.where(mask, other, x), 1 - taken / (x.shape[2] * x.shape[3])

    def _expect(self, x: Array) -> None:
        images(x, "CutMix", floats=True)
