"""Means of weights against loops in NumPy, the statistics that belong to them, and rates on plateaus."""

from __future__ import annotations

import doctest
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nncore as nc
from nncore import nn, optim
from nncore.errors import InvalidValueError, StateDictError
from nncore.optim import averaging, plateau

Array = np.ndarray[Any, Any]


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Dropout(0.5), nn.Linear(4, 2)).initialize(0)


def numbers(model: nn.Module) -> dict[str, Array]:
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


def moved(model: nn.Module, seed: int) -> dict[str, Array]:
    """Give all floats other values."""
    rng = np.random.default_rng(seed)
    for value in model.state_dict().values():
        if value.dtype.is_floating_point:
            value.copy_(nc.tensor(rng.random(tuple(value.shape)).astype(np.float32)))
    return numbers(model)


@pytest.mark.parametrize("warmup", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.6, 0.95])
def test_an_exponential_mean_is_its_formula(decay: float, warmup: bool) -> None:
    model = network()
    average = optim.EMA(model, decay, warmup=warmup)
    want = {name: value.astype(np.float64) for name, value in numbers(model).items()}
    for n in range(15):
        new = moved(model, n)
        average.update()
        now = min(decay, (1 + n) / (10 + n)) if warmup else decay
        want = {name: now * mean + (1 - now) * new[name] for name, mean in want.items()}
    before = numbers(model)
    with average.applied():
        inside = numbers(model)
    for name, value in inside.items():
        if name == "1.num_batches_tracked":
            assert value == before[name]
        else:
            np.testing.assert_allclose(value, want[name], rtol=1e-5, atol=1e-6)
    assert average.step == 15
    for name, value in numbers(model).items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize("buffers", [False, True])
def test_a_stochastic_mean_is_the_mean(buffers: bool) -> None:
    model = network()
    average, seen = optim.SWA(model, buffers=buffers), []
    for n in range(7):
        seen.append(moved(model, n))
        average.update()
        if n == 0:
            with average.applied():  # of one moment it is that moment, in bits
                np.testing.assert_array_equal(numbers(model)["0.weight"], seen[0]["0.weight"])
    average.copy_to_model()
    for name, value in numbers(model).items():
        kept = "running" in name and not buffers
        want = seen[-1][name] if kept else np.mean([each[name].astype(np.float64) for each in seen], 0)
        np.testing.assert_allclose(value, want, rtol=1e-6, atol=1e-7)


def test_the_block_gives_the_weights_back_after_an_error_too() -> None:
    model = network()
    average = optim.EMA(model, 0.5)
    before = moved(model, 1)
    with pytest.raises(ArithmeticError), average.applied():
        assert (numbers(model)["0.weight"] != before["0.weight"]).any()
        raise ArithmeticError
    np.testing.assert_array_equal(numbers(model)["0.weight"], before["0.weight"])


@pytest.mark.parametrize("kind", [lambda m: optim.EMA(m, 0.9, warmup=True), lambda m: optim.EMA(m, 0.9), optim.SWA])
def test_an_update_can_be_a_part_of_a_captured_step(kind: Any) -> None:
    x = nc.tensor(np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32))
    ends = []
    for captured in (False, True):
        model = nn.Linear(3, 2).initialize(0)
        optimizer, average = optim.SGD(model.parameters(), lr=0.1), kind(model)

        def step(model: Any = model, optimizer: Any = optimizer, average: Any = average) -> nc.Tensor:
            optimizer.zero_grad()
            loss = (model(x) * model(x)).sum()
            loss.backward()
            optimizer.step()
            average.update()
            return loss.detach()

        play = nc.capture(step) if captured else step
        losses = [play().item() for _ in range(6)]
        if captured:
            assert play.calls["replayed"] > 2, play.last_retrace
        ends.append([losses, average.step, [v.numpy().tobytes() for v in average.state_dict().values()]])
    assert ends[0] == ends[1]


def test_saved_means_go_on() -> None:
    model = network()
    for kind in (optim.EMA, optim.SWA):
        first = kind(model)
        moved(model, 1)
        first.update()
        saved = {name: value.numpy().copy() for name, value in first.state_dict().items()}
        moved(model, 2)
        second = kind(model)
        second.load_state_dict(saved)
        assert second.step == 1
        for each in (first, second):
            each.update()
        for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())
        other = kind(nn.Linear(2, 2))
        before = {name: value.numpy().copy() for name, value in other.state_dict().items()}
        for wrong in (saved, {**before, "mean.weight": np.zeros((3, 3))}, {}):
            with pytest.raises(StateDictError, match="of another model"):
                other.load_state_dict(wrong)
        for name, value in other.state_dict().items():
            np.testing.assert_array_equal(value.numpy(), before[name])


def test_statistics_are_plain_means_over_the_batches() -> None:
    model = network()
    moved(model, 3)
    frozen = nn.BatchNorm1d(4).freeze()
    moved(frozen, 5)
    model.eval()
    model[3].train()
    rng = np.random.default_rng(4)
    batches = [rng.standard_normal((size, 3)).astype(np.float32) for size in (8, 8, 4)]
    weights, kept = numbers(model), numbers(frozen)
    optim.update_bn([(x, None) for x in batches], nn.Sequential(model[0], model[1], frozen, model[3]))
    state = {k: v.astype(np.float64) for k, v in weights.items()}
    inner = [x @ state["0.weight"].T + state["0.bias"] for x in batches]
    np.testing.assert_allclose(
        model[1].running_mean.numpy(), np.mean([y.mean(0) for y in inner], 0), rtol=1e-5, atol=1e-6
    )
    variance = np.mean([y.var(0, ddof=1) for y in inner], 0)
    np.testing.assert_allclose(model[1].running_var.numpy(), variance, rtol=1e-5)
    assert model[1].momentum == 0.1 and model[1].num_batches_tracked.item() == 3
    assert [module.training for module in model] == [False, False, False, True, False]
    for name, value in numbers(frozen).items():
        np.testing.assert_array_equal(value, kept[name])
    before = numbers(model)
    with pytest.raises(InvalidValueError, match="no batch"):
        optim.update_bn([], model)
    with pytest.raises(ValueError, match="inner|shape|3"):
        optim.update_bn([np.zeros((2, 9), np.float32)], model[:3])
    assert model[1].momentum == 0.1 and not model[1].training
    np.testing.assert_array_equal(numbers(model)["0.weight"], before["0.weight"])
    optim.update_bn(iter(()), nn.Linear(2, 2))  # nothing to estimate, so nothing is asked for


