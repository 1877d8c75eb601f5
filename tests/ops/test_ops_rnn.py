"""Recurrent networks against a plain NumPy loop, one step and one sequence at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nncore
from nncore import _core as nc
from nncore import ops
from nncore.errors import InvalidValueError, NNCoreError, ShapeError

Array = np.ndarray[Any, Any]
GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}


def logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def step(kind: str, x: Array, h: Array, c: Array, w: list[Array]) -> tuple[Array, Array]:
    """One step of one sequence, by the equations of the documentation."""
    w_ih, w_hh, b_ih, b_hh = w
    a, b = w_ih @ x + b_ih, w_hh @ h + b_hh
    if kind == "lstm":
        i, f, g, o = np.split(a + b, 4)
        c = logistic(f) * c + logistic(i) * np.tanh(g)
        return logistic(o) * np.tanh(c), c
    if kind == "gru":
        (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
        r, z = logistic(ar + br), logistic(az + bz)
        n = np.tanh(an + r * bn)
        return (1 - z) * n + z * h, c
    return (np.tanh(a + b) if kind == "rnn_tanh" else np.maximum(a + b, 0)), c


def reference(
    kind: str, x: Array, h0: Array, c0: Array, params: list[list[Array]], directions: int, lengths: list[int]
) -> tuple[Array, Array, Array]:
    """(steps, batch, in) through all layers; the states are (layers * directions, batch, hidden)."""
    h_n, c_n = h0.copy(), c0.copy()
    for layer in range(len(params) // directions):
        outputs = []
        for d in range(directions):
            k = layer * directions + d
            y = np.zeros((*x.shape[:2], h0.shape[2]))
            for b in range(x.shape[1]):
                h, c = h0[k, b], c0[k, b]
                times = range(lengths[b])
                for t in reversed(times) if d else times:
                    h, c = step(kind, x[t, b], h, c, params[k])
                    y[t, b] = h
                h_n[k, b], c_n[k, b] = h, c
            outputs.append(y)
        x = np.concatenate(outputs, 2)
    return x, h_n, c_n


def made(kind: str, sizes: tuple[int, int, int, int], layers: int = 1, directions: int = 1) -> Any:
    """An input, two states, and weights for all layers."""
    rng = np.random.default_rng(5)
    steps, batch, width, hidden = sizes
    state = (layers * directions, batch, hidden)
    params = []
    for layer in range(layers):
        for _ in range(directions):
            inner = width if layer == 0 else hidden * directions
            rows = GATES[kind] * hidden
            shapes = [(rows, inner), (rows, hidden), (rows,), (rows,)]
            params.append([rng.uniform(-0.6, 0.6, s) for s in shapes])
    return rng.normal(size=(steps, batch, width)), rng.normal(size=state), rng.normal(size=state), params


def run(kind: str, x: Any, h: Any, c: Any, params: Any, **options: Any) -> tuple[nc.Tensor, ...]:
    hx = (h, c) if kind == "lstm" else h
    return getattr(ops, kind)(x, hx, params, **options)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("lengths", [None, [3, 0, 7, 5]])
@pytest.mark.parametrize(("layers", "directions"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_sequences_are_what_a_loop_makes(kind: str, lengths: list[int] | None, layers: int, directions: int) -> None:
    x, h0, c0, params = made(kind, (7, 4, 3, 5), layers, directions)
    want = reference(kind, x, h0, c0, params, directions, lengths or [7] * 4)
    flat = [nc.tensor(w) for group in params for w in group]
    counts = None if lengths is None else nc.tensor(lengths)
    options = {"num_layers": layers, "bidirectional": directions == 2, "lengths": counts}
    got = run(kind, nc.tensor(x), nc.tensor(h0), nc.tensor(c0), flat, **options)
    for a, b in zip(got, want, strict=False):
        np.testing.assert_allclose(a.numpy(), b, rtol=1e-12, atol=1e-13)
    turned = nc.tensor(np.ascontiguousarray(x.transpose(1, 0, 2)))
    first = run(kind, turned, nc.tensor(h0), nc.tensor(c0), flat, batch_first=True, **options)
    np.testing.assert_allclose(first[0].numpy(), want[0].transpose(1, 0, 2), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("kind", GATES)
def test_large_batches_go_in_groups_and_have_the_same_bits_for_any_number_of_threads(kind: str) -> None:
    x, h0, c0, params = made(kind, (6, 37, 9, 20))
    lengths = [(5 * b) % 7 for b in range(37)]
    want = reference(kind, x, h0, c0, params, 1, lengths)[0]
    before, seen = nc.get_num_threads(), set()
    try:
        for threads in (1, 2, 3, 8):
            nc.set_num_threads(threads)
            leaves = [nc.tensor(w.astype(np.float32), requires_grad=True) for w in (x, h0, c0, *params[0])]
            y = run(kind, leaves[0], leaves[1], leaves[2], leaves[3:], lengths=nc.tensor(lengths))[0]
            (y * y).sum().backward()
            grads = [t.grad.numpy().tobytes() for t in leaves if t.grad is not None]
            seen.add(y.detach().numpy().tobytes() + b"".join(grads))
            np.testing.assert_allclose(y.detach().numpy(), want, rtol=2e-4, atol=2e-5)
    finally:
        nc.set_num_threads(before)
    assert len(seen) == 1


@pytest.mark.parametrize("kind", GATES)
def test_gradients_agree_with_differences_of_the_loop(kind: str) -> None:
    x, h0, c0, params = made(kind, (4, 3, 2, 3), 2, 2)
    lengths = [4, 2, 3]
    rng = np.random.default_rng(8)
    arrays = [x, h0, c0, *(w for group in params for w in group)]
    want = reference(kind, x, h0, c0, params, 2, lengths)
    weights = [rng.normal(size=w.shape) for w in want[: 3 if kind == "lstm" else 2]]

    def objective(values: list[Array]) -> float:
        groups = [values[k : k + 4] for k in range(3, len(values), 4)]
        out = reference(kind, values[0], values[1], values[2], groups, 2, lengths)
        return sum(float((w * y).sum()) for w, y in zip(weights, out, strict=False))

    leaves = [nc.tensor(a, requires_grad=True) for a in arrays]
    options = {"num_layers": 2, "bidirectional": True, "lengths": nc.tensor(lengths)}
    got = run(kind, leaves[0], leaves[1], leaves[2], leaves[3:], **options)
    total = None
    for w, y in zip(weights, got, strict=True):
        part = (nc.tensor(w) * y).sum()
        total = part if total is None else total + part
    total.backward()
    for k, leaf in enumerate(leaves):
        if kind != "lstm" and k == 2:
            continue
        flat = arrays[k].reshape(-1)
        for at in rng.choice(flat.size, min(flat.size, 5), replace=False):
            sides = []
            for move in (1e-6, -1e-6):
                moved = [a.copy() for a in arrays]
                moved[k].reshape(-1)[at] += move
                sides.append(objective(moved))
            np.testing.assert_allclose(
                leaf.grad.numpy().reshape(-1)[at], (sides[0] - sides[1]) / 2e-6, rtol=2e-6, atol=2e-7
            )


@pytest.mark.parametrize("kind", GATES)
def test_a_cell_is_one_step(kind: str) -> None:
    x, h0, c0, params = made(kind, (1, 3, 2, 4))
    cell = getattr(ops, f"{kind}_cell")
    w = [nc.tensor(p) for p in params[0]]
    state: Any = (nc.tensor(h0[0]), nc.tensor(c0[0])) if kind == "lstm" else nc.tensor(h0[0])
    got = cell(nc.tensor(x[0]), state, *w)
    want = [step(kind, x[0, b], h0[0, b], c0[0, b], params[0]) for b in range(3)]
    np.testing.assert_allclose((got[0] if kind == "lstm" else got).numpy(), [h for h, _ in want], rtol=1e-12)
    if kind == "lstm":
        np.testing.assert_allclose(got[1].numpy(), [c for _, c in want], rtol=1e-12)
        alone = cell(nc.tensor(x[0, 1]), (nc.tensor(h0[0, 1]), nc.tensor(c0[0, 1])), *w)
        np.testing.assert_allclose(alone[0].numpy(), want[1][0], rtol=1e-12)
    without = cell(nc.tensor(x[0]), state, *w[:2])
    zero = [np.zeros_like(p) if k > 1 else p for k, p in enumerate(params[0])]
    plain = [step(kind, x[0, b], h0[0, b], c0[0, b], zero)[0] for b in range(3)]
    np.testing.assert_allclose((without[0] if kind == "lstm" else without).numpy(), plain, rtol=1e-12)


def test_a_sequence_alone_needs_no_batch() -> None:
    x, h0, c0, params = made("lstm", (5, 1, 3, 4))
    want = reference("lstm", x, h0, c0, params, 1, [5])
    flat = [nc.tensor(w) for w in params[0]]
    got = ops.lstm(nc.tensor(x[:, 0]), (nc.tensor(h0[:, 0]), nc.tensor(c0[:, 0])), flat)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a.numpy(), b[:, 0], rtol=1e-12)


def test_dropout_lies_between_the_layers_and_only_in_training() -> None:
    x, h0, _, params = made("gru", (6, 8, 3, 16), 2)
    flat = [nc.tensor(w) for group in params for w in group]
    args = (nc.tensor(x), nc.tensor(h0), flat)
    plain = ops.gru(*args, num_layers=2)[0].numpy()
    still = ops.gru(*args, num_layers=2, dropout=0.5)[0].numpy()
    np.testing.assert_array_equal(plain, still)
    g = nc.generator(3)
    first, h_n = ops.gru(*args, num_layers=2, dropout=0.5, train=True, generator=g)
    assert g.tolist() == [3, 1] and not np.allclose(first.numpy(), plain)
    # The lower layer is not touched.
    np.testing.assert_allclose(h_n[0].numpy(), ops.gru(*args, num_layers=2)[1][0].numpy(), rtol=1e-12)


def test_a_training_step_is_replayed() -> None:
    x, h0, c0, params = made("lstm", (6, 4, 3, 5), 2, 2)
    leaves = [nc.tensor(w, requires_grad=True) for group in params for w in group]

    hx = (nc.tensor(h0), nc.tensor(c0))

    def loss(x: nc.Tensor, lengths: nc.Tensor) -> nc.Tensor:
        for leaf in leaves:
            leaf.grad = None
        y, _, c = ops.lstm(x, hx, leaves, num_layers=2, bidirectional=True, lengths=lengths)
        out = (y * y).sum() + c.sum()
        out.backward()
        return out.detach()

    captured = nncore.capture(loss)
    for turn in range(4):
        a, n = nc.tensor(x + turn), nc.tensor([6, turn, 1, 3])
        got, grads = captured(a, n).item(), [leaf.grad.numpy().copy() for leaf in leaves]
        assert got == loss(a, n).item()
        for g, leaf in zip(grads, leaves, strict=True):
            np.testing.assert_array_equal(g, leaf.grad.numpy())


def test_what_does_not_fit_is_named() -> None:
    x, h0, c0, params = made("lstm", (3, 2, 4, 5))
    w = [nc.tensor(p) for p in params[0]]
    x, h, c = nc.tensor(x), nc.tensor(h0), nc.tensor(c0)
    with pytest.raises(InvalidValueError, match="4 parameters"):
        ops.lstm(x, (h, c), w[:3])
    with pytest.raises(ShapeError, match="w_ih"):
        ops.lstm(x, (h, c), [w[1], w[1], *w[2:]])
    with pytest.raises(ShapeError, match="states"):
        ops.lstm(x, (h[0], c[0]), w)
    with pytest.raises(InvalidValueError, match="length of 4"):
        ops.lstm(x, (h, c), w, lengths=nc.tensor([4, 1]))
    with pytest.raises(NNCoreError, match="lengths"):
        ops.lstm(x, (h, c), w, lengths=nc.tensor([1, 1, 1]))
    with pytest.raises(InvalidValueError, match="dropout"):
        ops.lstm(x, (h, c), w, dropout=1.5)
