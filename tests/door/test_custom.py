"""Ops written in Python: gradients of one's own, NumPy kernels, and both inside captured steps."""

from __future__ import annotations

import numpy as np
import pytest

from nncore import _core as nc
from nncore.errors import GradientError, ShapeError


def test_a_composition_has_the_gradient_that_it_is_given() -> None:
    op = nc.CustomOp("straight")

    def straight(x: nc.Tensor) -> nc.Tensor:
        with nc.no_grad():
            y = (x * 0.5).relu()
        return op.attach([x], [y], lambda ins, outs, grads: [grads[0] * ins[0] * ins[0]])[0]

    x = nc.tensor([2.0, -3.0], dtype="float64", requires_grad=True)
    y = straight(x)
    assert y.grad_fn == "straight" and y.tolist() == [1.0, 0.0]
    (g,) = nc.grad(y.sum(), x, create_graph=True)
    assert g.tolist() == [4.0, 9.0]
    # The gradient is made of ops: x squared, whose own gradient is 2 x.
    (second,) = nc.grad(g.sum(), x)
    assert second.tolist() == [4.0, -6.0]
    assert straight(x.detach()).is_leaf


def test_a_composition_is_captured_with_its_gradient() -> None:
    op = nc.CustomOp("double_back")
    w = nc.tensor([1.0, 2.0], requires_grad=True)

    def step(x: nc.Tensor) -> nc.Tensor:
        with nc.no_grad():
            y = w * x
        y = op.attach([w, x], [y], lambda ins, outs, grads: [grads[0] * ins[1] * 10, None])[0]
        loss = y.sum()
        loss.backward()
        return loss

    _, program = nc.record(step, [nc.ones(2)])
    assert w.grad is not None
    w.grad = None
    program(nc.tensor([3.0, 4.0]))
    assert w.grad.tolist() == [30.0, 40.0]


def test_numpy_kernels_run_eager_and_replayed() -> None:
    op, back, calls = nc.CustomOp("flip"), nc.CustomOp("flip_grad"), 0

    def forward(a: np.ndarray) -> np.ndarray:
        nonlocal calls
        calls += 1
        assert a.flags.writeable and a.flags.c_contiguous
        return a[::-1] * 2

    def backward(ins: list[nc.Tensor], outs: list[nc.Tensor], grads: list[nc.Tensor]) -> list[nc.Tensor]:
        return list(back.run(grads, [(ins[0].dtype, list(ins[0].shape))], lambda g: g[::-1] * 2))

    def flip(x: nc.Tensor) -> nc.Tensor:
        return op.run([x], [(x.dtype, list(x.shape))], forward, backward)[0]

    x = nc.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = flip(x * 1)
    assert y.tolist() == [6.0, 4.0, 2.0]
    (y * nc.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [200.0, 20.0, 2.0]
    _, program = nc.record(lambda t: flip(t) + 1, [nc.ones(3)])
    before = calls
    assert program(nc.tensor([1.0, 2.0, 3.0]))[0].tolist() == [7.0, 5.0, 3.0]
    assert calls == before + 1
    with pytest.raises(GradientError):
        nc.grad(nc.grad(flip(x).sum(), x, create_graph=True)[0].sum(), x)


def test_several_inputs_and_outputs() -> None:
    op = nc.CustomOp("divmod")
    specs = [(nc.float32, [2]), ("int64", [2])]
    q, r = op.run([nc.tensor([7.0, 9.0]), nc.tensor([2.0, 4.0])], specs, lambda a, b: (a // b, np.int32(a % b)))
    assert q.tolist() == [3.0, 2.0] and r.tolist() == [1, 1] and r.dtype == nc.int64


def test_mistakes_are_named() -> None:
    op = nc.CustomOp("wrong")
    x = nc.ones(2, requires_grad=True)
    with pytest.raises(ShapeError, match="output 0 has shape"):
        op.run([x], [(nc.float32, [3])], lambda a: a)
    with pytest.raises(ValueError, match="returned 2 arrays"):
        op.run([x], [(nc.float32, [2])], lambda a: (a, a))
    with pytest.raises(ZeroDivisionError):
        op.run([x], [(nc.float32, [2])], lambda a: 1 / 0)
    for bad, error in [
        (lambda *_: [], GradientError),
        (lambda *_: [nc.ones(3)], ShapeError),
        (lambda *_: [1.0], TypeError),
        (lambda *_: 1 / 0, ZeroDivisionError),
    ]:
        y = op.attach([x], [x.detach() * 2], bad)[0]
        with pytest.raises(error):
            y.sum().backward()
    # A kernel that fails while it is replayed says so too.
    fail = False

    def forward(a: np.ndarray) -> np.ndarray:
        if fail:
            raise RuntimeError("now")
        return a

    _, program = nc.record(lambda t: op.run([t], [(nc.float32, [2])], forward)[0], [nc.ones(2)])
    fail = True
    with pytest.raises(RuntimeError, match="now"):
        program(nc.ones(2))


def test_internal_ops_by_name() -> None:
    x = nc.ones(2)
    nc.function("accumulate")(x, nc.ones(2))
    nc.call("assign", x, nc.full((2,), 5.0))
    assert x.tolist() == [5.0, 5.0]
    with pytest.raises(ValueError, match="no op"):
        nc.call("nothing")
