"""Captured steps: replayed equals eager to the bit, and every guard retraces and says why."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import numpy as np
import pytest

import nncore as nc
from nncore import nn, ops, optim
from nncore.errors import CaptureError, CaptureWarning, InvalidValueError


def batches(count: int, size: int = 8) -> list[tuple[nc.Tensor, nc.Tensor]]:
    rng = np.random.default_rng(0)
    draw = lambda *shape: nc.tensor(rng.standard_normal(shape).astype(np.float32))  # noqa: E731
    return [(draw(size, 6), draw(size, 3)) for _ in range(count)]


class Training:
    """A model and its step, with or without capture."""

    def __init__(self, captured: bool, optimizer: Any = None, zero: str = "inside") -> None:
        self.model = nc.create("mlp", sizes=[6, 5, 3], act="tanh", seed=0)
        make = optimizer or (lambda p: optim.SGD(p, lr=0.1, momentum=0.9))
        self.optimizer = make(self.model.parameters())
        self.zero, self.inside = zero, zero == "inside"
        self.step = nc.capture(self.plain) if captured else self.plain

    def plain(self, x: nc.Tensor, y: nc.Tensor) -> nc.Tensor:
        difference = self.model(x) - y
        loss = (difference * difference).mean()
        if self.inside:
            self.optimizer.zero_grad()
        loss.backward()
        if self.inside:
            self.optimizer.step()
        return loss

    def run(self, data: list[tuple[nc.Tensor, nc.Tensor]]) -> list[np.ndarray]:
        seen = []
        for x, y in data:
            if self.zero == "before":
                self.optimizer.zero_grad()
            seen.append(self.step(x, y).detach().numpy().copy())
            if self.zero != "inside":
                self.optimizer.step()
            if self.zero == "after":
                self.optimizer.zero_grad()
            grads = [p.grad for p in self.model.parameters()]
            seen += [np.zeros(0) if grad is None else grad.numpy().copy() for grad in grads]
        return seen + [p.detach().numpy().copy() for p in self.model.parameters()]


def same(ours: list[np.ndarray], theirs: list[np.ndarray]) -> None:
    for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        np.testing.assert_array_equal(one, other, f"value {at}")


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: optim.SGD(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
        lambda p: optim.Adam(p, lr=0.01),
        lambda p: optim.AdamW(p, lr=0.01),
    ],
)
def test_replayed_equals_eager_to_the_bit(optimizer: Any) -> None:
    captured = Training(True, optimizer)
    same(captured.run(batches(6)), Training(False, optimizer).run(batches(6)))
    assert captured.step.calls == {"eager": 1, "recorded": 1, "replayed": 4}
    assert captured.step.last_retrace is None


@pytest.mark.parametrize("zero", ["before", "after", "never"])
def test_gradients_may_be_cleared_outside(zero: str) -> None:
    captured = Training(True, zero=zero)
    same(captured.run(batches(6)), Training(False, zero=zero).run(batches(6)))
    assert captured.step.calls["replayed"] >= 3


def test_changing_when_gradients_are_cleared_is_noticed() -> None:
    captured, plain = Training(True, zero="before"), Training(False, zero="before")
    for training in (captured, plain):
        training.run(batches(4))
        training.zero = "never"
    same(captured.run(batches(4)), plain.run(batches(4)))
    assert "gradient that the step adds to" in captured.step.last_retrace


def test_a_new_learning_rate_reaches_the_replay() -> None:
    captured, plain = Training(True), Training(False)
    for training in (captured, plain):
        training.run(batches(4))
        training.optimizer.lr = 0.003
    same(captured.run(batches(3)), plain.run(batches(3)))
    assert captured.step.calls["replayed"] == 5 and captured.step.last_retrace is None


def test_each_shape_has_its_program() -> None:
    data = batches(3) + batches(3, 5) + batches(2) + batches(1, 5)
    captured = Training(True)
    same(captured.run(data), Training(False).run(data))
    assert captured.step.calls == {"eager": 2, "recorded": 2, "replayed": 5}
    assert captured.step.last_retrace == "argument 0 was float32 (8, 6) and is now float32 (5, 6)"


def test_modes_settings_and_members_are_guards() -> None:
    training = Training(True)
    model, optimizer, step = training.model, training.optimizer, training.step
    data = batches(3)
    training.run(data)

    def reason(change: Any) -> str:
        change()
        step(*data[0])
        return step.last_retrace

    assert reason(model.eval) == "MLP: training was True and is now False"
    assert reason(lambda: setattr(model.act, "steepness", 2.0)) == "MLP: act.steepness was None and is now 2.0"
    assert reason(lambda: optimizer.param_groups[0].update(momentum=0.5)) == (
        "SGD: group 0: momentum was 0.9 and is now 0.5"
    )
    assert reason(lambda: model.layers[0].freeze()) == "MLP: layers.0.frozen was False and is now True"
    model.layers[0].unfreeze()
    step(*data[0])
    assert reason(lambda: setattr(model, "act", nn.ReLU())) == "MLP: act is another object now"
    handle = model.act.register_forward_hook(lambda module, args, output: output)
    assert reason(lambda: None).startswith("MLP: act.hooks")
    handle.remove()


def test_a_mode_that_comes_back_finds_its_program() -> None:
    training = Training(True)
    training.run(batches(3))
    training.model.eval()
    training.run(batches(2))
    before = training.step.calls
    training.model.train()
    training.run(batches(2))
    training.model.eval()
    training.run(batches(2))
    assert training.step.calls == {**before, "replayed": before["replayed"] + 4}


def test_what_the_step_reads_around_it_is_a_guard() -> None:
    factor = 2.0
    scale = nc.tensor(3.0)

    def step(x: nc.Tensor) -> nc.Tensor:
        return x * factor * scale

    captured = nc.capture(step)
    x = nc.ones((2,))
    assert [captured(x)[0].item() for _ in range(3)] == [6, 6, 6]
    factor = 5.0
    assert captured(x)[0].item() == 15
    assert captured.last_retrace == "'factor', which the step reads from around it, was 2.0 and is now 5.0"
    scale.fill_(1.0)
    assert [captured(x)[0].item() for _ in range(3)] == [5, 5, 5]
    scale = nc.tensor(4.0)
    assert captured(x)[0].item() == 20
    assert captured.last_retrace == "'scale', which the step reads from around it, is another object now"


def test_other_arguments_are_constants_and_guards() -> None:
    captured = nc.capture(lambda x, factor, *, shift=0.0: x * factor + shift)
    x = nc.ones((2,))
    for factor, shift in [(2, 0.0), (3, 0.0), (3, 1.0)]:
        for _ in range(3):
            assert captured(x, factor, shift=shift)[0].item() == factor + shift
    assert captured.calls == {"eager": 3, "recorded": 3, "replayed": 3}
    assert captured.last_retrace == ("the arguments were (a tensor, 3, shift=0.0) and are now (a tensor, 3, shift=1.0)")


def test_arguments_and_results_may_be_nested() -> None:
    class Pair(NamedTuple):
        a: Any
        b: Any

    @nc.capture
    def step(batch: dict[str, Any], pair: Any) -> Any:
        return {"sum": batch["x"] + batch["more"][0], "pair": Pair(pair.a * 2, "label"), "none": None}

    x, y = np.arange(3.0, dtype=np.float32), np.ones(3, dtype=np.float32)
    for shift in range(4):
        result = step({"x": x + shift, "more": [y]}, Pair(nc.tensor(x), 1))
        np.testing.assert_array_equal(result["sum"].numpy(), x + shift + 1)
        np.testing.assert_array_equal(result["pair"].a.numpy(), x * 2)
        assert result["pair"].b == "label" and result["none"] is None
    assert step.calls["replayed"] == 2 and step.__name__ == "step"


def test_results_are_new_each_time_and_off_the_tape() -> None:
    weight = nn.Parameter((2,), init="ones")
    captured = nc.capture(lambda x: x * weight)
    results = [captured(nc.full((2,), float(at))) for at in range(4)]
    assert [result[0].item() for result in results] == [0, 1, 2, 3]
    assert not any(result.requires_grad for result in results)


LATE = [
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.5),
    lambda p: optim.AdamW(p, lr=0.05),
]


@pytest.mark.parametrize("make", LATE, ids=["sgd", "adamw"])
def test_a_branch_that_is_used_late_counts_its_own_steps(make: Any) -> None:
    def run(captured: bool) -> list[np.ndarray]:
        trunk, branch = nn.Parameter(np.ones(3)), nn.Parameter(np.full(3, 2.0))
        optimizer = make([trunk, branch])

        def plain(x: nc.Tensor, whole: bool) -> None:
            optimizer.zero_grad()
            y = trunk * x
            (y * branch if whole else y).sum().backward()
            optimizer.step()

        step = nc.capture(plain) if captured else plain
        for at in range(12):
            step(nc.tensor(np.arange(3.0) - at / 5), at % 4 == 3 or at >= 8)
        assert [count.item() for count in optimizer.param_groups[0].state["step"]] == [12, 6]
        if captured:
            assert step.calls["replayed"] > 4
        return [p.detach().numpy().copy() for p in (trunk, branch)]

    same(run(True), run(False))


def test_probabilities_that_are_none_are_found_before_anything_changed() -> None:
    model = nn.Linear(3, 4).initialize(0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    @nc.capture
    def step(x: nc.Tensor, target: nc.Tensor) -> nc.Tensor:
        optimizer.zero_grad()
        loss = ops.cross_entropy(model(x), target)
        loss.backward()
        optimizer.step()
        return loss

    x, good = nc.ones((2, 3)), np.full((2, 4), 0.25, dtype=np.float32)
    for _ in range(3):
        step(x, nc.tensor(good))
    before = [p.detach().numpy().copy() for p in model.parameters()]
    bad = good.copy()
    bad[1, 2] = np.nan
    with pytest.raises(InvalidValueError, match="target holds NaN"):
        step(x, nc.tensor(bad))
    assert step.calls["replayed"] == 1
    same([p.detach().numpy() for p in model.parameters()], before)
    step(x, nc.tensor(good))
    assert step.calls["replayed"] == 2


def test_without_the_tape_is_another_program() -> None:
    training = Training(True, zero="never")
    x, _ = batches(1)[0]
    forward = nc.capture(lambda x: training.model(x))
    for _ in range(3):
        forward(x)
    with nc.no_grad():
        forward(x)
    assert forward.last_retrace == "gradients were on and are now off"


def test_a_captured_step_inside_a_recorded_one_becomes_part_of_it() -> None:
    inner = nc.capture(lambda x: x * 2)
    outer = nc.capture(lambda x: inner(x) + 1)
    x = nc.ones((2,))
    for _ in range(3):
        inner(x)
    assert [outer(nc.full((2,), float(at)))[0].item() for at in range(4)] == [1, 3, 5, 7]
    assert "mul" in outer.report() and outer.calls["replayed"] == 2


def test_dropout_draws_anew_in_each_replay() -> None:
    layer = nn.Dropout(0.5)
    captured, x = nc.capture(lambda x: layer(x)), nc.ones((64,))
    nc.manual_seed(0)
    replayed = [captured(x).numpy().copy() for _ in range(4)]
    nc.manual_seed(0)
    for result in replayed:
        np.testing.assert_array_equal(layer(x).numpy(), result)
    assert (replayed[2] != replayed[3]).any()


def test_an_op_on_arrays_is_called_in_each_replay() -> None:
    calls = []

    @nc.custom_op(numpy=True)
    def noted(x):
        calls.append(x.sum())
        return x + 1

    captured = nc.capture(lambda x: noted(x) * 2)
    assert [captured(nc.full((2,), float(at)))[0].item() for at in range(4)] == [2, 4, 6, 8]
    assert calls == [0, 2, 4, 6]


def test_reading_a_value_names_the_op_and_the_line() -> None:
    def step(x: nc.Tensor) -> nc.Tensor:
        return x * (x * 2).sum().item()

    captured = nc.capture(step)
    captured(nc.ones((2,)))  # runs as it is
    with pytest.raises(CaptureError, match=r"read by the host while a step was recorded.*test_captured_step\.py:\d+"):
        captured(nc.ones((2,)))


def test_a_tensor_that_survives_unreturned_is_refused() -> None:
    kept = []

    def step(x: nc.Tensor) -> nc.Tensor:
        kept.append(x * 2)
        return x + 1

    captured = nc.capture(step)
    captured(nc.ones((2,)))
    with pytest.raises(CaptureError, match="outlives it without being returned"):
        captured(nc.ones((2,)))


def test_an_argument_that_requires_a_gradient_is_refused() -> None:
    captured = nc.capture(lambda x: ops.relu(x))
    for _ in range(3):
        captured(nc.ones((2,)))
    with pytest.raises(CaptureError, match="argument 0 of the captured step requires a gradient"):
        captured(nc.ones((2,), requires_grad=True))
    with pytest.raises(InvalidValueError, match="takes a function"):
        nc.capture(3)


def test_an_error_in_the_step_leaves_it_usable() -> None:
    fail = [False]

    def step(x: nc.Tensor) -> nc.Tensor:
        if fail[0]:
            raise KeyError("no")
        return x + 1

    captured = nc.capture(step)
    captured(nc.ones((2,)))
    fail[0] = True
    with pytest.raises(KeyError):
        captured(nc.ones((2,)))
    fail[0] = False
    assert [captured(nc.ones((2,)))[0].item() for _ in range(3)] == [2, 2, 2]


def test_the_report_tells_calls_programs_and_reasons() -> None:
    training = Training(True)
    training.run(batches(3) + batches(2, 5))
    report = training.step.report()
    assert report.startswith("captured step Training.plain: 2 eager, 2 recorded, 1 replayed")
    assert "program 1: float32 (8, 6), float32 (8, 3); 1 replays" in report
    assert "sgd_step" in report and "planned into" in report
    assert "argument 0 was float32 (8, 6) and is now float32 (5, 6)" in report


def test_many_shapes_do_not_fill_the_machine() -> None:
    captured = nc.capture(lambda x: x + 1)
    with pytest.warns(CaptureWarning, match=r"in 16 calls something was different.*argument 0 was float32 \(15,\)"):
        for size in range(1, 100):
            captured(nc.ones((size,)))
    assert len(captured._recordings) <= 64


def test_equal_numbers_of_other_types_are_other_arguments() -> None:
    @nc.capture
    def add(x, number):
        return x + number

    x = nc.tensor([1, 2])
    for _ in range(3):
        assert add(x, 1).dtype == nc.int64
    for _ in range(3):
        assert add(x, 1.0).dtype == nc.float32
    assert add(x, 1).dtype == nc.int64


def test_results_of_the_first_call_are_its_own() -> None:
    state = nc.zeros((2,))

    def step(x: nc.Tensor) -> tuple[nc.Tensor, nc.Tensor]:
        state.copy_(state + x)
        return state, x

    captured, x = nc.capture(step), nc.ones((2,))
    first, given = captured(x)
    captured(x)
    assert first.tolist() == [1, 1] and not np.shares_memory(given.numpy(), x.numpy())
    first.fill_(7.0)
    assert captured(x)[0].tolist() == [3, 3]


def test_turning_a_gradient_off_outside_is_noticed() -> None:
    w, v = nc.ones((2,), requires_grad=True), nc.full((2,), 3.0, requires_grad=True)

    def step(x: nc.Tensor) -> nc.Tensor:
        w.grad = v.grad = None
        loss = (x * w * v).sum()
        loss.backward()
        return loss

    captured, x = nc.capture(step), nc.ones((2,))
    for _ in range(3):
        captured(x)
    v.requires_grad_(False)
    for _ in range(3):
        captured(x)
        assert w.grad.tolist() == [3, 3] and v.grad is None
    assert "requires_grad of a tensor that the step uses was on when recorded, and is off now" in captured.last_retrace
    v.requires_grad = True
    captured(x)
    assert v.grad.tolist() == [1, 1]


def test_arguments_that_share_changed_memory_run_as_they_are() -> None:
    logits = nc.tensor([[0.5, 0.25, 0.125]])

    @nc.capture
    def step(labels: nc.Tensor, target: nc.Tensor) -> nc.Tensor:
        target.fill_(2)
        return ops.cross_entropy(logits, labels)

    label = lambda value: nc.tensor([value])  # noqa: E731
    apart = [step(label(2), label(0)).item() for _ in range(4)]
    assert step.calls["replayed"] == 2
    # 9 is no class; it is overwritten before it is read.
    both = [label(value) for value in (0, 9, 1)]
    assert [step(tensor, tensor).item() for tensor in both] == apart[:3]
    assert step.calls == {"eager": 4, "recorded": 1, "replayed": 2} and "share memory" in step.last_retrace
    assert step(label(2), label(0)).item() == apart[0] and step.calls["replayed"] == 3


def test_a_refused_step_has_run_once_and_does_not_run_again() -> None:
    count = nc.zeros(())

    def step(x: nc.Tensor) -> float:
        count.copy_(count + 1)
        value = (x * 2).sum().item()
        count.copy_(count + 1)
        return value

    captured = nc.capture(step)
    assert captured(nc.ones((2,))) == 4 and count.item() == 2
    with pytest.raises(CaptureError, match=r"read by the host.*test_captured_step\.py.*ran to its end, once"):
        captured(nc.ones((2,)))
    assert count.item() == 4
    for _ in range(2):
        with pytest.raises(CaptureError, match="did not run now.*read by the host"):
            captured(nc.ones((2,)))
    assert count.item() == 4
    assert captured(nc.ones((3,))) == 6 and count.item() == 6


def test_threads_take_turns() -> None:
    weight = nc.zeros((4096,), requires_grad=True)
    optimizer = optim.SGD([weight], lr=1.0, momentum=0.5)

    @nc.capture
    def step(x: nc.Tensor) -> nc.Tensor:
        optimizer.zero_grad()
        loss = (weight * x).sum()
        loss.backward()
        optimizer.step()
        return (weight * 1.0).sum()

    def work(size: int) -> None:
        for _ in range(50):
            step(nc.full((size, 1), 1.0 / size))

    # Shapes differ, so that one thread records while another one replays.
    threads = [threading.Thread(target=work, args=(1 + at % 2,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(step.calls.values()) == 200
    velocity = value = 0.0
    for _ in range(200):
        velocity = 0.5 * velocity + 1.0
        value -= velocity
    np.testing.assert_allclose(weight.detach().numpy(), value, rtol=1e-6)
