"""Spreads, norms, counts, running values and orders."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import REFERENCES, Array, axes, over, reference


def _var(x: Array, dim: Any = None, correction: float = 1.0, keepdim: bool = False) -> Any:
    centred = x - x.mean(over(dim), keepdims=True)
    count = x.size / max(np.sum(centred, over(dim)).size, 1)
    return (centred**2).sum(over(dim), keepdims=keepdim) / (count - correction)


def _std(x: Array, dim: Any = None, correction: float = 1.0, keepdim: bool = False) -> Any:
    return np.sqrt(_var(x, dim, correction, keepdim))


def _norm(x: Array, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    p = 2.0 if p == "fro" else p
    size, where = np.abs(x), {"axis": over(dim), "keepdims": keepdim}
    if p == 0:
        return (size != 0).sum(**where)
    if np.isinf(p):
        return size.max(**where) if p > 0 else size.min(**where)
    return (size**p).sum(**where) ** (1 / p)


def _line(x: Array, dim: int | None) -> tuple[Array, int]:
    """At least one dimension, and which one."""
    return (x.reshape(-1), 0) if dim is None or x.ndim == 0 else (x, dim)


def _ranked(x: Array, rank: int, dim: int | None, keepdim: bool) -> Any:
    line, axis = _line(x, dim)
    place = np.expand_dims(np.argsort(line, axis, kind="stable").take(rank, axis), axis)
    value = np.take_along_axis(line, place, axis)
    shape = value.shape if keepdim else value.squeeze(axis).shape
    if x.ndim == 0 or dim is None:
        shape = (1,) * x.ndim if keepdim else ()
    return value.reshape(shape) if dim is None else (value.reshape(shape), place.reshape(shape))


def _running(x: Array, dim: int, best: Any) -> Any:
    line, axis = _line(x, dim)
    values = best.accumulate(line, axis)
    places = np.zeros(line.shape, np.int64)
    moved, found, all_values = np.moveaxis(line, axis, -1), np.moveaxis(places, axis, -1), np.moveaxis(values, axis, -1)
    for at in np.ndindex(moved.shape):
        hits = np.flatnonzero(moved[at[:-1]][: at[-1] + 1] == all_values[at])
        found[at] = hits[-1]
    return values.reshape(x.shape), places.reshape(x.shape)


REFERENCES.update(
    {
        "any": lambda x, dim=None, keepdim=False: (x != 0).any(axes(dim), keepdims=keepdim),
        "all": lambda x, dim=None, keepdim=False: (x != 0).all(axes(dim), keepdims=keepdim),
        "count_nonzero": lambda x, dim=None: (x != 0).sum(over(dim)),
        "nansum": lambda x, dim=None, keepdim=False, dtype=None: np.nansum(x, over(dim), keepdims=keepdim),
        "nanmean": lambda x, dim=None, keepdim=False, dtype=None: np.nanmean(x, over(dim), keepdims=keepdim),
        "aminmax": lambda x, dim=None, keepdim=False: (x.min(dim, keepdims=keepdim), x.max(dim, keepdims=keepdim)),
        "var": _var,
        "std": _std,
        "var_mean": lambda x, dim=None, correction=1.0, keepdim=False: (
            _var(x, dim, correction, keepdim),
            x.mean(over(dim), keepdims=keepdim),
        ),
        "std_mean": lambda x, dim=None, correction=1.0, keepdim=False: (
            _std(x, dim, correction, keepdim),
            x.mean(over(dim), keepdims=keepdim),
        ),
        "prod": lambda x, dim=None, keepdim=False, dtype=None: x.prod(dim, keepdims=keepdim),
        "norm": _norm,
        "vector_norm": lambda x, ord=2.0, dim=None, keepdim=False, dtype=None: _norm(x, ord, dim, keepdim),
        "logsumexp": lambda x, dim, keepdim=False: np.log(
            np.exp(x).sum(tuple(dim) if x.ndim else None, keepdims=keepdim)
        ),
        "cumsum": lambda x, dim, dtype=None: x.cumsum(dim).reshape(x.shape),
        "cumprod": lambda x, dim, dtype=None: x.cumprod(dim).reshape(x.shape),
        "cummax": lambda x, dim: _running(x, dim, np.maximum),
        "cummin": lambda x, dim: _running(x, dim, np.minimum),
        "kthvalue": lambda x, k, dim=-1, keepdim=False: _ranked(x, k - 1, dim, keepdim),
        "median": lambda x, dim=None, keepdim=False: _ranked(
            x, (_line(x, dim)[0].shape[_line(x, dim)[1]] - 1) // 2, dim, keepdim
        ),
        "nanmedian": lambda x, dim=None, keepdim=False: _ranked(
            x, (_line(x, dim)[0].shape[_line(x, dim)[1]] - 1) // 2, dim, keepdim
        ),
        "argsort": lambda x, dim=-1, descending=False, stable=False: sort(x, dim, descending)[1],
        "bincount": lambda x, weights=None, minlength=0: np.bincount(x, weights, minlength),
        "bucketize": lambda x, boundaries, out_int32=False, right=False: np.searchsorted(
            boundaries, x, "right" if right else "left"
        ),
    }
)


@reference("sort")
def sort(x: Array, dim: int = -1, descending: bool = False, stable: bool = False) -> tuple[Array, Array]:
    line, axis = _line(x, dim)
    places = np.argsort(-line if descending else line, axis, kind="stable")
    return np.take_along_axis(line, places, axis).reshape(x.shape), places.reshape(x.shape)


@reference("topk")
def topk(x: Array, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> tuple[Array, Array]:
    values, places = sort(x, dim, largest)
    return (values.take(range(k), dim), places.take(range(k), dim)) if x.ndim else (values, places)


@reference("searchsorted")
def searchsorted(
    line: Array,
    x: Array,
    out_int32: bool = False,
    right: bool = False,
    side: Any = None,
    sorter: Array | None = None,
) -> Array:
    side = "right" if right else side or "left"
    line = line if sorter is None else np.take_along_axis(line, sorter, -1)
    if line.ndim == 1:
        return np.asarray(np.searchsorted(line, x, side))
    rows = zip(line.reshape(-1, line.shape[-1]), x.reshape(-1, x.shape[-1]), strict=True)
    return np.stack([np.searchsorted(a, b, side) for a, b in rows]).reshape(x.shape)


def _quantile(how: Any, x: Array, q: Any, dim: int | None, keepdim: bool, interpolation: str) -> Array:
    x = x if x.ndim else x.reshape(1)
    found = how(x, q, dim, keepdims=keepdim and dim is not None, method=interpolation)
    if keepdim and dim is None:
        found = np.reshape(found, (*np.shape(q), *(1 for _ in x.shape)))
    return np.asarray(found)


@reference("quantile")
def quantile(x: Array, q: Any, dim: int | None = None, keepdim: bool = False, interpolation: str = "linear") -> Array:
    return _quantile(np.quantile, x, q, dim, keepdim, interpolation)


@reference("nanquantile")
def nanquantile(
    x: Array, q: Any, dim: int | None = None, keepdim: bool = False, interpolation: str = "linear"
) -> Array:
    return _quantile(np.nanquantile, x, q, dim, keepdim, interpolation)


@reference("histc")
def histc(x: Array, bins: int = 100, min: float = 0.0, max: float = 0.0) -> Array:
    return np.histogram(x, bins, (min, max) if min != max else None)[0].astype(x.dtype)
