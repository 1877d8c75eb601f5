"""The tape from Python: backward, grad, no_grad, and Ctrl-C in the middle."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

from nncore import _core as nc
from nncore.errors import DTypeError, GradientError, ShapeError


def test_backward_adds_to_the_leaves() -> None:
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    (x * x).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [4.0, 8.0]
    x.grad = None
    assert x.grad is None
    x.grad = nc.tensor([1.0, 1.0])
    (x * 2).backward(nc.tensor([1.0, 10.0]))
    assert x.grad.tolist() == [3.0, 21.0]
    with pytest.raises(ShapeError):
        (x * 2).backward()
    with pytest.raises(ShapeError):
        x.grad = nc.zeros(3)


def test_backward_twice_needs_retain_graph() -> None:
    x = nc.ones(2, requires_grad=True)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad is not None and x.grad.tolist() == [4.0, 4.0]
    with pytest.raises(GradientError, match="retain_graph"):
        y.backward()
    with pytest.raises(GradientError):
        nc.zeros(1).backward()


def test_grad_leaves_grad_alone_and_differentiates_twice() -> None:
    x = nc.tensor([1.0, 2.0, 3.0], dtype="float64", requires_grad=True)
    (first,) = nc.grad((x * x * x).sum(), x, create_graph=True)
    (second,) = nc.grad(first.sum(), [x])
    np.testing.assert_allclose(first.detach().numpy(), 3 * np.array([1.0, 2, 3]) ** 2)
    np.testing.assert_allclose(second.numpy(), 6 * np.array([1.0, 2, 3]))
    assert x.grad is None
    z = nc.ones(1, requires_grad=True)
    with pytest.raises(GradientError, match="allow_unused"):
        nc.grad((x * 1).sum(), [x, z])
    assert nc.grad((x * 1).sum(), [x, z], allow_unused=True)[1] is None
    with pytest.raises(GradientError):
        nc.grad((x * 1).sum(), nc.ones(1))


def test_grad_does_not_go_below_what_is_wanted() -> None:
    x, w = nc.ones((2, 3), requires_grad=True), nc.ones((3, 2), requires_grad=True)
    h = (x * x) @ w
    y = (h * h).sum() + (w * w).sum()
    (dh,) = nc.grad(y, [h])
    np.testing.assert_array_equal(dh.numpy(), np.full((2, 2), 6.0))
    # Below h all is as before: its values were not let go.
    (dx,) = nc.grad(h.sum(), [x])
    np.testing.assert_array_equal(dx.numpy(), np.full((2, 3), 4.0))
    # Both at once: h, and what lies below it.
    h = (x * x) @ w
    dh, dw = nc.grad((h * h).sum() + (w * w).sum(), [h, w])
    np.testing.assert_array_equal(dh.numpy(), np.full((2, 2), 6.0))
    np.testing.assert_array_equal(dw.numpy(), np.full((3, 2), 14.0))


def test_grad_asks_no_op_for_what_is_not_wanted() -> None:
    asked: list[bool] = []

    def backward(inputs: list[nc.Tensor], outputs: list[nc.Tensor], grads: list[nc.Tensor]) -> list[nc.Tensor | None]:
        asked.append(True)
        return [grads[0]]

    x, w = nc.ones(2, requires_grad=True), nc.ones(2, requires_grad=True)
    (seen,) = nc.CustomOp("seen").attach([w], [w * 1.0], backward)
    (dx,) = nc.grad((x * seen).sum(), [x])
    np.testing.assert_array_equal(dx.numpy(), [1.0, 1.0])
    assert not asked
    nc.grad((x * seen).sum(), [w])
    assert asked


def test_no_grad_as_block_and_decorator() -> None:
    x = nc.ones(2, requires_grad=True)
    with nc.no_grad():
        assert not nc.is_grad_enabled() and not (x * 2).requires_grad
        with nc.enable_grad():
            assert (x * 2).requires_grad
        assert not nc.is_grad_enabled()
    assert nc.is_grad_enabled()
    block = nc.no_grad()
    with block, nc.enable_grad(), block:
        assert not nc.is_grad_enabled()
    with block, block:
        assert not nc.is_grad_enabled()
    assert nc.is_grad_enabled()

    @nc.no_grad()
    def plain(t: nc.Tensor) -> nc.Tensor:
        "Doubles."
        return t * 2

    class Model:
        @nc.no_grad
        def predict(self, t: nc.Tensor) -> nc.Tensor:
            return t * 3

    assert not plain(x).requires_grad and plain.__name__ == "plain" and plain.__doc__ == "Doubles."
    assert not Model().predict(x).requires_grad
    with pytest.raises(RuntimeError), nc.no_grad():
        raise RuntimeError
    assert nc.is_grad_enabled()


def test_the_tape_of_each_thread_is_its_own() -> None:
    seen: list[bool] = []
    with nc.no_grad():
        t = threading.Thread(target=lambda: seen.append(nc.is_grad_enabled()))
        t.start()
        t.join()
    assert seen == [True]


def test_requires_grad_can_be_turned() -> None:
    x = nc.ones(2)
    assert x.requires_grad_() is x and x.requires_grad
    (x * 2).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [2.0, 2.0]
    x.requires_grad = False
    assert not (x * 2).requires_grad and x.grad is not None
    x.requires_grad = True
    with pytest.raises(GradientError):
        (x * 2).requires_grad = False
    with pytest.raises(DTypeError):
        nc.ones(2, dtype="int64").requires_grad_()


def test_ctrl_c_stops_a_long_backward() -> None:
    x = nc.ones(1 << 20, requires_grad=True)
    y = x
    for _ in range(600):
        y = y * 1.0001
    loss = y.sum()
    loss.backward(retain_graph=True)
    before = x.grad.numpy().copy()
    # In the middle of one call of some 100 ms, where the interpreter itself can not look for signals.
    press = threading.Timer(0.005, lambda: os.kill(os.getpid(), signal.SIGINT))
    # A shell's background job is started with the signal ignored.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            press.start()
            loss.backward(retain_graph=True)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert (x.grad.numpy() == before).all(), "it did not come to its end"


def test_the_gil_is_released_in_long_work() -> None:
    x = nc.ones(1 << 23)
    ticks = 0
    stop = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not stop.is_set():
            ticks += 1
            time.sleep(0)

    t = threading.Thread(target=tick)
    t.start()
    before = ticks
    # A single call: with the GIL held, the other thread could not run within it.
    (x + x).relu()
    during = ticks - before
    stop.set()
    t.join()
    assert during > 10


def test_gradients_of_a_list() -> None:
    a, b = (nc.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    assert nc.gradients([a, b]) is None
    (a * 2 + b * 3).sum().backward()
    np.testing.assert_array_equal([g.numpy() for g in nc.gradients([a, b]) or []], [[2, 2], [3, 3]])
    fixed = nc.tensor([1.0])
    assert nc.gradients([a, fixed]) is None
    nc.clear_gradients([a, fixed])
    assert a.grad is None and b.grad is not None
    for f in (nc.gradients, nc.clear_gradients):
        with pytest.raises(TypeError, match="a Tensor expected, got int"):
            f([1, a])