@pytest.mark.parametrize("decay", [-0.1, 1.0, 1.5, math.nan, "most"])
def test_decays_are_between_0_and_1(decay: Any) -> None:
    with pytest.raises(InvalidValueError, match="decay is a number of at least 0 and below 1, got"):
        optim.EMA(nn.Linear(2, 2), decay)


def test_means_are_of_modules() -> None:
    for kind in (optim.EMA, optim.SWA):
        with pytest.raises(InvalidValueError, match="model is a Module, got list"):
            kind(list(nn.Linear(2, 2).parameters()))


def rates(values: list[float], **options: Any) -> list[float]:
    optimizer = optim.SGD([nn.Parameter((2,))], lr=1.0)
    judge, found = optim.ReduceLROnPlateau(optimizer, **options), []
    for value in values:
        judge.step(nc.tensor(value))
        found.append(optimizer.lr)
    return found


@pytest.mark.parametrize(
    ("values", "options", "wanted"),
    [
        ([3, 2, 1, 1, 1, 1, 1], {"patience": 1, "factor": 0.5}, [1, 1, 1, 1, 0.5, 0.5, 0.25]),
        ([3, 3, 3, 3], {"patience": 0, "factor": 0.5}, [1, 0.5, 0.25, 0.125]),
        ([1, 2, 2, 3, 3], {"mode": "max", "patience": 0, "factor": 0.5}, [1, 1, 0.5, 0.5, 0.25]),
        ([1] * 6, {"patience": 0, "cooldown": 2, "factor": 0.5}, [1, 0.5, 0.5, 0.5, 0.25, 0.25]),
        ([1] * 4, {"patience": 0, "min_lr": 0.3, "factor": 0.5}, [1, 0.5, 0.3, 0.3]),
        ([1] * 4, {"patience": 0, "eps": 0.3, "factor": 0.5}, [1, 0.5, 0.5, 0.5]),
        ([10, 9.5, 8.9], {"patience": 0, "threshold": 0.1, "factor": 0.5}, [1, 0.5, 0.5]),
        ([10, 9.5, 9.2], {"patience": 0, "threshold": 0.6, "threshold_mode": "abs", "factor": 0.5}, [1, 0.5, 0.5]),
        ([-10, -10.5, -11.5], {"patience": 0, "threshold": 0.1, "factor": 0.5}, [1, 0.5, 0.5]),
        ([1, math.nan, math.nan, 0.5], {"patience": 1, "factor": 0.5}, [1, 1, 0.5, 0.5]),
        ([math.nan, 2, 1, 1], {"patience": 0, "factor": 0.5}, [0.5, 0.5, 0.5, 0.25]),
    ],
)
def test_rates_fall_on_plateaus(values: list[float], options: dict[str, Any], wanted: list[float]) -> None:
    assert rates(values, **options) == pytest.approx(wanted)


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(0, 3), st.integers(0, 30))
@settings(deadline=None, max_examples=50)
def test_a_plateau_goes_on_from_its_state(values: list[int], patience: int, at: int) -> None:
    whole = rates([float(v) for v in values], patience=patience, cooldown=1, factor=0.5)
    optimizer = optim.SGD([nn.Parameter((2,))], lr=1.0)
    judge, found = optim.ReduceLROnPlateau(optimizer, patience=patience, cooldown=1, factor=0.5), []
    for n, value in enumerate(values):
        if n == at:
            state, judge = (
                judge.state_dict(),
                optim.ReduceLROnPlateau(optimizer, patience=patience, cooldown=1, factor=0.5),
            )
            judge.load_state_dict(state)
        judge.step(value)
        found.append(optimizer.lr)
    assert found == whole
    with pytest.raises(StateDictError, match="best, bad, resting"):
        judge.load_state_dict({"best": 1.0})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "least"}, "mode is 'min' or 'max', got 'least'"),
        ({"factor": 1.0}, "factor is a number of at least 0 and below 1, got 1.0"),
        ({"factor": -0.1}, "factor"),
        ({"patience": -1}, "patience is a whole number of at least 0, got -1"),
        ({"patience": 2.5}, "patience"),
        ({"threshold": -1.0}, "threshold"),
        ({"threshold_mode": "part"}, "threshold_mode is 'rel' or 'abs'"),
        ({"cooldown": -1}, "cooldown"),
        ({"min_lr": -1.0}, "min_lr"),
        ({"eps": math.nan}, "eps"),
    ],
)
def test_what_a_plateau_refuses(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        optim.ReduceLROnPlateau(optim.SGD([nn.Parameter((2,))]), **options)
    with pytest.raises(InvalidValueError, match="optimizer is an Optimizer, got float"):
        optim.ReduceLROnPlateau(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("module", [averaging, plateau])
def test_examples_in_the_documentation_run(module: Any) -> None:
    failed, tried = doctest.testmod(module)
    assert tried and not failed
