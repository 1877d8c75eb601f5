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
        "narrow": lambda x, dim, start, length: x.take(range(start % x.shape[dim], start % x.shape[dim] + length), dim),
        "movedim": lambda x, source, destination: np.moveaxis(x, source, destination),
        "moveaxis": lambda x, source, destination: np.moveaxis(x, source, destination),
        "swapaxes": lambda x, axis0, axis1: x.swapaxes(axis0, axis1),
        "swapdims": lambda x, dim0, dim1: x.swapaxes(dim0, dim1),
        "unbind": lambda x, dim=0: tuple(np.moveaxis(x, dim, 0)),
        "chunk": lambda x, chunks, dim=0: split(x, -(-x.shape[dim] // chunks), dim) if x.shape[dim] else (x,) * chunks,
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


@reference("split")
def split(x: Array, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Array, ...]:
    n = x.shape[dim]
    if isinstance(split_size_or_sections, int):
        ends = list(range(split_size_or_sections, n, split_size_or_sections))
    else:
        ends = list(np.cumsum(split_size_or_sections)[:-1])
    return tuple(np.split(x, ends, axis=dim))


@reference("tensor_split")
def tensor_split(x: Array, indices_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Array, ...]:
    return tuple(np.array_split(x, indices_or_sections, axis=dim))


@reference("unflatten")
def unflatten(x: Array, dim: int, sizes: Sequence[int]) -> Array:
    axis = dim % x.ndim
    return x.reshape(*x.shape[:axis], *np.empty(x.shape[axis]).reshape(sizes).shape, *x.shape[axis + 1 :])


@reference("pixel_shuffle")
def pixel_shuffle(x: Array, upscale_factor: int) -> Array:
    r = upscale_factor
    *lead, c, h, w = x.shape
    split = x.reshape(*lead, c // (r * r), r, r, h, w)
    return np.moveaxis(split, (-4, -3), (-3, -1)).reshape(*lead, c // (r * r), h * r, w * r)


@reference("pixel_unshuffle")
def pixel_unshuffle(x: Array, downscale_factor: int) -> Array:
    r = downscale_factor
    # Every r-th row and column from one start is a channel of its own.
    parts = [x[..., i::r, j::r] for i in range(r) for j in range(r)]
    *lead, c, h, w = parts[0].shape
    return np.stack(parts, axis=-3).reshape(*lead, c * r * r, h, w)


@reference("channel_shuffle")
def channel_shuffle(x: Array, groups: int) -> Array:
    channels = np.arange(x.shape[1]).reshape(groups, -1).T.ravel()
    return x[:, channels]
