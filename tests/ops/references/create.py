"""Tensors made from numbers."""

from __future__ import annotations

import numpy as np

from .table import REFERENCES, dtype_of

REFERENCES.update(
    {
        "full": lambda shape, value, dtype="float32": np.full(shape, value, dtype_of(dtype)),
        "arange": lambda start, end, step=1.0, dtype="int64": np.arange(start, end, step).astype(dtype_of(dtype)),
        "eye": lambda n, m=None, dtype="float32": np.eye(n, m, dtype=dtype_of(dtype)),
        "linspace": lambda start, end, steps, dtype="float32": np.linspace(start, end, steps).astype(dtype_of(dtype)),
    }
)
