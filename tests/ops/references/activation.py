"""Activations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .table import REFERENCES, Array, reference

REFERENCES.update(
    {
        "tanh": np.tanh,
        "sigmoid": lambda x: _sigmoid(x),
        "relu": lambda x: np.where(x < 0, 0, x),
        "relu6": lambda x: np.clip(x, 0, 6),
        "hardtanh": lambda x, min_val=-1.0, max_val=1.0: np.clip(x, min_val, max_val),
        "hardsigmoid": lambda x: np.clip(x + 3, 0, 6) / 6,
        "hardswish": lambda x: x * np.clip(x + 3, 0, 6) / 6,
        "hardshrink": lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x, 0),
        "softshrink": lambda x, lambd=0.5: np.sign(x) * np.maximum(np.abs(x) - lambd, 0),
        "tanhshrink": lambda x: x - np.tanh(x),
        "threshold": lambda x, threshold, value: np.where(x > threshold, x, value),
        "leaky_relu": lambda x, negative_slope=0.01: np.where(x > 0, x, negative_slope * x),
        "elu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x)),
        "celu": lambda x, alpha=1.0: np.maximum(x, 0) + np.minimum(alpha * np.expm1(x / alpha), 0),
        "selu": lambda x: 1.0507009873554804934 * np.where(x > 0, x, 1.6732632423543772848 * np.expm1(x)),
        "silu": lambda x: x * _sigmoid(x),
        "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
        "softsign": lambda x: x / (1 + np.abs(x)),
        "logsigmoid": lambda x: np.log(_sigmoid(x)),
    }
)


def _sigmoid(x: Array) -> Any:
    return 1 / (1 + np.exp(-x))


@reference("gelu")
def gelu(x: Array, approximate: str = "none") -> Any:
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    erfc = np.vectorize(math.erfc, otypes=[float])
    return 0.5 * x * erfc(-x / math.sqrt(2))


@reference("softplus")
def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> Any:
    return np.where(beta * x > threshold, x, np.log1p(np.exp(beta * x)) / beta)


@reference("prelu")
def prelu(x: Array, weight: Array) -> Any:
    along_channels = weight.reshape(-1, *[1] * max(x.ndim - 2, 0)) if x.ndim > 1 else weight.reshape(())
    return np.where(x > 0, x, along_channels * x)


@reference("glu")
def glu(x: Array, dim: int = -1) -> Any:
    a, b = np.split(x, 2, axis=dim)
    return a * _sigmoid(b)


@reference("softmax")
def softmax(x: Array, dim: int) -> Any:
    e = np.exp(x - x.max(axis=dim, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=dim, keepdims=True)


@reference("log_softmax")
def log_softmax(x: Array, dim: int) -> Any:
    shifted = x - x.max(axis=dim, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))


@reference("softmin")
def softmin(x: Array, dim: int) -> Array:
    return softmax(-x, dim)
