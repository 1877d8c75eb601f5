"""Principal components and whitening."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nncore.data import _checks
from nncore.errors import DataError
from nncore.preprocess import eigen
from nncore.preprocess.samples import Samples
from nncore.preprocess.transform import Transform

__all__ = ["PCA", "ZCA"]

Array = NDArray[Any]
LARGE = 1e-3
"""Variances above this share of the largest are good to 1e-4 from float32 products."""
MANY = 1 << 20
"""Numbers in the samples above which it matters how fast products are."""
SOLVERS = ("auto", "covariance", "svd", "randomized")


def _epsilon(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise DataError(f"epsilon is {value!r}; expected a number of 0 or more")
    if not (np.isfinite(value) and value >= 0):
        raise DataError(f"epsilon is {value!r}; expected a number of 0 or more")
    return value


def _count(value: float | None) -> int | float | None:
    """A number of components, a share of the variance, or None."""
    if value is None:
        return None
    if isinstance(value, (float, np.floating)):
        if not 0.0 < value < 1.0:
            raise DataError(
                f"n_components is {value!r}; expected a whole number of components, or a share of the variance between "
                "0 and 1, or None for all"
            )
        return value
    return _checks.whole(value, "n_components", 1)


def _several(samples: Samples, name: str) -> None:
    if len(samples) < 2:
        raise DataError(f"{name}.fit was given 1 sample; a covariance takes 2 or more")


def _roots(variances: Array, width: int, epsilon: float, name: str) -> Array:
    """What whitening divides by."""
    floor = variances[0] * width * np.finfo(np.float64).eps
    if epsilon == 0 and variances[-1] <= floor:
        known = int(np.count_nonzero(variances > floor))
        raise DataError(
            f"{name}.fit: the training data varies in {known} directions only, of {len(variances)} to be whitened; pass "
            f"epsilon above 0, or whiten PCA({known}, whiten=True) of it"
            if known
            else f"{name}.fit: the training data does not vary at all, so there is nothing to whiten; pass epsilon above 0"
        )
    return np.sqrt(variances + epsilon)


class PCA(Transform):
    """Principal components: `z = (x - mean) @ components_.T`, which are uncorrelated on the training data.

    The components are the eigenvectors of the covariance `(x - mean).T @ (x - mean) / (N - 1)` with the largest
    eigenvalues, which are the variances of z. In each the entry of largest magnitude is positive. Whitening divides each
    z by its standard deviation, `sqrt(explained_variance_ + epsilon)`: with epsilon 0 the covariance of z becomes the
    identity. Computed in float64, but see `solver`.

    Args:
        n_components: How many; or a share of the variance in (0, 1), for as few as reach it. Default: `None`, as many as
            there are: `min(N, D)`.
        whiten: Whether z is divided by its standard deviation. Default: False.
        epsilon: Added to the variances that whitening divides by, so that directions with next to none, mostly noise, are
            not blown up: by at most `1 / sqrt(epsilon)`. 0 is refused where a direction has none at all. Default: 1e-5.
        solver: `"covariance"`: eigenvectors of the covariance. `"svd"`: singular vectors of the data, which also tells
            apart variances below 1e-16 of the largest one, and is slow for many samples. `"randomized"`: products with a
            random matrix, for a few components of many features; approximate where variances fall slowly. `"auto"`: the
            covariance where there are as many samples as features or more, the singular vectors else. Default: `"auto"`.
            It forms the covariance of more than a million float32 numbers in float32 products, some 1000 rows each, whose
            sums are float64; unless it whitens, takes a share, or the least variance wanted is below 1e-3 of the largest.
        oversampling: Random directions beside the `n_components`, for `"randomized"`. Default: 10.
        iterations: Power iterations, for `"randomized"`. Default: 4.
        seed: Seed of the random matrix, for `"randomized"`. Default: 0.

    Shape: `(N, ...)`, flattened to `(N, D)`; the result is `(N, n_components)`. `inverse_transform` gives the first shape
        back: exactly with all components, else the nearest that they can make.

    Attributes:
        mean_: float64 `(D,)`.
        components_: float64 `(K, D)`, orthonormal rows.
        explained_variance_: float64 `(K,)`, falling.
        explained_variance_ratio_: The same, as shares of the sum over all D directions; 0 where nothing varies.
        scale_: What z is divided by, float64 `(K,)`: 1 without whitening.

    Raises:
        DataError: More components than `min(N, D)`; fewer than 2 samples; whitening with epsilon 0 where a direction has no
            variance; a share together with `"randomized"`; what `Transform` raises.

    Source: Pearson, 1901; Hotelling, 1933. Randomized: Halko, Martinsson and Tropp, 2011 (arXiv 0909.4061), algorithms 4.4
    and 5.1.

    Example:
        >>> from nncore import data, preprocess
        >>> train, test = data.load("digits", size=8)
        >>> pca = preprocess.PCA(0.9).fit(train)
        >>> pca.transform(test).sample_shape, bool(pca.explained_variance_ratio_.sum() >= 0.9)
        ((21,), True)
        >>> z = preprocess.PCA(10, whiten=True, epsilon=0).fit_transform(train).x
        >>> z.shape, bool(abs(z.std(axis=0, ddof=1) - 1).max() < 1e-5)
        ((1437, 10), True)
    """

    mean_: Array
    components_: Array
    explained_variance_: Array
    explained_variance_ratio_: Array
    scale_: Array

    def __init__(
        self,
        n_components: float | None = None,
        *,
        whiten: bool = False,
        epsilon: float = 1e-5,
        solver: Literal["auto", "covariance", "svd", "randomized"] = "auto",
        oversampling: int = 10,
        iterations: int = 4,
        seed: int = 0,
    ) -> None:
        if solver not in SOLVERS:
            raise DataError(f"solver is {solver!r}; expected one of {', '.join(map(repr, SOLVERS))}")
        self.n_components, self.whiten, self.epsilon = _count(n_components), whiten, _epsilon(epsilon)
        if solver == "randomized" and not isinstance(self.n_components, int):
            raise DataError(
                f"n_components is {n_components!r} with solver='randomized'; expected a whole number, since the variance of "
                "all directions is not known there"
            )
        self.solver = solver
        self.oversampling = _checks.whole(oversampling, "oversampling", 0)
        self.iterations = _checks.whole(iterations, "iterations", 0)
        self.seed = _checks.whole(seed, "seed", 0)

    def learn(self, samples: Samples) -> Mapping[str, Any]:
        _several(samples, "PCA")
        most, wanted = min(len(samples), samples.width), self.n_components
        if isinstance(wanted, int) and wanted > most:
            raise DataError(
                f"n_components is {wanted}; expected at most {most}, since PCA.fit was given {len(samples)} samples of "
                f"{samples.width} features"
            )
        found = self._solve(samples)
        if wanted is None:
            found = found.first(most)
        elif isinstance(wanted, int):
            found = found.first(wanted)
        else:
            reached = np.cumsum(found.variances) >= wanted * found.total
            # Rounding may leave all of them below a share next to 1.
            found = found.first(int(reached.argmax()) + 1 if reached.any() else most)
        scale = np.ones(len(found.variances))
        if self.whiten:
            scale = _roots(found.variances, samples.width, self.epsilon, "PCA")
        return {
            "mean_": found.mean,
            "components_": np.ascontiguousarray(found.rows),
            "explained_variance_": found.variances.copy(),
            "explained_variance_ratio_": found.variances / (found.total or 1.0),
            "scale_": scale,
        }

    def _solve(self, samples: Samples) -> eigen.Directions:
        if self.solver == "randomized":
            assert isinstance(self.n_components, int)
            return eigen.randomized(samples, self.n_components, self.oversampling, self.iterations, self.seed)
        if self.solver == "svd" or (self.solver == "auto" and len(samples) < samples.width):
            return eigen.by_svd(samples)
        if self.solver == "auto" and isinstance(self.n_components, int) and self._single(samples):
            found = eigen.by_covariance(samples, np.float32)
            if found.variances[self.n_components - 1] > LARGE * found.variances[0]:
                return found
        return eigen.by_covariance(samples)

    def _single(self, samples: Samples) -> bool:
        """Whether float32 products may do: whitening asks for the small variances, and small data is fast anyway."""
        return samples.dtype == np.float32 and not self.whiten and len(samples) * samples.width > MANY

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (len(self.components_),)

    def change(self, x: Array) -> Array:
        flat = x.reshape(len(x), self.n_features_in_)
        flat -= self.mean_
        z: Array = eigen.product(flat, self.components_.T)
        z /= self.scale_
        return z

    def undo(self, x: Array) -> Array:
        x *= self.scale_
        flat: Array = eigen.product(x, self.components_) + self.mean_
        return flat.reshape(len(x), *self.sample_shape_)


class ZCA(Transform):
    """Whitening that stays as near to the inputs as it can: `(x - mean) @ U @ diag(1 / sqrt(v + epsilon)) @ U.T`.

    U and v are the eigenvectors and eigenvalues of the training data's covariance, as in `PCA`: whitened principal
    components, turned back. With epsilon 0 the covariance becomes the identity. Computed in float64.

    Args:
        epsilon: Added to each variance, as in `PCA`: the larger it is, the less small variances are blown up. 0 is refused
            where a direction has none at all. Default: 1e-5.

    Shape: `(N, ...)`; the result has the same.

    Attributes:
        mean_: float64 `(D,)`.
        whitening_: float64 `(D, D)`, the matrix above, which is symmetric.
        colouring_: float64 `(D, D)`, its inverse.

    Raises:
        DataError: Fewer than 2 samples; epsilon 0 where a direction has no variance; what `Transform` raises.

    Source: Bell and Sejnowski, 1997 ("The independent components of natural scenes are edge filters"); Krizhevsky, 2009
    ("Learning multiple layers of features from tiny images"), appendix A.

    Example:
        >>> import numpy as np
        >>> from nncore import preprocess
        >>> x = np.random.default_rng(0).normal(size=(500, 2)) @ [[1, 2], [0, 1]]
        >>> white = preprocess.ZCA(epsilon=0).fit_transform(x)
        >>> np.allclose(np.cov(white.T), np.eye(2))
        True
    """

    mean_: Array
    whitening_: Array
    colouring_: Array

    def __init__(self, *, epsilon: float = 1e-5) -> None:
        self.epsilon = _epsilon(epsilon)

    def learn(self, samples: Samples) -> Mapping[str, Any]:
        _several(samples, "ZCA")
        found = eigen.by_covariance(samples)
        roots = _roots(found.variances, samples.width, self.epsilon, "ZCA")
        turned = found.rows.T
        return {
            "mean_": found.mean,
            "whitening_": eigen.product(turned / roots, found.rows),
            "colouring_": eigen.product(turned * roots, found.rows),
        }

    def change(self, x: Array) -> Array:
        return self._times(x, self.whitening_, before=self.mean_)

    def undo(self, x: Array) -> Array:
        return self._times(x, self.colouring_, after=self.mean_)

    def _times(self, x: Array, matrix: Array, before: Any = 0.0, after: Any = 0.0) -> Array:
        flat = x.reshape(len(x), self.n_features_in_)
        flat -= before
        changed: Array = eigen.product(flat, matrix)
        changed += after
        return changed.reshape(x.shape)
