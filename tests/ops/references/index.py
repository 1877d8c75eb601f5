"""Indexing by tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .table import REFERENCES, Array, reference

REFERENCES.update(
    {
        "gather": lambda x, dim, index: _gather(x, index, dim),
        "index_select": lambda x, dim, index: x.take(np.atleast_1d(index), axis=dim),
        "masked_select": lambda x, mask: np.broadcast_arrays(x, mask)[0][np.broadcast_arrays(x, mask)[1]],
        "take": lambda x, index: x.reshape(-1)[index],
        "nonzero": lambda x: _nonzero(x),
        "argwhere": lambda x: _nonzero(x),
        "masked_fill": lambda x, mask, value: np.where(mask, value, x),
        "scatter_add": lambda x, dim, index, src: _scatter(x, dim, index, src, "sum", True),
        "scatter_reduce": lambda x, dim, index, src, reduce, include_self=True: _scatter(
            x, dim, index, src, reduce, include_self
        ),
        "index_copy": lambda x, dim, index, source: _slices(x, dim, index, source, 0.0, 1.0),
        "index_add": lambda x, dim, index, source, alpha=1.0: _slices(x, dim, index, source, 1.0, alpha),
    }
)


def _gather(x: Array, index: Array, dim: int) -> Array:
    line = np.atleast_1d(index)
    out = np.empty(line.shape, x.dtype)
    for at in np.ndindex(line.shape):
        source = list(at)
        source[dim] = line[at]
        out[at] = np.atleast_1d(x)[tuple(source)]
    return out.reshape(index.shape)


def _nonzero(x: Array) -> Array:
    return np.stack(np.nonzero(np.atleast_1d(x)), axis=1)[:, : x.ndim]


@reference("take_along_dim")
def _take_along_dim(x: Array, indices: Array, dim: int | None = None) -> Array:
    if dim is None:
        return x.reshape(-1)[indices.reshape(-1)]
    return np.take_along_axis(x, indices, dim)


@reference("scatter")
def _plain_scatter(x: Array, dim: int, index: Array, src: Array, reduce: str | None = None) -> Array:
    how = {None: "replace", "add": "sum", "multiply": "prod"}[reduce]
    return _scatter(x, dim, index, src, how, True)


def _scatter(x: Array, dim: int, index: Array, src: Array, how: str, include_self: bool) -> Array:
    """All that goes to a place is collected in a list there, which is then reduced."""
    rank = max(x.ndim, 1)
    whole, lines = x.reshape(x.shape or (1,)), index.reshape(index.shape or (1,))
    values = np.broadcast_to(src, lines.shape) if src.ndim == 0 else src
    heaps: dict[tuple[int, ...], list[Any]] = {}
    for at in np.ndindex(lines.shape):
        to = list(at)
        to[dim] = int(lines[at]) % whole.shape[dim % rank]
        heaps.setdefault(tuple(to), []).append(values[at])
    out = whole.copy()
    for to, heap in heaps.items():
        if how == "replace":
            out[to] = heap[-1]
            continue
        every = [*([whole[to]] if include_self else []), *heap]
        reduce = {"sum": np.sum, "prod": np.prod, "mean": np.mean, "amax": np.max, "amin": np.min}[how]
        out[to] = reduce(every)
    return out.reshape(x.shape)


def _slices(x: Array, dim: int, index: Array, source: Array, keep: float, alpha: float) -> Array:
    out = x.reshape(x.shape or (1,)).copy()
    lines = source.reshape(source.shape or (1,))
    for k, i in enumerate(np.atleast_1d(index)):
        to: list[Any] = [slice(None)] * out.ndim
        to[dim] = int(i)
        out[tuple(to)] = keep * out[tuple(to)] + alpha * lines.take(k, axis=dim)
    return out.reshape(x.shape)


@reference("index_fill")
def _index_fill(x: Array, dim: int, index: Array, value: Array) -> Array:
    out = x.reshape(x.shape or (1,)).copy()
    to: list[Any] = [slice(None)] * out.ndim
    to[dim] = np.atleast_1d(index)
    out[tuple(to)] = value
    return out.reshape(x.shape)


@reference("index_put")
def _index_put(x: Array, indices: Sequence[Array | None], values: Array, accumulate: bool = False) -> Array:
    out = x.copy()
    key = tuple(slice(None) if i is None else i for i in indices)
    if accumulate:
        np.add.at(out, key, values)
    else:
        out[key] = values
    return out


@reference("masked_scatter")
def _masked_scatter(x: Array, mask: Array, source: Array) -> Array:
    whole, hits = (a.copy() for a in np.broadcast_arrays(x, mask))
    whole[hits] = source.reshape(-1)[: hits.sum()]
    return whole


@reference("one_hot")
def _one_hot(x: Array, num_classes: int = -1) -> Array:
    classes = int(x.max()) + 1 if num_classes == -1 else num_classes
    return (x[..., None] == np.arange(classes)).astype(np.int64)


@reference("embedding")
def _embedding(x: Array, weight: Array, **_: Any) -> Array:
    return weight[x]


@reference("unique")
def unique(
    x: Array, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True, axis=dim)
    inverse = inverse.reshape(x.shape if dim is None else (-1,))
    found = (values, *([inverse] if return_inverse else []), *([counts] if return_counts else []))
    return found if len(found) > 1 else values
