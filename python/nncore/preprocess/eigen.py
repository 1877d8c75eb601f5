"""The directions in which training data varies, by four ways of one meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.errors import DataError
from nncore.preprocess.samples import Samples

__all__ = ["Directions", "by_covariance", "by_svd", "randomized"]

Array = NDArray[Any]
LEAF = 112
"""Columns whose squares are one product; smaller products would be slower than what they save."""


@dataclass(frozen=True)
class Directions:
    """Eigenvectors of the covariance of D features over N samples, the largest eigenvalue first.

    Args:
        mean: The mean, `(D,)`.
        rows: Orthonormal eigenvectors, `(K, D)`; in each the entry of largest magnitude is positive.
        variances: Their eigenvalues, `(K,)`, none below 0.
        total: The sum of all D variances.
    """

    mean: Array
    rows: Array
    variances: Array
    total: float

    @classmethod
    def of(cls, mean: Array, rows: Array, variances: Array, total: float) -> Directions:
        """With signs fixed, since whether v or -v is the eigenvector is left open; and rounding errors below 0 gone."""
        signs = np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)])
        return cls(mean, rows * signs[:, np.newaxis], np.maximum(variances, 0.0), max(0.0, total))

    def first(self, count: int) -> Directions:
        """The first ones of them."""
        return Directions(self.mean, self.rows[:count], self.variances[:count], self.total)


def product(a: Array, b: Array) -> Array:
    """`a @ b`, of matrices of one dtype."""
    # Imported late, so that nothing else here needs the compiled extension.
    from nncore._core import from_numpy

    if min(*a.shape, *b.shape) == 0:
        return a @ b
    return (from_numpy(a) @ from_numpy(b)).numpy()


def _finite(array: Array, samples: Samples) -> Array:
    """The array, before a decomposition that knows no infinity."""
    if not np.isfinite(array).all():
        raise DataError(f"{samples.who}: the variances of these samples are beyond float64; scale them down first")
    return array


def _mean(samples: Samples) -> Array:
    total: Array = np.zeros(samples.width)
    for _, x in samples.chunks():
        total += x.reshape(len(x), -1).sum(axis=0)
    return total / len(samples)


def _centred(samples: Samples, mean: Array) -> Any:
    for rows, x in samples.chunks():
        flat = x.reshape(len(x), samples.width)
        flat -= mean
        yield rows, flat


def _add_squares(out: Array, x: Array) -> None:
    """`out += x.T @ x`, in the lower triangle alone, which is nearly half of the work."""
    width = x.shape[1]
    if width <= LEAF:
        out += product(x.T, x)
        return
    half = width // 2
    a, b = x[:, :half], x[:, half:]
    _add_squares(out[:half, :half], a)
    _add_squares(out[half:, half:], b)
    out[half:, :half] += product(b.T, a)


def by_covariance(samples: Samples, dtype: type[np.floating[Any]] = np.float64) -> Directions:
    """All D directions, from the covariance `(x - mean).T @ (x - mean) / (N - 1)`.

    Fast where N is large. Squares halve the digits: variances below 1e-16 of the largest one are lost, which float32 data
    cannot have. With dtype float32 the products of some rows at a time are float32, and their sums float64: twice as fast,
    and off by some 1e-7 of the largest variance.
    """
    mean = _mean(samples)
    covariance = np.zeros((samples.width, samples.width))
    for _, x in _centred(samples, mean):
        _add_squares(covariance, x.astype(dtype, copy=False))
    covariance /= len(samples) - 1
    values, vectors = np.linalg.eigh(_finite(covariance, samples), UPLO="L")
    return Directions.of(mean, vectors.T[::-1], values[::-1], float(np.trace(covariance)))


def by_svd(samples: Samples) -> Directions:
    """`min(N, D)` directions, from the singular values of the centred data: to the last digit, and of wide data faster."""
    mean = _mean(samples)
    x = np.empty((len(samples), samples.width))
    for rows, part in _centred(samples, mean):
        x[rows] = part
    _, values, rows_ = np.linalg.svd(_finite(x, samples), full_matrices=False)
    variances = _finite(values**2 / (len(samples) - 1), samples)
    return Directions.of(mean, rows_, variances, float(variances.sum()))


def randomized(samples: Samples, count: int, extra: int, iterations: int, seed: int) -> Directions:
    """About the first directions, from products of the data with a random matrix.

    Halko, Martinsson and Tropp, 2011: algorithm 4.4, then 5.1, on the transposed data, so that what is kept between
    passes has D rows. Each pass reads the data once, some rows at a time.
    """
    mean = _mean(samples)
    size = min(count + extra, len(samples), samples.width)
    stream = np.random.Generator(np.random.Philox(seed))
    basis, _ = np.linalg.qr(stream.standard_normal((samples.width, size)))
    for _ in range(iterations + 1):
        wider = np.zeros((samples.width, size))
        for _, x in _centred(samples, mean):
            wider += product(x.T, product(x, basis))
        basis, _ = np.linalg.qr(_finite(wider, samples))
    seen = np.empty((len(samples), size))
    total = 0.0
    for rows, x in _centred(samples, mean):
        seen[rows] = product(x, basis)
        total += float(np.vdot(x, x))
    _, values, turned = np.linalg.svd(_finite(seen, samples), full_matrices=False)
    scale = len(samples) - 1
    variances = _finite(values[:count] ** 2 / scale, samples)
    return Directions.of(mean, turned[:count] @ basis.T, variances, total / scale)
