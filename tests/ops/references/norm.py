"""Normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import Array, reference


@reference("batch_norm")
def batch_norm(
    x: Array,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    weight: Array | None = None,
    bias: Array | None = None,
    training: bool = False,
    momentum: float | None = 0.1,
    eps: float = 1e-5,
    num_batches_tracked: Array | None = None,
) -> Array:
    axes, shape = (0, *range(2, x.ndim)), (1, -1, *[1] * (x.ndim - 2))
    mean, var = (x.mean(axes), x.var(axes)) if training else (running_mean, running_var)
    assert mean is not None and var is not None
    y = (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    y = y if weight is None else y * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)


def standardized(x: Array, axes: tuple[int, ...], eps: float) -> Array:
    """Mean 0 and variance 1 over some axes."""
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def by_channel(y: Array, weight: Array | None, bias: Array | None) -> Array:
    """The affine map of each channel."""
    shape = (-1, *[1] * (y.ndim - 2))
    y = y if weight is None else y * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)


@reference("layer_norm")
def layer_norm(
    x: Array, normalized_shape: Any, weight: Array | None = None, bias: Array | None = None, eps: float = 1e-5
) -> Array:
    y = standardized(x, tuple(range(-len(normalized_shape), 0)), eps)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


@reference("rms_norm")
def rms_norm(x: Array, normalized_shape: Any, weight: Array | None = None, eps: float | None = None) -> Array:
    axes = tuple(range(-len(normalized_shape), 0))
    eps = np.finfo(x.dtype).eps if eps is None else eps
    y = x / np.sqrt((x * x).mean(axes, keepdims=True) + eps)
    return y if weight is None else y * weight


@reference("group_norm")
def group_norm(
    x: Array, num_groups: int, weight: Array | None = None, bias: Array | None = None, eps: float = 1e-5
) -> Array:
    groups = x.reshape(x.shape[0], num_groups, x[0].size // num_groups if len(x) else 1)
    return by_channel(standardized(groups, (2,), eps).reshape(x.shape), weight, bias)


@reference("instance_norm")
def instance_norm(
    x: Array,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    weight: Array | None = None,
    bias: Array | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Array:
    if not use_input_stats:
        return batch_norm(x, running_mean, running_var, weight, bias, False, momentum, eps)
    return by_channel(standardized(x, tuple(range(2, x.ndim)), eps), weight, bias)


@reference("local_response_norm")
def local_response_norm(
    x: Array, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0, average: bool = True
) -> Array:
    total = np.zeros_like(x)
    channels = x.shape[1]
    for c in range(channels):
        window = range(max(c - size // 2, 0), min(c + (size - 1) // 2, channels - 1) + 1)
        total[:, c] = sum(x[:, j] ** 2 for j in window)
    return x / (k + alpha * (total / size if average else total)) ** beta


@reference("normalize")
def normalize(x: Array, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Array:
    return x / np.maximum(np.linalg.norm(x, p, axis=dim, keepdims=True), eps)
