"""Losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from .activation import log_softmax
from .table import Array, reference


@reference("cross_entropy")
def cross_entropy(
    x: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    axis = 0 if x.ndim == 1 else 1
    log_p = np.moveaxis(log_softmax(x, axis), axis, -1)
    classes = log_p.shape[-1]
    w = np.ones(classes) if weight is None else weight
    if np.issubdtype(target.dtype, np.floating):
        p = np.moveaxis(target, axis, -1) * (1 - label_smoothing) + label_smoothing / classes
        losses = -(w * p * log_p).sum(-1)
        divisor = losses.size
    else:
        kept = target != ignore_index
        labels = np.where(kept, target, 0)
        own = -np.take_along_axis(w * log_p, labels[..., None], -1)[..., 0]
        smooth = -(w * log_p).sum(-1) / classes
        losses = ((1 - label_smoothing) * own + label_smoothing * smooth) * kept
        divisor = (w[labels] * kept).sum()
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / divisor


def reduced(losses: Array, reduction: str) -> Any:
    """What becomes of the losses of a batch."""
    return {"none": losses, "mean": losses.mean() if losses.size else np.nan, "sum": losses.sum()}[reduction]


def safe_log(x: Array) -> Array:
    """A logarithm of at least -100."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(x), -100)


@reference("mse_loss")
def mse_loss(x: Array, target: Array, reduction: str = "mean") -> Any:
    return reduced((x - target) ** 2, reduction)


@reference("l1_loss")
def l1_loss(x: Array, target: Array, reduction: str = "mean") -> Any:
    return reduced(np.abs(x - target), reduction)


@reference("smooth_l1_loss")
def smooth_l1_loss(x: Array, target: Array, reduction: str = "mean", beta: float = 1.0) -> Any:
    d = np.abs(x - target)
    return reduced(np.where(d < beta, d**2 / (2 * beta), d - beta / 2), reduction)


@reference("huber_loss")
def huber_loss(x: Array, target: Array, reduction: str = "mean", delta: float = 1.0) -> Any:
    d = np.abs(x - target)
    return reduced(np.where(d <= delta, d**2 / 2, delta * (d - delta / 2)), reduction)


@reference("soft_margin_loss")
def soft_margin_loss(x: Array, target: Array, reduction: str = "mean") -> Any:
    return reduced(np.log1p(np.exp(-target * x)), reduction)


@reference("hinge_embedding_loss")
def hinge_embedding_loss(x: Array, target: Array, margin: float = 1.0, reduction: str = "mean") -> Any:
    return reduced(np.where(target == 1, x, np.maximum(0, margin - x)), reduction)


@reference("margin_ranking_loss")
def margin_ranking_loss(a: Array, b: Array, target: Array, margin: float = 0.0, reduction: str = "mean") -> Any:
    return reduced(np.maximum(0, margin - target * (a - b)), reduction)


@reference("binary_cross_entropy")
def binary_cross_entropy(x: Array, target: Array, weight: Array | None = None, reduction: str = "mean") -> Any:
    losses = -(target * safe_log(x) + (1 - target) * safe_log(1 - x))
    return reduced(losses if weight is None else losses * weight, reduction)


@reference("binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(
    x: Array,
    target: Array,
    weight: Array | None = None,
    reduction: str = "mean",
    pos_weight: Array | None = None,
) -> Any:
    p = 1 / (1 + np.exp(-x))
    positive = 1.0 if pos_weight is None else pos_weight
    losses = -(positive * target * np.log(p) + (1 - target) * np.log(1 - p))
    return reduced(losses if weight is None else losses * weight, reduction)


@reference("kl_div")
def kl_div(x: Array, target: Array, reduction: str = "mean", log_target: bool = False) -> Any:
    losses = np.exp(target) * (target - x) if log_target else target * (np.log(target) - x)
    return losses.sum() / len(losses) if reduction == "batchmean" else reduced(losses, reduction)


@reference("poisson_nll_loss")
def poisson_nll_loss(
    x: Array, target: Array, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean"
) -> Any:
    losses = np.exp(x) - target * x if log_input else x - target * np.log(x + eps)
    if full:
        stirling = target * np.log(target) - target + np.log(2 * np.pi * target) / 2
        losses = losses + np.where(target > 1, stirling, 0)
    return reduced(losses, reduction)


@reference("gaussian_nll_loss")
def gaussian_nll_loss(
    x: Array, target: Array, var: Array, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    var = np.maximum(var if var.ndim == x.ndim else var[..., None], eps)
    losses = (np.log(var) + (x - target) ** 2 / var) / 2
    return reduced(losses + np.log(2 * np.pi) / 2 if full else losses, reduction)


@reference("nll_loss")
def nll_loss(
    x: Array, target: Array, weight: Array | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Any:
    scores = np.moveaxis(x, 0 if x.ndim == 1 else 1, -1)
    kept = target != ignore_index
    labels = np.where(kept, target, 0)
    w = (np.ones(scores.shape[-1]) if weight is None else weight)[labels] * kept
    losses = -w * np.take_along_axis(scores, labels[..., None], -1)[..., 0]
    return losses.sum() / w.sum() if reduction == "mean" else reduced(losses, reduction)


@reference("multi_margin_loss")
def multi_margin_loss(
    x: Array,
    target: Array,
    p: int = 1,
    margin: float = 1.0,
    weight: Array | None = None,
    reduction: str = "mean",
) -> Any:
    rows, labels = np.atleast_2d(x), np.atleast_1d(target)
    own = np.take_along_axis(rows, labels[:, None], 1)
    terms = np.maximum(0, margin - own + rows) ** p
    terms[np.arange(len(rows)), labels] = 0
    losses = terms.sum(1) / rows.shape[1] * (1 if weight is None else weight[labels])
    return reduced(losses.reshape(target.shape), reduction)


@reference("pairwise_distance")
def pairwise_distance(a: Array, b: Array, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Array:
    return np.linalg.norm(a - b + eps, p, axis=-1, keepdims=keepdim)


@reference("cosine_similarity")
def cosine_similarity(a: Array, b: Array, dim: int = 1, eps: float = 1e-8) -> Array:
    a, b = np.broadcast_arrays(a, b)
    long = [np.maximum(np.linalg.norm(x, axis=dim), eps) for x in (a, b)]
    return (a * b).sum(dim) / (long[0] * long[1])


@reference("cosine_embedding_loss")
def cosine_embedding_loss(a: Array, b: Array, target: Array, margin: float = 0.0, reduction: str = "mean") -> Any:
    cos = cosine_similarity(a, b, -1)
    return reduced(np.where(target == 1, 1 - cos, np.maximum(0, cos - margin)), reduction)


@reference("triplet_margin_loss")
def triplet_margin_loss(
    anchor: Array,
    positive: Array,
    negative: Array,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    far = pairwise_distance(anchor, negative, p, eps)
    far = np.minimum(far, pairwise_distance(positive, negative, p, eps)) if swap else far
    return reduced(np.maximum(0, pairwise_distance(anchor, positive, p, eps) - far + margin), reduction)


@reference("multilabel_margin_loss")
def multilabel_margin_loss(x: Array, target: Array, reduction: str = "mean") -> Any:
    losses = []
    for row, labels in zip(np.atleast_2d(x), np.atleast_2d(target), strict=True):
        own = [label for k, label in enumerate(labels) if (labels[: k + 1] >= 0).all()]
        others = [j for j in range(len(row)) if j not in own]
        losses.append(sum(max(0.0, 1 - row[i] + row[j]) for i in own for j in others) / len(row))
    return reduced(np.array(losses) if x.ndim == 2 else np.array(losses[0]), reduction)
