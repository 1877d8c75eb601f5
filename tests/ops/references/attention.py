"""Attention."""

from __future__ import annotations

import numpy as np

from .table import Array, reference


@reference("scaled_dot_product_attention")
def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Array | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    generator: Array | None = None,
) -> Array:
    if enable_gqa:
        heads = query.shape[-3] // key.shape[-3]
        key, value = key.repeat(heads, -3), value.repeat(heads, -3)
    scores = query @ np.swapaxes(key, -1, -2) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        attn_mask = np.tril(np.ones(scores.shape[-2:], bool))
    if attn_mask is not None:
        scores = np.where(attn_mask, scores, -np.inf) if attn_mask.dtype == bool else scores + attn_mask
    weights = np.exp(scores)
    total = weights.sum(-1, keepdims=True)
    return weights / np.where(total == 0, 1, total) @ value
