"""Recurrent networks as loops over one sequence, in float64, by the formulas of the layers' documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def cell(kind: str, x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Array, b_hh: Array) -> Any:
    """The next h and c of one sequence."""
    a, b = w_ih @ x + b_ih, w_hh @ h + b_hh
    if kind == "tanh":
        return np.tanh(a + b), c
    if kind == "relu":
        return np.maximum(a + b, 0), c
    if kind == "GRU":
        (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
        reset, keep = logistic(ar + br), logistic(az + bz)
        return (1 - keep) * np.tanh(an + reset * bn) + keep * h, c
    write, forget, new, show = np.split(a + b, 4)
    c = logistic(forget) * c + logistic(write) * np.tanh(new)
    return logistic(show) * np.tanh(c), c


def network(
    kind: str, state: Mapping[str, Array], x: Array, h0: Array, c0: Array, directions: int = 1
) -> tuple[Array, Array, Array]:
    """One sequence (steps, in) through all layers, by the names of a state dict; the states are (layers * directions, *)."""
    h_n, c_n = h0.copy(), c0.copy()
    for k in range(len(h0)):
        layer, back = divmod(k, directions)
        if back == 0:
            below, outputs = x, []
        suffix = f"l{layer}{'_reverse' if back else ''}"
        w_ih, w_hh = state[f"weight_ih_{suffix}"], state[f"weight_hh_{suffix}"]
        zero = np.zeros(len(w_ih))
        b_ih, b_hh = (state.get(f"{bias}_{suffix}", zero) for bias in ("bias_ih", "bias_hh"))
        h, c, y = h0[k], c0[k], [None] * len(x)
        for t in reversed(range(len(x))) if back else range(len(x)):
            h, c = cell(kind, below[t], h, c, w_ih, w_hh, b_ih, b_hh)
            if f"weight_hr_{suffix}" in state:
                h = state[f"weight_hr_{suffix}"] @ h
            y[t] = h
        outputs.append(np.stack(y))
        h_n[k], c_n[k] = h, c
        if back == directions - 1:
            x = np.concatenate(outputs, 1)
    return x, h_n, c_n
