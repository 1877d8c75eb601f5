"""Activations."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import REFERENCES, Array, reference

REFERENCES.update(
    {
        "tanh": np.tanh,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "relu": lambda x: np.where(x < 0, 0, x),
    }
)


@reference("softmax")
def softmax(x: Array, dim: int) -> Any:
    e = np.exp(x - x.max(axis=dim, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=dim, keepdims=True)


@reference("log_softmax")
def log_softmax(x: Array, dim: int) -> Any:
    shifted = x - x.max(axis=dim, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
