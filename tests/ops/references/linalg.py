"""Linear algebra, by NumPy's LAPACK, with signs as the ops have them."""

from __future__ import annotations

import numpy as np

from .table import REFERENCES, Array, reference

REFERENCES.update(
    {
        "linalg_inv": np.linalg.inv,
        "linalg_det": np.linalg.det,
        "linalg_slogdet": lambda a: tuple(np.linalg.slogdet(a)),
        "linalg_svdvals": lambda a: np.linalg.svd(a, compute_uv=False),
        "linalg_eigvalsh": lambda a: np.linalg.eigvalsh(_symmetric(a)),
    }
)


def _symmetric(a: Array) -> Array:
    return (a + a.swapaxes(-1, -2)) / 2


def _signs(columns: Array) -> Array:
    """The sign of the largest number in each column."""
    largest = np.take_along_axis(columns, np.abs(columns).argmax(-2)[..., None, :], -2)
    return np.where(largest < 0, -1.0, 1.0)


@reference("linalg_cholesky")
def _cholesky(a: Array, upper: bool = False) -> Array:
    lower = np.linalg.cholesky(_symmetric(a))
    return lower.swapaxes(-1, -2) if upper else lower


@reference("linalg_solve")
def _solve(a: Array, b: Array, left: bool = True) -> Array:
    if not left:
        return _solve(a.swapaxes(-1, -2), b.swapaxes(-1, -2)).swapaxes(-1, -2)
    if b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1]):
        return np.linalg.solve(a, b[..., None])[..., 0]
    return np.linalg.solve(a, b)


@reference("linalg_qr")
def _qr(a: Array, mode: str = "reduced") -> tuple[Array, Array]:
    q, r = np.linalg.qr(a, mode)
    sign = np.where(np.diagonal(r, axis1=-2, axis2=-1) < 0, -1.0, 1.0)
    return q * sign[..., None, :], r * sign[..., :, None]


@reference("linalg_eigh")
def _eigh(a: Array) -> tuple[Array, Array]:
    values, vectors = np.linalg.eigh(_symmetric(a))
    return values, vectors * _signs(vectors)


@reference("linalg_svd")
def _svd(a: Array, full_matrices: bool = True) -> tuple[Array, Array, Array]:
    u, s, vh = np.linalg.svd(a, full_matrices)
    sign = _signs(u)
    return u * sign, s, vh * sign.swapaxes(-1, -2)


@reference("linalg_lstsq")
def _lstsq(a: Array, b: Array) -> tuple[Array, Array]:
    x = np.linalg.pinv(a) @ b
    rest = ((a @ x - b) ** 2).sum(-2) if a.shape[-2] > a.shape[-1] else np.zeros(0)
    return x, rest
