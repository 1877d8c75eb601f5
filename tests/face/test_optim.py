"""How optimizers, their groups, their state and their rates behave; the formulas are in test_optim_steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nncore as nc
from nncore import nn, optim
from nncore.errors import InvalidValueError, StateDictError


@settings(deadline=None, max_examples=25)
@given(st.floats(0, 0.2), st.floats(0, 0.95), st.integers(1, 4))
def test_sgd_goes_down_a_bowl(lr: float, momentum: float, steps: int) -> None:
    start = np.array([3.0, -2.0])
    p = nn.Parameter(start)
    optimizer = optim.SGD([p], lr=lr, momentum=momentum)
    for _ in range(steps):
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()
    want, v = start, 0
    for _ in range(steps):
        v = momentum * v + 2 * want
        want = want - lr * v
    np.testing.assert_allclose(p.detach().numpy(), want, rtol=1e-10, atol=1e-12)


def model() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1)).initialize(0)


def backward(net: nn.Module) -> None:
    net.zero_grad()
    output = net(nc.tensor(np.arange(6.0, dtype=np.float32).reshape(2, 3) / 6))
    (output * output).sum().backward()


def weights(net: nn.Module) -> list[np.ndarray]:
    return [p.detach().numpy().copy() for p in net.parameters()]


def test_groups_have_their_own_settings() -> None:
    net = model()
    optimizer = optim.SGD([{"params": net[0].parameters(), "lr": 0.5}, {"params": net[2].named_parameters()}], lr=0.1)
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.1] and optimizer.lr == 0.5
    before = weights(net)
    backward(net)
    grads = [p.grad.numpy().copy() for p in net.parameters()]
    optimizer.step()
    for p, old, grad, lr in zip(net.parameters(), before, grads, [0.5, 0.5, 0.1, 0.1], strict=True):
        np.testing.assert_allclose(p.detach().numpy(), old - lr * grad, rtol=1e-5, atol=1e-7)


def test_setting_the_rate_reaches_every_group_in_place() -> None:
    net = model()
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    optimizer.add_param_group({"params": nn.Parameter((2,)), "lr": 0.3})
    rates = [group.rate for group in optimizer.param_groups]
    optimizer.lr = 0.05
    assert [rate.item() for rate in rates] == [0.05, 0.05]
    optimizer.param_groups[1]["lr"] *= 2
    assert rates[1].item() == 0.1 and optimizer.param_groups[1]["lr"] == 0.1
    optimizer.param_groups[1].update(lr=0.2, momentum=0.5)
    assert rates[1].item() == 0.2 and optimizer.param_groups[1]["momentum"] == 0.5


def test_parameters_without_a_gradient_stay_and_so_does_their_state() -> None:
    net = model()
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    backward(net)
    optimizer.step()
    buffers = [buffer.numpy().copy() for buffer in optimizer.param_groups[0].state["momentum_buffer"]]
    backward(net)
    net[0].weight.grad = None
    before = weights(net)
    optimizer.step()
    after = weights(net)
    assert (after[0] == before[0]).all() and all((a != b).any() for a, b in zip(after[1:], before[1:], strict=True))
    now = optimizer.param_groups[0].state["momentum_buffer"]
    assert (now[0].numpy() == buffers[0]).all() and (now[2].numpy() != buffers[2]).any()


def test_frozen_parameters_are_skipped() -> None:
    net = model()
    net[0].freeze()
    optimizer = optim.Adam(net.parameters())
    before = weights(net)
    backward(net)
    optimizer.step()
    changed = [(a != b).any() for a, b in zip(weights(net), before, strict=True)]
    assert changed == [False, False, True, True]
    optimizer.zero_grad()
    assert all(p.grad is None for p in net.parameters())


@pytest.mark.parametrize("make", [lambda p: optim.SGD(p, 0.1, momentum=0.9), lambda p: optim.Adam(p, 0.01)])
def test_a_saved_optimizer_goes_on_to_the_bit(make: Any) -> None:
    first = model()
    optimizer = make(first.parameters())
    for _ in range(3):
        backward(first)
        optimizer.step()
    second = model()
    second.load_state_dict(first.state_dict())
    other = make(second.parameters())
    # As it comes out of a file: arrays, and numbers as strings for keys.
    saved = optimizer.state_dict()
    saved["state"] = {
        str(at): {name: np.asarray(t.numpy()).copy() for name, t in own.items()} for at, own in saved["state"].items()
    }
    other.load_state_dict(saved)
    for net, opt in ((first, optimizer), (second, other)):
        for _ in range(3):
            backward(net)
            opt.step()
    for ours, theirs in zip(weights(first), weights(second), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_loading_writes_into_the_state_that_is_there() -> None:
    net = model()
    optimizer = optim.Adam(net.parameters(), 0.01)
    backward(net)
    optimizer.step()
    group = optimizer.param_groups[0]
    where = [t.data_ptr() for t in (*group.state["exp_avg"], *group.state["step"], group.rate)]
    saved = optimizer.state_dict()
    saved["param_groups"][0]["lr"] = 0.5
    optimizer.load_state_dict(saved)
    assert [t.data_ptr() for t in (*group.state["exp_avg"], *group.state["step"], group.rate)] == where
    assert group.rate.item() == 0.5 and group.state["step"][0].item() == 1
    # The state of an optimizer that has made no step yet is zeros.
    optimizer.load_state_dict(optim.Adam(net.parameters()).state_dict())
    assert group.state["step"][0].item() == 0 and (group.state["exp_avg"][0].numpy() == 0).all()


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    net = model()
    optimizer = optim.SGD(net.parameters(), 0.1, momentum=0.9)
    backward(net)
    optimizer.step()
    saved = optimizer.state_dict()
    with pytest.raises(StateDictError, match="state of SGD, the optimizer is Adam"):
        optim.Adam(net.parameters()).load_state_dict(saved)
    with pytest.raises(StateDictError, match=r"groups of \[4\] parameters, the optimizer of \[2\]"):
        optim.SGD(net[0].parameters()).load_state_dict(saved)
    saved["state"][1] = {"momentum_buffer": np.zeros(7)}
    saved["param_groups"][0]["lr"] = 9.0
    with pytest.raises(StateDictError, match="momentum_buffer"):
        optimizer.load_state_dict(saved)
    assert optimizer.lr == 0.1


def test_unbound_optimizers_are_bound_once() -> None:
    optimizer = optim.SGD(lr=0.1)
    assert not optimizer.bound and "unbound" in repr(optimizer) and optimizer.lr == 0.1
    with pytest.raises(InvalidValueError, match="no parameters yet"):
        optimizer.step()
    assert optimizer.bind(model().parameters()) is optimizer and optimizer.bound
    with pytest.raises(InvalidValueError, match="has its parameters"):
        optimizer.bind(model().parameters())


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: optim.SGD(p, lr=-1),
        lambda p: optim.SGD(p, lr="fast"),
        lambda p: optim.SGD(p, lr=float("nan")),
        lambda p: optim.SGD(p, nesterov=True),
        lambda p: optim.Adam(p, betas=(0.9, 1.0)),
        lambda p: optim.Adam(p, betas=0.9),
        lambda p: optim.SGD([]),
        lambda p: optim.SGD(p[0]),
        lambda p: optim.SGD([1.0]),
        lambda p: optim.SGD([p[0], p[0]]),
        lambda p: optim.SGD([{"params": p, "speed": 1}]),
        lambda p: optim.SGD(p).add_param_group({"params": p}),
    ],
)
def test_mistakes_are_told(wrong: Any) -> None:
    with pytest.raises(InvalidValueError):
        wrong(list(model().parameters()))


def test_an_optimizer_of_ones_own_needs_one_method() -> None:
    class Sign(optim.Optimizer):
        def __init__(self, params: Any, lr: float) -> None:
            super().__init__(params, {"lr": lr})

        def update(self, group: optim.ParamGroup) -> None:
            params, grads, _ = group.gradients()
            for p, g in zip(params, grads, strict=True):
                p.detach().copy_(p - g / (g * g).sqrt() * group.rate.to("float32"))

    p = nn.Parameter(np.array([1.0, -1.0], dtype=np.float32))
    optimizer = Sign([p], 0.25)
    (p * p).sum().backward()
    optimizer.step()
    np.testing.assert_allclose(p.detach().numpy(), [0.75, -0.75])
