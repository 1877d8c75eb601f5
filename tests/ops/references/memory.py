"""Copies and casts."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import REFERENCES, Array, dtype_of

REFERENCES.update(
    {
        "copy": lambda x, memory_format="preserve": x.copy(),
        "cast": lambda x, dtype: _cast(x, dtype_of(dtype)),
    }
)


def _cast(x: Array, dtype: np.dtype[Any]) -> Array:
    if dtype.kind in "iu" and x.dtype.kind == "f":
        # Towards zero, and to the nearest end where the value does not fit: NumPy leaves that open.
        ends = np.iinfo(dtype)
        x = np.clip(np.trunc(x), ends.min, ends.max)
    return x.astype(dtype)
