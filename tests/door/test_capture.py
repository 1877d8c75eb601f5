"""Captured steps from Python: replayed equals eager, and what would freeze is refused."""

from __future__ import annotations

import numpy as np
import pytest

from nncore import _core as nc
from nncore.errors import CaptureError


def test_replayed_equals_eager() -> None:
    w = nc.tensor([[1.0, -2.0], [0.5, 3.0]], requires_grad=True)

    def step(x: nc.Tensor) -> tuple[nc.Tensor, nc.Tensor]:
        y = (x * w + 1).relu()
        loss = (y * y).sum()
        loss.backward()
        return loss, y

    first, program = nc.record(step, [nc.ones(2, 2)])
    assert first[0].item() == pytest.approx(4 + 0 + 2.25 + 16)
    assert w.grad is not None
    grad = w.grad.tolist()
    for k in range(3):
        x = nc.full((2, 2), float(k))
        w.grad = None  # as it was when the step was recorded
        loss, y = program(x)
        eager = np.maximum(k * np.array([[1.0, -2.0], [0.5, 3.0]]) + 1, 0)
        np.testing.assert_allclose(y.numpy(), eager)
        assert loss.item() == pytest.approx((eager**2).sum())
        np.testing.assert_allclose(w.grad.numpy(), 2 * eager * k)
    assert grad == [[4.0, 0.0], [3.0, 8.0]]
    with pytest.raises(CaptureError, match="gradient that the step adds to"):
        program(nc.ones(2, 2))
    w.grad = None
    assert program.fits([nc.ones(2, 2)]) and not program.fits([nc.ones(2, 3)]) and not program.fits([])
    with pytest.raises(CaptureError, match="argument 0"):
        program(nc.ones(3))
    assert "relu" in program.report() and program.stats["instructions"] == len(program.stats["ops"]) > 3


def test_results_of_a_replay_are_its_own() -> None:
    (first,), program = nc.record(lambda x: x + 1, [nc.ones(2)])
    (second,) = program.replay([nc.zeros(2)])
    program.replay((nc.full((2,), 9.0),))
    assert first.tolist() == [2.0, 2.0] and second.tolist() == [1.0, 1.0]


def test_a_host_read_names_the_line() -> None:
    def step(x: nc.Tensor) -> nc.Tensor:
        y = x * 2
        if y.sum().item() > 0:
            return y
        return x

    for read in (step, lambda x: x * float(x.sum()), lambda x: nc.tensor(x.numpy()), lambda x: x * bool(x.sum())):
        with pytest.raises(CaptureError, match=r"test_capture.py:\d+"):
            nc.record(read, [nc.ones(2)])
    assert not nc.recording()


def test_constants_from_the_host_are_refused_and_numbers_are_not() -> None:
    with pytest.raises(CaptureError, match="host"):
        nc.record(lambda x: x + nc.tensor([1.0, 2.0]), [nc.ones(2)])
    with pytest.raises(CaptureError, match="host"):
        nc.record(lambda x: x + np.ones(2, np.float32), [nc.ones(2)])
    (out,), program = nc.record(lambda x: (x + 1) * nc.full((2,), 3.0) + nc.ones(2), [nc.ones(2)])
    assert out.tolist() == [7.0, 7.0] and program(nc.zeros(2))[0].tolist() == [4.0, 4.0]


def test_what_outlives_the_step_is_refused() -> None:
    kept = []
    with pytest.raises(CaptureError, match="outlives"):
        nc.record(lambda x: kept.append(x * 2) or x, [nc.ones(2)])


def test_an_exception_in_the_step_comes_through() -> None:
    def step(x: nc.Tensor) -> nc.Tensor:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        nc.record(step, [nc.ones(2)])
    assert not nc.recording()
    with pytest.raises(TypeError, match="Tensor expected"):
        nc.record(lambda x: 3, [nc.ones(2)])
    with pytest.raises(CaptureError, match="inside another"):
        nc.record(lambda x: nc.record(lambda y: y, [x])[0], [nc.ones(2)])


def test_state_in_buffers_goes_on() -> None:
    count = nc.zeros(1)

    def step(x: nc.Tensor) -> nc.Tensor:
        nonlocal count
        count += 1
        return x + count

    _, program = nc.record(step, [nc.zeros(1)])
    assert [program(nc.zeros(1))[0].item() for _ in range(3)] == [2.0, 3.0, 4.0]
    assert count.item() == 4.0
