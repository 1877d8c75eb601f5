"""Reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import REFERENCES, Array, over

REFERENCES.update(
    {
        "sum": lambda x, dim=None, keepdim=False, dtype=None: x.sum(over(dim), keepdims=keepdim),
        "mean": lambda x, dim=None, keepdim=False, dtype=None: x.mean(over(dim), keepdims=keepdim),
        "amax": lambda x, dim=None, keepdim=False: x.max(over(dim), keepdims=keepdim),
        "amin": lambda x, dim=None, keepdim=False: x.min(over(dim), keepdims=keepdim),
        "argmax": lambda x, dim=None, keepdim=False: x.argmax(dim, keepdims=keepdim),
        "argmin": lambda x, dim=None, keepdim=False: x.argmin(dim, keepdims=keepdim),
        "max": lambda x, dim=None, keepdim=False: _extreme(x, np.max, np.argmax, dim, keepdim),
        "min": lambda x, dim=None, keepdim=False: _extreme(x, np.min, np.argmin, dim, keepdim),
    }
)


def _extreme(x: Array, of: Any, where: Any, dim: int | None, keepdim: bool) -> Any:
    values = of(x, axis=dim, keepdims=keepdim)
    return values if dim is None else (values, where(x, axis=dim, keepdims=keepdim))
