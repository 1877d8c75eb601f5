"""Shifts and scales: a number for each feature, each channel, or all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nncore.errors import DataError
from nncore.preprocess.samples import Samples
from nncore.preprocess.transform import Transform

__all__ = ["IMAGENET_MEAN", "IMAGENET_STD", "MeanSubtraction", "MinMax", "Normalize", "Standardize"]

Array = NDArray[Any]
Per = Literal["feature", "pixel", "channel", "all"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
"""Means of the red, green and blue channels of ImageNet's training images in [0, 1]."""
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Their standard deviations."""


def _per(value: str) -> Per:
    if value not in ("feature", "pixel", "channel", "all"):
        raise DataError(f"per is {value!r}; expected 'feature', 'pixel', 'channel' or 'all'")
    return value  # type: ignore[return-value]


def _axes(samples: Samples, per: Per) -> tuple[int, ...]:
    """The axes that share a number."""
    ndim = 1 + len(samples.shape)
    if per == "all":
        return tuple(range(ndim))
    if per == "feature":
        return (0,)
    if per == "pixel":
        if ndim != 4:
            raise DataError(f"per='pixel' is given for samples of shape {samples.shape}; expected images (C, H, W)")
        return (0,)
    if ndim < 3:
        raise DataError(f"per='channel' is given for samples of shape {samples.shape}; expected (C, ...), as of images")
    return (0, *range(2, ndim))


def _mean(samples: Samples, per: Per) -> Array:
    axes = _axes(samples, per)
    total: Any = 0.0
    for _, x in samples.chunks():
        total = total + x.sum(axis=axes, keepdims=True)[0]
    total = np.asarray(total)
    return np.asarray(total / (len(samples) * samples.width // max(1, total.size)))


def _range(samples: Samples, per: Per) -> tuple[Array, Array]:
    axes = _axes(samples, per)
    low, high = np.asarray(np.inf), np.asarray(-np.inf)
    for _, x in samples.chunks():
        low = np.minimum(low, x.min(axis=axes, keepdims=True)[0])
        high = np.maximum(high, x.max(axis=axes, keepdims=True)[0])
    return low, high


class MeanSubtraction(Transform):
    """`x - mean`: the training data's centre becomes the origin.

    Args:
        per: Which elements share a mean. `"feature"`: each element of a sample has one of its own. `"pixel"`: the same,
            for images alone: the mean image. `"channel"`: one for each channel of `(N, C, ...)`, over all samples and
            places. `"all"`: one for everything. Default: `"feature"`.

    Shape: `(N, ...)`; the result has the same. `"pixel"` takes `(N, C, H, W)`, `"channel"` `(N, C, ...)`.

    Attributes:
        mean_: The means, float64: of shape `sample_shape_`, `(C, 1, ...)` or `(1, ...)`.

    Raises:
        DataError: A per that does not fit the samples; what `Transform` raises.

    Source: Krizhevsky, Sutskever and Hinton, 2012, section 2 (the mean image); Simonyan and Zisserman, 2015 (arXiv
    1409.1556), section 2.1 (the mean of each channel).

    Example:
        >>> from nncore import data, preprocess
        >>> train = data.ArrayDataset([[1.0, 10.0], [3.0, 30.0]], role="train")
        >>> preprocess.MeanSubtraction().fit_transform(train).x.tolist()
        [[-1.0, -10.0], [1.0, 10.0]]
    """

    mean_: Array

    def __init__(self, *, per: Per = "feature") -> None:
        self.per = _per(per)

    def learn(self, samples: Samples) -> Mapping[str, Any]:
        return {"mean_": _mean(samples, self.per)}

    def change(self, x: Array) -> Array:
        x -= self.mean_
        return x

    def undo(self, x: Array) -> Array:
        x += self.mean_
        return x


class Standardize(Transform):
    """`(x - mean) / std`: mean 0 and standard deviation 1 on the training data.

    `std = sqrt(mean((x - mean) ** 2))`, without Bessel's correction. A feature that is constant in the training data is
    divided by 1: there it becomes 0, and in other data its distance from that constant.

    Args:
        per: Which elements share a mean and a deviation, as in `MeanSubtraction`. Default: `"feature"`.

    Shape: `(N, ...)`; the result has the same.

    Attributes:
        mean_: The means, float64.
        scale_: What is divided by: the standard deviations, and 1 where they are 0.

    Raises:
        DataError: A per that does not fit the samples; what `Transform` raises.

    Source: LeCun, Bottou, Orr and Müller, 1998 ("Efficient BackProp"), section 4.3.

    Example:
        >>> from nncore import preprocess
        >>> scaler = preprocess.Standardize().fit([[1.0, 5.0], [3.0, 5.0]])
        >>> scaler.transform([[1.0, 5.0], [3.0, 6.0]]).tolist()
        [[-1.0, 0.0], [1.0, 1.0]]
        >>> scaler.inverse_transform([[1.0, 1.0]]).tolist()
        [[3.0, 6.0]]
    """

    mean_: Array
    scale_: Array

    def __init__(self, *, per: Per = "feature") -> None:
        self.per = _per(per)

    def learn(self, samples: Samples) -> Mapping[str, Any]:
        axes, mean = _axes(samples, self.per), _mean(samples, self.per)
        squares: Array = np.zeros_like(mean)
        for _, x in samples.chunks():
            x -= mean
            squares += (x * x).sum(axis=axes, keepdims=True)[0]
        count = len(samples) * samples.width // max(1, mean.size)
        low, high = _range(samples, self.per)
        # Rounding of the mean leaves a constant feature with a tiny deviation, which must not be divided by.
        return {"mean_": np.where(low == high, low, mean), "scale_": _divisor(np.sqrt(squares / count), low == high)}

    def change(self, x: Array) -> Array:
        x -= self.mean_
        x /= self.scale_
        return x

    def undo(self, x: Array) -> Array:
        x *= self.scale_
        x += self.mean_
        return x


def _divisor(scale: Array, constant: Array) -> Array:
    return np.where(constant | (scale == 0), 1.0, scale)


class MinMax(Transform):
    """`low + (x - min) / (max - min) * (high - low)`: the training data fills `[low, high]`.

    A feature that is constant in the training data becomes `low` there, as if its range were 1 wide. Other data may lie
    outside. `MinMax(0, 1)` is the other range in use.

    Args:
        low: Lower end. Default: -1.
        high: Upper end, above `low`. Default: 1.
        per: Which elements share a range, as in `MeanSubtraction`. Default: `"feature"`.

    Shape: `(N, ...)`; the result has the same.

    Attributes:
        data_min_, data_max_: The smallest and largest values of the training data, float64.

    Raises:
        DataError: Ends that are no finite numbers with low < high; a per that does not fit the samples; what `Transform`
            raises.

    Source: Han, Kamber and Pei, "Data Mining", 2012, section 3.5.2 (min-max normalization).

    Example:
        >>> from nncore import preprocess
        >>> preprocess.MinMax().fit_transform([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]]).tolist()
        [[-1.0, -1.0], [0.0, 1.0], [1.0, 0.0]]
    """

    data_min_: Array
    data_max_: Array

    def __init__(self, low: float = -1.0, high: float = 1.0, *, per: Per = "feature") -> None:
        for end in (low, high):
            if isinstance(end, bool) or not isinstance(end, (int, float, np.integer, np.floating)):
                raise DataError(f"low is {low!r} and high is {high!r}; expected finite numbers with low < high")
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise DataError(f"low is {low!r} and high is {high!r}; expected finite numbers with low < high")
        self.low, self.high, self.per = low, high, _per(per)

    def learn(self, samples: Samples) -> Mapping[str, Any]:
        low, high = _range(samples, self.per)
        if not np.isfinite(high - low).all():
            raise DataError("MinMax.fit: max - min of these samples is beyond float64; scale them down first")
        return {"data_min_": low, "data_max_": high}

    def _width(self) -> Array:
        return _divisor(self.data_max_ - self.data_min_, self.data_max_ == self.data_min_)

    def change(self, x: Array) -> Array:
        x -= self.data_min_
        x /= self._width()
        x *= self.high - self.low
        x += self.low
        return x

    def undo(self, x: Array) -> Array:
        x -= self.low
        x *= self._width() / (self.high - self.low)
        x += self.data_min_
        return x


class Normalize(Transform):
    """`(x - mean) / std` with numbers that are known beforehand: for images as published networks want them.

    Nothing is learned: `fit` only takes note of the samples' shape, and may be left out.

    Args:
        mean: A number for each channel, or one for all. Default: `IMAGENET_MEAN`, (0.485, 0.456, 0.406).
        std: The same, above 0. Default: `IMAGENET_STD`, (0.229, 0.224, 0.225).

    Shape: Images `(N, C, H, W)` in [0, 1], or any `(N, C, ...)`; the result has the same.

    Raises:
        DataError: Numbers that are not finite or a std that is not above 0; samples with another number of channels.

    Source: the preprocessing of torchvision's published weights, after Krizhevsky and others, 2012.

    Example:
        >>> import numpy as np
        >>> from nncore import preprocess
        >>> x = preprocess.Normalize().transform(np.full((1, 3, 2, 2), 0.5))
        >>> x.shape, x[0, :, 0, 0].round(3).tolist()
        ((1, 3, 2, 2), [0.066, 0.196, 0.418])
    """

    learns: ClassVar = False

    def __init__(
        self, mean: float | Sequence[float] = IMAGENET_MEAN, std: float | Sequence[float] = IMAGENET_STD
    ) -> None:
        try:
            means, stds = np.asarray(mean, np.float64), np.asarray(std, np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(f"mean is {mean!r} and std is {std!r}; expected a number for each channel") from error
        sizes = {each.size for each in (means, stds) if each.ndim}
        if max(means.ndim, stds.ndim) > 1 or len(sizes) > 1 or 0 in sizes:
            raise DataError(f"mean is {mean!r} and std is {std!r}; expected one number, or as many of each as channels")
        if not (np.isfinite(means).all() and np.isfinite(stds).all() and (stds > 0).all()):
            raise DataError(f"mean is {mean!r} and std is {std!r}; expected finite numbers, and std above 0")
        self.mean, self.std = (tuple(each) if isinstance(each, list) else each for each in (mean, std))
        self._channels = next(iter(sizes), None)

    def learn(self, samples: Samples) -> Mapping[str, Any]:
        self.output_shape(samples.shape)
        return {}

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        if self._channels is not None and shape[:1] != (self._channels,):
            raise DataError(
                f"Normalize has numbers for {self._channels} channels, and was given samples of shape {shape}; expected "
                f"({self._channels}, ...)"
            )
        return shape

    def _numbers(self, x: Array) -> tuple[Array, Array]:
        mean, std = np.asarray(self.mean, np.float64), np.asarray(self.std, np.float64)
        places = (1,) * (x.ndim - 2)
        return mean.reshape(-1, *places) if mean.ndim else mean, std.reshape(-1, *places) if std.ndim else std

    def change(self, x: Array) -> Array:
        mean, std = self._numbers(x)
        x -= mean
        x /= std
        return x

    def undo(self, x: Array) -> Array:
        mean, std = self._numbers(x)
        x *= std
        x += mean
        return x
