"""Shapes and layouts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .table import REFERENCES, Array, reference

REFERENCES.update(
    {
        "reshape": lambda x, shape: x.reshape(shape),
        "permute": lambda x, dims: x.transpose(dims),
        "transpose": lambda x, dim0, dim1: x.swapaxes(dim0, dim1) if x.ndim else x,
        "select": lambda x, dim, index: x.take(index, axis=dim),
        "cat": lambda tensors, dim=0: np.concatenate(tensors, axis=dim),
        "stack": lambda tensors, dim=0: np.stack(tensors, axis=dim),
        "unsqueeze": lambda x, dim: np.expand_dims(x, dim),
    }
)


@reference("expand")
def expand(x: Array, shape: Sequence[int]) -> Array:
    lead = len(shape) - x.ndim
    sizes = [x.shape[i - lead] if size == -1 else size for i, size in enumerate(shape)]
    return np.broadcast_to(x, sizes)


@reference("flatten")
def flatten(x: Array, start_dim: int = 0, end_dim: int = -1) -> Array:
    if x.ndim == 0:
        return x.reshape(1)
    start, end = start_dim % x.ndim, end_dim % x.ndim
    return x.reshape(*x.shape[:start], int(np.prod(x.shape[start : end + 1])), *x.shape[end + 1 :])


@reference("squeeze")
def squeeze(x: Array, dim: Any = None) -> Array:
    axes = range(x.ndim) if dim is None else [d % max(x.ndim, 1) for d in np.atleast_1d(dim)]
    return x.squeeze(tuple(a for a in axes if a < x.ndim and x.shape[a] == 1))


@reference("slice")
def slice_(x: Array, dim: int = 0, start: int | None = None, stop: int | None = None, step: int = 1) -> Array:
    places = [slice(None)] * x.ndim
    places[dim] = slice(start, stop, step)
    return x[tuple(places)]
