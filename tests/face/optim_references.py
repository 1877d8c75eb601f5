"""Every optimizer's formula in float64 NumPy: `reference(p, grads, **settings)` gives the parameter after a step for each
gradient. Written from the papers and PyTorch's documentation, one parameter at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sgd(
    p: Array, grads: list[Array], lr: float, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
    nesterov: bool = False,
) -> Array:  # fmt: skip
    v = None
    for g in grads:
        g = g + weight_decay * p
        if momentum:
            # The first gradient is taken whole, as in PyTorch.
            v = g if v is None else momentum * v + (1 - dampening) * g
            g = g + momentum * v if nesterov else v
        p = p - lr * g
    return p


def sgdw(
    p: Array, grads: list[Array], lr: float, momentum: float = 0, weight_decay: float = 0.01, nesterov: bool = False
) -> Array:
    v = None
    for g in grads:
        v = g if v is None else momentum * v + g
        p = p - lr * weight_decay * p - lr * ((g + momentum * v) if nesterov else (v if momentum else g))
    return p


def adam(
    p: Array, grads: list[Array], lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
    weight_decay: float = 0, amsgrad: bool = False, decoupled_weight_decay: bool = False,
) -> Array:  # fmt: skip
    m, v, most = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(grads, start=1):
        if decoupled_weight_decay:
            shrunk = p - lr * weight_decay * p
        else:
            shrunk, g = p, g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        most = np.maximum(most, v)
        under = (most if amsgrad else v) / (1 - betas[1] ** t)
        p = shrunk - lr * (m / (1 - betas[0] ** t)) / (np.sqrt(under) + eps)
    return p


def adamw(p: Array, grads: list[Array], lr: float, weight_decay: float = 0.01, **settings: Any) -> Array:
    return adam(p, grads, lr, weight_decay=weight_decay, decoupled_weight_decay=True, **settings)


def nadam(
    p: Array, grads: list[Array], lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
    weight_decay: float = 0, momentum_decay: float = 4e-3, decoupled_weight_decay: bool = False,
) -> Array:  # fmt: skip
    m, v = np.zeros_like(p), np.zeros_like(p)
    mus = [betas[0] * (1 - 0.96 ** (t * momentum_decay) / 2) for t in range(1, len(grads) + 2)]
    for t, g in enumerate(grads, start=1):
        if decoupled_weight_decay:
            p = p * (1 - lr * weight_decay)
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        ahead = mus[t] * m / (1 - np.prod(mus[: t + 1])) + (1 - mus[t - 1]) * g / (1 - np.prod(mus[:t]))
        p = p - lr * ahead / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
    return p


def radam(
    p: Array, grads: list[Array], lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
    weight_decay: float = 0, decoupled_weight_decay: bool = False,
) -> Array:  # fmt: skip
    m, v, most = np.zeros_like(p), np.zeros_like(p), 2 / (1 - betas[1]) - 1
    for t, g in enumerate(grads, start=1):
        if decoupled_weight_decay:
            p = p * (1 - lr * weight_decay)
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        step = m / (1 - betas[0] ** t)
        length = most - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
        if length > 5:
            r = np.sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length))
            step = step * r * np.sqrt(1 - betas[1] ** t) / (np.sqrt(v) + eps)
        p = p - lr * step
    return p


def adamax(
    p: Array, grads: list[Array], lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
    weight_decay: float = 0,
) -> Array:  # fmt: skip
    m, u = np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(grads, start=1):
        g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        u = np.maximum(betas[1] * u, np.abs(g) + eps)
        p = p - lr / (1 - betas[0] ** t) * m / u
    return p


def adagrad(
    p: Array, grads: list[Array], lr: float, lr_decay: float = 0, weight_decay: float = 0,
    initial_accumulator_value: float = 0, eps: float = 1e-10,
) -> Array:  # fmt: skip
    s = np.full_like(p, initial_accumulator_value)
    for t, g in enumerate(grads):
        g = g + weight_decay * p
        s = s + g**2
        p = p - lr / (1 + t * lr_decay) * g / (np.sqrt(s) + eps)
    return p


def adadelta(
    p: Array, grads: list[Array], lr: float, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0
) -> Array:
    s, a = np.zeros_like(p), np.zeros_like(p)
    for g in grads:
        g = g + weight_decay * p
        s = rho * s + (1 - rho) * g**2
        d = np.sqrt(a + eps) / np.sqrt(s + eps) * g
        a = rho * a + (1 - rho) * d**2
        p = p - lr * d
    return p


def rmsprop(
    p: Array, grads: list[Array], lr: float, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0,
    momentum: float = 0, centered: bool = False,
) -> Array:  # fmt: skip
    s, a, b = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    for g in grads:
        g = g + weight_decay * p
        s = alpha * s + (1 - alpha) * g**2
        a = alpha * a + (1 - alpha) * g
        d = g / (np.sqrt(s - a**2 if centered else s) + eps)
        b = momentum * b + d
        p = p - lr * b
    return p


def rprop(
    p: Array, grads: list[Array], lr: float, etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50),
) -> Array:  # fmt: skip
    p, size, before = p.copy(), np.full_like(p, lr), np.zeros_like(p)
    for g in grads:
        for at in np.ndindex(p.shape):
            now, turn = g[at], g[at] * before[at]
            if turn > 0:
                size[at] *= etas[1]
            elif turn < 0:
                size[at] *= etas[0]
                now = 0.0
            size[at] = min(max(size[at], step_sizes[0]), step_sizes[1])
            p[at] -= np.sign(now) * size[at]
            before[at] = now
    return p


def lion(
    p: Array, grads: list[Array], lr: float, betas: tuple[float, float] = (0.9, 0.99), weight_decay: float = 0
) -> Array:
    m = np.zeros_like(p)
    for g in grads:
        c = betas[0] * m + (1 - betas[0]) * g
        p = p - lr * (np.sign(c) + weight_decay * p)
        m = betas[1] * m + (1 - betas[1]) * g
    return p


def lars(
    p: Array, grads: list[Array], lr: float, momentum: float = 0.9, weight_decay: float = 0,
    trust_coefficient: float = 0.001, eps: float = 0,
) -> Array:  # fmt: skip
    v = np.zeros_like(p)
    for g in grads:
        size, slope = np.linalg.norm(p), np.linalg.norm(g)
        rate = lr
        if size > 0 and slope > 0:
            rate = lr * trust_coefficient * size / (slope + weight_decay * size + eps)
        v = momentum * v + rate * (g + weight_decay * p)
        p = p - v
    return p


def lamb(
    p: Array, grads: list[Array], lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-6,
    weight_decay: float = 0,
) -> Array:  # fmt: skip
    m, v = np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(grads, start=1):
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        r = (m / (1 - betas[0] ** t)) / (np.sqrt(v / (1 - betas[1] ** t)) + eps) + weight_decay * p
        size, length = np.linalg.norm(p), np.linalg.norm(r)
        p = p - lr * (size / length if size > 0 and length > 0 else 1.0) * r
    return p


def adafactor(
    p: Array,
    grads: list[Array],
    lr: float,
    beta2_decay: float = -0.8,
    eps: tuple[float | None, float] = (None, 1e-3),
    d: float = 1.0,
    weight_decay: float = 0.0,
) -> Array:
    least = 2.0**-52 if eps[0] is None else eps[0]
    rows = columns = square = 0.0
    for t, g in enumerate(grads, 1):
        if not p.size:
            return p
        weight, rate = t**beta2_decay, min(lr, 1 / np.sqrt(t))
        scale = max(eps[1], np.sqrt(np.mean(p * p))) * rate
        p = p * (1 - lr * weight_decay)
        if g.ndim > 1:
            rows = rows + weight * ((g * g).mean(-1, keepdims=True) - rows)
            columns = columns + weight * ((g * g).mean(-2, keepdims=True) - columns)
            v = rows * columns / np.maximum(np.mean(rows, -2, keepdims=True), least)
        else:
            v = square = square + weight * (g * g - square)
        change = g / np.sqrt(np.maximum(v, least**2))
        p = p - scale / max(1.0, np.sqrt(np.mean(change * change)) / d) * change
    return p


CASES: list[tuple[str, Callable[..., Array], dict[str, Any]]] = [
    ("SGDW", sgdw, {"lr": 0.1, "weight_decay": 0.1}),
    ("SGDW", sgdw, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.2}),
    ("SGDW", sgdw, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True}),
    ("SGD", sgd, {"lr": 0.1}),
    ("SGD", sgd, {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True}),
    ("Adam", adam, {"lr": 0.01}),
    ("Adam", adam, {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}),
    ("Adam", adam, {"lr": 0.01, "betas": (0.8, 0.6), "amsgrad": True}),
    ("Adam", adam, {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", adamw, {"lr": 0.01}),
    ("AdamW", adamw, {"lr": 0.01, "weight_decay": 0.3, "betas": (0.8, 0.6), "amsgrad": True}),
    ("NAdam", nadam, {"lr": 0.01}),
    ("NAdam", nadam, {"lr": 0.01, "betas": (0.8, 0.95), "weight_decay": 0.1, "momentum_decay": 0.1}),
    ("NAdam", nadam, {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", radam, {"lr": 0.01}),
    ("RAdam", radam, {"lr": 0.01, "betas": (0.8, 0.9), "weight_decay": 0.1}),
    ("RAdam", radam, {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", radam, {"lr": 0.01, "betas": (0.9, 0.5)}),
    ("Adamax", adamax, {"lr": 0.02}),
    ("Adamax", adamax, {"lr": 0.02, "betas": (0.8, 0.7), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adafactor", adafactor, {"lr": 0.01}),
    ("Adafactor", adafactor, {"lr": 0.4, "beta2_decay": -0.5, "d": 1.5, "weight_decay": 0.1, "eps": (1e-6, 0.3)}),
    ("Adagrad", adagrad, {"lr": 0.1}),
    ("Adagrad", adagrad, {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
    ("Adadelta", adadelta, {"lr": 1.0}),
    ("Adadelta", adadelta, {"lr": 0.7, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1}),
    ("RMSprop", rmsprop, {"lr": 0.01}),
    ("RMSprop", rmsprop, {"lr": 0.01, "alpha": 0.9, "weight_decay": 0.1, "momentum": 0.9}),
    ("RMSprop", rmsprop, {"lr": 0.01, "alpha": 0.9, "eps": 0.01, "centered": True}),
    (
        "RMSprop",
        rmsprop,
        {"lr": 0.01, "alpha": 0.9, "eps": 0.01, "centered": True, "momentum": 0.5, "weight_decay": 0.1},
    ),
    ("Rprop", rprop, {"lr": 0.01}),
    ("Rprop", rprop, {"lr": 0.01, "etas": (0.3, 1.9), "step_sizes": (0.004, 0.03)}),
    ("Lion", lion, {"lr": 0.01}),
    ("Lion", lion, {"lr": 0.01, "betas": (0.7, 0.8), "weight_decay": 0.3}),
    ("LARS", lars, {"lr": 1.0}),
    ("LARS", lars, {"lr": 10.0, "momentum": 0.5, "weight_decay": 0.1, "trust_coefficient": 0.01, "eps": 0.1}),
    ("LARS", lars, {"lr": 1.0, "momentum": 0.0}),
    ("LAMB", lamb, {"lr": 0.01}),
    ("LAMB", lamb, {"lr": 0.01, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
]
