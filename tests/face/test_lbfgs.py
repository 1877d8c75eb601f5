"""L-BFGS against dense matrices in NumPy, on bowls and in Rosenbrock's valley; its line search against Wolfe's conditions."""

from __future__ import annotations

import doctest
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nncore as nc
from nncore import nn, optim
from nncore.errors import InvalidValueError, StateDictError
from nncore.optim import lbfgs
from nncore.optim.line_search import Point, strong_wolfe

Array = np.ndarray[Any, Any]


def bowl(size: int, seed: int = 0) -> tuple[Array, Array]:
    """A symmetric matrix with eigenvalues from 1 to 10, and a vector."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((size, size)))[0]
    return turn @ np.diag(np.linspace(1, 10, size)) @ turn.T, rng.standard_normal(size)


def closure(x: nc.Tensor, loss: Any, calls: list[float]) -> Any:
    def compute() -> nc.Tensor:
        x.grad = None
        value = loss(x)
        value.backward()
        calls.append(value.item())
        return value

    return compute


@pytest.mark.parametrize("history", [1, 3, 100])
@pytest.mark.parametrize("lr", [1.0, 0.3])
@pytest.mark.parametrize("far", [1.0, 0.01])
def test_steps_are_those_of_dense_matrices(history: int, lr: float, far: float) -> None:
    """Nocedal and Wright's equation 7.16 written out: H from s·y/y·y·I, one rank-two change for each pair remembered."""
    matrix, target = bowl(6)
    begin = np.linalg.solve(matrix, target) + far
    x = nc.tensor(begin, requires_grad=True)
    a, b = nc.tensor(matrix), nc.tensor(target)
    optimizer = optim.LBFGS([x], lr=lr, max_iter=1, tolerance_change=0.0, history_size=history)
    compute = closure(x, lambda x: 0.5 * (x * (a @ x)).sum() - (b * x).sum(), [])
    at, pairs, before = begin, [], None
    for step in range(7):
        gradient = matrix @ at - target
        if before is not None:
            pairs = [*pairs, (at - before[0], gradient - before[1])][-history:]
        inverse = np.eye(6)
        if pairs:
            inverse *= pairs[-1][0] @ pairs[-1][1] / (pairs[-1][1] @ pairs[-1][1])
        for s, y in pairs:
            left = np.eye(6) - np.outer(s, y) / (y @ s)
            inverse = left @ inverse @ left.T + np.outer(s, s) / (y @ s)
        before = at, gradient
        at = at - (lr if step else lr * min(1, 1 / abs(gradient).sum())) * inverse @ gradient
        optimizer.step(compute)
        np.testing.assert_allclose(x.detach().numpy(), at, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_it_finds_the_bottom_of_a_bowl(search: str | None) -> None:
    matrix, target = bowl(8)
    x, a, b = nc.tensor(np.zeros(8), requires_grad=True), nc.tensor(matrix), nc.tensor(target)
    calls: list[float] = []
    optimizer = optim.LBFGS([x], max_iter=100, tolerance_change=1e-14, line_search_fn=search)
    first = optimizer.step(closure(x, lambda x: 0.5 * (x * (a @ x)).sum() - (b * x).sum(), calls))
    np.testing.assert_allclose(x.detach().numpy(), np.linalg.solve(matrix, target), atol=1e-6)
    assert first.item() == calls[0] == 0.0 and len(calls) < 50


@pytest.mark.parametrize("size", [2, 10])
def test_it_goes_down_rosenbrocks_valley(size: int) -> None:
    x = nc.tensor(np.array([-1.2, 1.0] * (size // 2)), requires_grad=True)
    calls: list[float] = []
    valley = closure(x, lambda x: ((1 - x[:-1]) ** 2).sum() + 100 * ((x[1:] - x[:-1] ** 2) ** 2).sum(), calls)
    optimizer = optim.LBFGS([x], max_iter=20, history_size=10, line_search_fn="strong_wolfe")
    lows = [optimizer.step(valley).item() for _ in range(12)]
    np.testing.assert_allclose(x.detach().numpy(), 1, atol=1e-5)
    assert lows == sorted(lows, reverse=True) and len(calls) < 300


def test_float32_models_reach_the_least_squares() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((50, 4)), rng.standard_normal((50, 2))
    model = nn.Linear(4, 2).initialize(0)
    given, wanted = nc.tensor(x.astype(np.float32)), nc.tensor(y.astype(np.float32))
    optimizer = optim.LBFGS(model.parameters(), line_search_fn="strong_wolfe")

    def compute() -> nc.Tensor:
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(given), wanted)
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(compute)
    best = np.linalg.lstsq(np.c_[x, np.ones(50)], y, rcond=None)[0]
    np.testing.assert_allclose(model.weight.detach().numpy(), best[:4].T, atol=2e-4)
    np.testing.assert_allclose(model.bias.detach().numpy(), best[4], atol=2e-4)


def network(captured: bool = False) -> tuple[nn.Module, optim.LBFGS, Any]:
    """A small convolution whose weight lies channels-last, a parameter that is not used, and its loss."""
    model = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Tanh(), nn.Flatten(), nn.Linear(12, 1)).initialize(0)
    model.unused = nn.Parameter(np.ones(3, np.float32))
    rng = np.random.default_rng(2)
    x = nc.tensor(rng.standard_normal((6, 2, 3, 3)).astype(np.float32))
    y = nc.tensor(rng.standard_normal((6, 1)).astype(np.float32))
    optimizer = optim.LBFGS(model.parameters(), max_iter=4, history_size=3, line_search_fn="strong_wolfe")

    def compute() -> nc.Tensor:
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(x), y)
        loss.backward()
        return loss.detach()

    return model, optimizer, nc.capture(compute) if captured else compute


def weights(model: nn.Module) -> list[bytes]:
    return [value.numpy().tobytes() for value in model.state_dict().values()]


def test_the_closure_may_be_a_captured_step() -> None:
    ends = []
    for captured in (False, True):
        model, optimizer, compute = network(captured)
        losses = [optimizer.step(compute).item() for _ in range(4)]
        assert losses[-1] < 0.3 * losses[0] and (model.unused.detach().numpy() == 1).all()
        ends.append([losses, weights(model)])
    assert ends[0] == ends[1]


@pytest.mark.parametrize("after", [0, 1, 3])
def test_saved_state_goes_on_to_the_same_bits(after: int) -> None:
    model, optimizer, compute = network()
    for _ in range(after):
        optimizer.step(compute)
    state = optimizer.state_dict()
    kept = {name: nc.tensor(value.numpy()) for name, value in model.state_dict().items()}
    for _ in range(3):
        optimizer.step(compute)
    again, other, compute = network()
    other.step(compute)  # what it has learned is forgotten
    again.load_state_dict(kept)
    other.load_state_dict(state)
    for _ in range(3):
        other.step(compute)
    assert weights(again) == weights(model)
    assert (other.state_dict()["state"][0]["func_evals"] == optimizer.state_dict()["state"][0]["func_evals"]).item()


def test_state_of_others_is_refused() -> None:
    model, optimizer, compute = network()
    optimizer.step(compute)
    before, state = weights(model), optimizer.state_dict()
    for change, words in (
        ({"direction": nc.zeros((5,))}, r"direction has shape \(5,\) for 43 parameters"),
        ({"moves": nc.zeros((43,))}, "moves has shape"),
        ({"t": None}, "has step, func_evals"),
    ):
        row = {name: value for name, value in {**state["state"][0], **change}.items() if value is not None}
        with pytest.raises(StateDictError, match=words):
            optimizer.load_state_dict({**state, "state": {0: row}})
    with pytest.raises(StateDictError, match="state of Adam"):
        optimizer.load_state_dict(optim.Adam(model.parameters()).state_dict())
    assert weights(model) == before


def test_a_closure_that_fails_leaves_the_parameters_where_the_iteration_began() -> None:
    x = nc.tensor([3.0, -4.0], requires_grad=True)
    calls: list[float] = []
    compute = closure(x, lambda x: (x * x * x * x).sum(), calls)

    def failing() -> nc.Tensor:
        if len(calls) == 4:
            raise ArithmeticError("enough")
        seen.append(x.detach().numpy().copy())
        return compute()

    seen: list[Array] = []
    optimizer = optim.LBFGS([x], line_search_fn="strong_wolfe")
    with pytest.raises(ArithmeticError, match="enough"):
        optimizer.step(failing)
    assert any((x.detach().numpy() == place).all() for place in seen)
    calls.append(0.0)
    optimizer.step(closure(x, lambda x: (x * x * x * x).sum(), calls))
    assert abs(x.detach().numpy()).max() < 0.5


def line(value: Any, slope: Any) -> Any:
    return lambda t: Point(t, float(value(t)), float(slope(t)), None)  # type: ignore[arg-type]


@given(st.floats(0.01, 20), st.floats(0.05, 3), st.floats(-3, 3), st.floats(1e-3, 50))
@settings(deadline=None, max_examples=200)
def test_what_the_search_finds_fulfils_wolfes_conditions(low: float, bend: float, wave: float, reach: float) -> None:
    """A bowl with waves on it, from its side, from whatever first place."""
    value = lambda t: bend * (t - low) ** 2 + wave * math.sin(3 * t)  # noqa: E731
    slope = lambda t: 2 * bend * (t - low) + 3 * wave * math.cos(3 * t)  # noqa: E731
    along = line(value, slope)
    start = along(0.0)
    assume(start.slope < -1e-3)
    found, used = strong_wolfe(along, start, reach, 1e-12, most=60)
    assert 1 <= used <= 60
    assert found.value <= start.value + 1e-4 * found.t * start.slope + 1e-12
    assert abs(found.slope) <= 0.9 * abs(start.slope) + 1e-9


def test_places_without_a_loss_are_too_far() -> None:
    """-log(1 - t) - 3·t is NaN from 1 on; its lowest place is 2/3."""
    along = line(
        lambda t: -math.log(1 - t) - 3 * t if t < 1 else math.nan, lambda t: 1 / (1 - t) - 3 if t < 1 else math.nan
    )
    found, _ = strong_wolfe(along, along(0.0), 50.0, 1e-12, c2=0.1)
    assert abs(found.slope) <= 0.2 and 0.6 < found.t < 0.72


def test_a_line_that_only_falls_ends_after_so_many_places() -> None:
    along = line(lambda t: -t, lambda t: -1.0)
    found, used = strong_wolfe(along, along(0.0), 1.0, 1e-12, most=7)
    assert used == 7 and found.t > 1e4


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lr": -1.0}, "lr is a number of at least 0, got -1.0"),
        ({"max_iter": 0}, "max_iter is a number of at least 1, got 0"),
        ({"max_iter": 2.5}, "max_iter is a whole number of at least 1, got 2.5"),
        ({"max_eval": 0}, "max_eval"),
        ({"history_size": True}, "history_size is a whole number"),
        ({"tolerance_grad": -1e-3}, "tolerance_grad"),
        ({"tolerance_change": math.nan}, "tolerance_change"),
        ({"line_search_fn": "armijo"}, "line_search_fn is None or 'strong_wolfe', got 'armijo'"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        optim.LBFGS([nn.Parameter((2,))], **settings)


def test_what_a_step_needs() -> None:
    x = nn.Parameter((2,))
    with pytest.raises(InvalidValueError, match=r"step\(closure\)"):
        optim.LBFGS([x]).step()
    with pytest.raises(InvalidValueError, match="no parameters yet"):
        optim.LBFGS().step(lambda: None)
    with pytest.raises(InvalidValueError, match="must return the loss"):
        optim.LBFGS([x]).step(lambda: None)
    with pytest.raises(InvalidValueError, match="one group"):
        optim.LBFGS([{"params": [x]}, {"params": [nn.Parameter((2,))]}])


def test_the_limits_of_a_step() -> None:
    x, calls = nc.tensor(np.array([-1.2, 1.0]), requires_grad=True), []
    valley = closure(x, lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, calls)
    optim.LBFGS([x], max_iter=5).step(valley)
    assert len(calls) == 5
    calls.clear()
    optim.LBFGS([x], max_iter=50, max_eval=3).step(valley)
    assert len(calls) == 3
    calls.clear()
    with nc.no_grad():  # the closure is called with the tape on all the same
        optim.LBFGS([x], tolerance_grad=1e9).step(valley)
    assert len(calls) == 1


def test_other_optimizers_take_a_closure_too() -> None:
    x, calls = nc.tensor(np.array([1.0, 2.0]), requires_grad=True), []
    loss = optim.SGD([x], lr=0.1).step(closure(x, lambda x: (x * x).sum(), calls))
    assert loss.item() == 5 and len(calls) == 1
    np.testing.assert_allclose(x.detach().numpy(), [0.8, 1.6])


def test_the_example_in_the_documentation_runs() -> None:
    failed, tried = doctest.testmod(lbfgs)
    assert tried and not failed
