"""Indexing by tensors."""

from __future__ import annotations

import numpy as np

from .table import REFERENCES, Array

REFERENCES.update(
    {
        "gather": lambda x, dim, index: _gather(x, index, dim),
        "index_select": lambda x, dim, index: x.take(np.atleast_1d(index), axis=dim),
        "masked_select": lambda x, mask: np.broadcast_arrays(x, mask)[0][np.broadcast_arrays(x, mask)[1]],
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
