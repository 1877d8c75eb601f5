"""Principal components and whitening."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data import _checks
from nncore.data._dataset import ArrayDataset
from nncore.data._transforms import Transform, chunks
from nncore.errors import DataError

Array = NDArray[Any]


class _Decorrelating(Transform):
    """The mean, and the eigenvectors of the covariance, of the training data."""

    mean: Array
    variances: Array
    components: Array

    def _eigen(self, train: ArrayDataset, count: int) -> None:
        if len(train) < 2:
            raise DataError(f"{type(self).__name__}.fit was given {len(train)} sample; a covariance takes 2 or more")
        width = int(np.prod(train.sample_shape))
        if not 1 <= count <= width:
            raise DataError(f"components is {count}; expected at most {width}, the number of features")
        mean: Array = np.zeros(width)
        for _, x in chunks(train):
            mean += x.reshape(len(x), width).sum(axis=0)
        mean /= len(train)
        covariance = np.zeros((width, width))
        for _, x in chunks(train):
            centred = x.reshape(len(x), width) - mean
            covariance += centred.T @ centred
        covariance /= len(train) - 1
        # Imported late, so that data sets can be made and files read without the compiled extension.
        from nncore import linalg
        from nncore._core import from_numpy

        values, vectors = (part.numpy() for part in linalg.eigh(from_numpy(covariance)))
        # They come in rising order; and whether v or -v is the eigenvector is left open, so the rule here fixes it.
        rows = vectors.T[::-1][:count]
        signs = np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)])
        self.mean, self.components = mean, rows * signs[:, np.newaxis]
        # A rounding error below zero is no variance.
        self.variances = np.maximum(values[::-1][:count], 0.0)

    def _roots(self, epsilon: float) -> Array:
        floor = self.variances[0] * len(self.mean) * np.finfo(np.float64).eps
        if epsilon == 0 and self.variances[-1] <= floor:
            known = int(np.count_nonzero(self.variances > floor))
            raise DataError(
                f"{type(self).__name__}: the training data varies in {known} directions only, of "
                f"{len(self.variances)} to be whitened; pass epsilon above 0, or whiten PCA({known}) of it"
            )
        return np.sqrt(self.variances + epsilon)


def _epsilon(value: float) -> float:
    if not (np.isfinite(value) and value >= 0):
        raise DataError(f"epsilon is {value!r}; expected a number of 0 or more")
    return float(value)


class PCA(_Decorrelating):
    """Principal components: `z = (x - mean) @ components.T`, which are uncorrelated on the training data.

    The components are the eigenvectors of the covariance `(x - mean).T @ (x - mean) / (N - 1)` with the largest
    eigenvalues, which are the variances of z. In each the entry of largest magnitude is positive. Computed in float64.
    Whitening divides each z by its standard deviation, the root of the eigenvalue: the covariance becomes the identity.
    Source: Pearson, 1901; Hotelling, 1933. Samples are flattened: `(N, ...)` becomes `(N, components)`.

    Args:
        components: How many. Default: as many as there are features.
        whiten: Whether `z / sqrt(variances + epsilon)` is returned instead of z.
        epsilon: Keeps directions with little variance, mostly noise, from being blown up.

    Attributes:
        mean: float64 `(D,)`, D the number of features.
        components: float64 `(components, D)`, orthonormal rows.
        variances: float64 `(components,)`, falling.

    Example:
        >>> from nncore import data
        >>> train, _ = data.load("digits", size=8)
        >>> pca = data.PCA(10, whiten=True, epsilon=0).fit(train)
        >>> z = pca.apply(train).x
        >>> z.shape, bool(abs(z.std(axis=0, ddof=1) - 1).max() < 1e-5)
        ((1437, 10), True)
    """

    def __init__(self, components: int | None = None, *, whiten: bool = False, epsilon: float = 1e-5) -> None:
        self._count = None if components is None else _checks.whole(components, "components", 1)
        self.whiten, self.epsilon = bool(whiten), _epsilon(epsilon)

    def _fit(self, train: ArrayDataset) -> None:
        self._eigen(train, int(np.prod(train.sample_shape)) if self._count is None else self._count)
        self._matrix = self.components.T
        if self.whiten:
            self._matrix = self._matrix / self._roots(self.epsilon)

    def _apply(self, dataset: ArrayDataset) -> ArrayDataset:
        return self._mapped(
            dataset, lambda x: (x.reshape(len(x), -1) - self.mean) @ self._matrix, (len(self.variances),)
        )


class ZCA(_Decorrelating):
    """Whitening that stays as near to the inputs as it can: `(x - mean) @ U @ diag(1 / sqrt(v + epsilon)) @ U.T`.

    U and v are the eigenvectors and eigenvalues of the training data's covariance, as in `PCA`: whitened principal
    components, turned back. With epsilon 0 the covariance becomes the identity. The shape stays. Computed in float64.
    Source: Bell and Sejnowski, 1997; Krizhevsky, 2009.

    Args:
        epsilon: Added to each variance, as in `PCA`.

    Example:
        >>> import numpy as np
        >>> from nncore import data
        >>> train = data.ArrayDataset(np.random.default_rng(0).normal(size=(500, 2)) @ [[1, 2], [0, 1]], role="train")
        >>> white = data.ZCA(epsilon=0).fit(train).apply(train)
        >>> np.allclose(np.cov(white.x.T), np.eye(2), atol=1e-4)
        True
    """

    def __init__(self, *, epsilon: float = 1e-5) -> None:
        self.epsilon = _epsilon(epsilon)

    def _fit(self, train: ArrayDataset) -> None:
        self._eigen(train, int(np.prod(train.sample_shape)))
        self._matrix = self.components.T / self._roots(self.epsilon) @ self.components

    def _apply(self, dataset: ArrayDataset) -> ArrayDataset:
        def whiten(x: Array) -> Array:
            changed: Array = (x.reshape(len(x), -1) - self.mean) @ self._matrix
            return changed.reshape(x.shape)

        return self._mapped(dataset, whiten, dataset.sample_shape)
