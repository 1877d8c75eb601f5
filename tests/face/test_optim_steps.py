"""Every optimizer against its formula: 20 steps, parameters that come late, captured steps, threads, saved state."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn, optim
from nncore.errors import InvalidValueError

sys.path.insert(0, str(Path(__file__).parent))
from optim_references import CASES, Array

NAMES = sorted({name for name, _, _ in CASES})
# LBFGS makes its steps by a closure; test_lbfgs has it.
KINDS = [
    name
    for name in optim.__all__
    if inspect.isclass(kind := getattr(optim, name)) and issubclass(kind, optim.Optimizer)
]
KINDS.remove("LBFGS")
EACH_CASE = pytest.mark.parametrize(
    ("name", "reference", "settings"),
    CASES,
    ids=[f"{name}-{'-'.join(f'{k}={v}' for k, v in own.items())}" for name, _, own in CASES],
)
EACH = pytest.mark.parametrize(
    ("name", "settings"), [(name, next(own for other, _, own in reversed(CASES) if other == name)) for name in NAMES]
)
SHAPES = [(3, 4), (7,), (2, 3, 2, 2), (), (2, 0)]
STEPS = 20


def make(name: str, params: Any, settings: dict[str, Any]) -> optim.Optimizer:
    made: optim.Optimizer = getattr(optim, name)(params, **settings)
    return made


def draws(dtype: str, steps: int = STEPS) -> tuple[list[Array], list[list[Array]]]:
    """Parameters and their gradients, exact in that dtype."""
    rng = np.random.default_rng(0)
    draw = lambda shape: rng.standard_normal(shape).astype(dtype).astype("float64")  # noqa: E731
    return [draw(shape) for shape in SHAPES], [[draw(shape) for shape in SHAPES] for _ in range(steps)]


def give(params: list[Any], grads: list[Array | None]) -> None:
    for parameter, grad in zip(params, grads, strict=True):
        parameter.grad = None
        if grad is not None:
            made = nc.tensor(grad.astype(parameter.detach().numpy().dtype))
            parameter.grad = made.contiguous("channels_last") if grad.ndim == 4 else made


def values(params: list[Any]) -> list[Array]:
    return [parameter.detach().numpy().copy() for parameter in params]


def test_every_optimizer_is_tested() -> None:
    assert set(NAMES) == set(KINDS) - {"Optimizer"}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@EACH_CASE
def test_it_is_its_formula(name: str, reference: Callable[..., Array], settings: dict[str, Any], dtype: str) -> None:
    starts, rows = draws(dtype)
    params = [nn.Parameter(start.astype(dtype)) for start in starts]
    optimizer = make(name, params, settings)
    for row in rows:
        give(params, list(row))
        optimizer.step()
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    for at, (got, start) in enumerate(zip(values(params), starts, strict=True)):
        want = reference(start, [row[at] for row in rows], **settings)
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@EACH_CASE
def test_maximizing_is_minimizing_what_is_turned_round(
    name: str, reference: Callable[..., Array], settings: dict[str, Any]
) -> None:
    starts, rows = draws("float32", 5)
    ends = []
    for maximize in (False, True):
        params = [nn.Parameter(start.astype("float32")) for start in starts]
        optimizer = make(name, params, {**settings, "maximize": maximize})
        for row in rows:
            give(params, [-grad if maximize else grad for grad in row])
            optimizer.step()
        ends.append(values(params))
    for ours, theirs in zip(*ends, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("added", [False, True])
@EACH_CASE
def test_a_parameter_that_comes_late_makes_its_own_first_step(
    name: str, reference: Callable[..., Array], settings: dict[str, Any], added: bool
) -> None:
    """Whether its first gradient is late, or it is added later itself; and its state goes through a file meanwhile."""
    starts, rows = draws("float64", 10)
    params = [nn.Parameter(start) for start in starts]
    early, late = params[:2], params[2:]

    def fresh() -> optim.Optimizer:
        return make(name, early if added else params, settings)

    optimizer = fresh()
    for at, row in enumerate(rows):
        if at == 4 and added:
            optimizer.add_param_group({"params": late})
        give(params, [grad if k < 2 or at >= 4 else None for k, grad in enumerate(row)])
        optimizer.step()
        if at == 6:
            saved = optimizer.state_dict()
            if not (name.startswith("SGD") and not settings.get("momentum")):
                counts = [saved["state"][k]["step"].item() for k in range(len(params))]
                assert counts == [7, 7, 3, 3, 3]
            # As it comes out of a file: arrays, and numbers as strings for keys.
            plain = {str(k): {n: t.numpy().copy() for n, t in own.items()} for k, own in saved["state"].items()}
            optimizer = fresh()
            if added:
                optimizer.add_param_group({"params": late})
            optimizer.load_state_dict({**saved, "state": plain})
    for at, (got, start) in enumerate(zip(values(params), starts, strict=True)):
        want = reference(start, [row[at] for row in rows[0 if at < 2 else 4 :]], **settings)
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


@EACH_CASE
def test_a_captured_step_gives_the_same_bits(
    name: str, reference: Callable[..., Array], settings: dict[str, Any]
) -> None:
    def run(captured: bool) -> list[Array]:
        starts, rows = draws("float32", 9)
        params = [nn.Parameter(start.astype("float32")) for start in starts[:3]]
        optimizer = make(name, params, settings)

        def plain(x: nc.Tensor, y: nc.Tensor, z: nc.Tensor, whole: bool) -> None:
            optimizer.zero_grad()
            # Half of the time the second parameter has no gradient.
            loss = (params[0] * x).sum() + (params[2] * z * params[2]).sum()
            (loss + (params[1] * y).sum() if whole else loss).backward()
            optimizer.step()

        step = nc.capture(plain) if captured else plain
        for at, row in enumerate(rows):
            if at == 7:
                optimizer.lr = optimizer.lr / 2
            step(*[nc.tensor(grad.astype("float32")) for grad in row[:3]], at % 2 == 1)
        if captured:
            assert step.calls["replayed"] == 5
        states = [t.numpy().copy() for own in optimizer.state_dict()["state"].values() for t in own.values()]
        return values(params) + states

    for ours, theirs in zip(run(True), run(False), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@EACH
def test_bits_do_not_depend_on_threads(name: str, settings: dict[str, Any]) -> None:
    rng = np.random.default_rng(1)
    start, grads = rng.standard_normal(200_003), rng.standard_normal((2, 200_003))

    def run(threads: int) -> list[Array]:
        nc.set_num_threads(threads)
        params = [nn.Parameter(start.astype("float32"))]
        optimizer = make(name, params, settings)
        for grad in grads:
            give(params, [grad])
            optimizer.step()
        return values(params)

    before = nc.get_num_threads()
    try:
        (want,) = run(1)
        for threads in (2, 3, 4):
            np.testing.assert_array_equal(run(threads)[0], want)
    finally:
        nc.set_num_threads(before)


@EACH
def test_one_call_changes_all_parameters(name: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A step costs one call of the core for a group, however many parameters it has."""
    module = sys.modules[getattr(optim, name).update.__module__]
    ops = [key for key in vars(module) if key.endswith("_step")]
    if not ops:
        pytest.skip("written with ops on tensors, one parameter after the other")
    (op,) = ops
    calls = []
    real = getattr(module, op)
    monkeypatch.setattr(module, op, lambda *args: (calls.append(len(args[0])), real(*args)))
    params = [nn.Parameter(np.ones(3)) for _ in range(50)]
    optimizer = make(name, params, settings)
    for gone in (0, 7):
        give(params, [None] * gone + [np.ones(3)] * (50 - gone))
        optimizer.step()
    assert calls == [50, 43]


def test_trust_ratios_of_zero_norms_are_one() -> None:
    for kind, settings in (("LARS", {"lr": 0.5, "momentum": 0.0}), ("LAMB", {"lr": 0.5})):
        params = [nn.Parameter(np.zeros(3)), nn.Parameter(np.ones(2))]
        optimizer = make(kind, params, settings)
        give(params, [np.array([1.0, -2.0, 0.5]), np.zeros(2)])
        optimizer.step()
        moved = np.array([-0.5, 1.0, -0.25]) if kind == "LARS" else np.array([-0.5, 0.5, -0.5])
        np.testing.assert_allclose(params[0].detach().numpy(), moved, rtol=1e-5)
        np.testing.assert_array_equal(params[1].detach().numpy(), np.ones(2))


@pytest.mark.parametrize("name", ["Adam", "NAdam", "RMSprop", "Adagrad", "Lion", "LAMB", "LARS", "Adadelta", "Adamax"])
def test_a_gradient_that_is_nan_shows(name: str) -> None:
    """It makes its own element NaN, and with a trust ratio the whole parameter; it is never lost silently."""
    params = [nn.Parameter(np.ones(4))]
    optimizer = make(name, params, {"lr": 0.1})
    give(params, [np.array([0.1, np.nan, 0.3, 0.4])])
    optimizer.step()
    got = np.isnan(params[0].detach().numpy())
    assert got[1] and (got.all() if name in ("LAMB", "LARS") else not got[[0, 2, 3]].any())


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_state_without_a_row_for_a_parameter_begins_anew_there(kind: str) -> None:
    params = [nn.Parameter(np.ones(2)), nn.Parameter(np.ones(2))]
    optimizer = make(kind, params, {"lr": 0.1} | ({"momentum": 0.9} if kind == "SGD" else {}))
    give(params, [np.ones(2), np.ones(2)])
    optimizer.step()
    saved = optimizer.state_dict()
    del saved["state"][1]
    optimizer.load_state_dict(saved)
    group = optimizer.param_groups[0]
    assert [count.item() for count in group.state["step"]] == [1, 0]
    name = optimizer.slots[0]
    assert (group.state[name][0].numpy() != 0).all() and (group.state[name][1].numpy() == 0).all()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("SGD", {"dampening": 2.0}),
        ("SGD", {"momentum": -0.1}),
        ("Adam", {"betas": (0.9,)}),
        ("AdamW", {"eps": -1e-8}),
        ("NAdam", {"momentum_decay": -1}),
        ("RAdam", {"betas": (1.0, 0.9)}),
        ("Adamax", {"weight_decay": -1}),
        ("Adagrad", {"lr_decay": -1}),
        ("Adagrad", {"initial_accumulator_value": -1}),
        ("Adadelta", {"rho": 1.5}),
        ("RMSprop", {"alpha": -0.1}),
        ("Rprop", {"etas": (0.5, 0.9)}),
        ("Rprop", {"etas": 0.5}),
        ("Rprop", {"step_sizes": (1.0, 0.5)}),
        ("Lion", {"betas": None}),
        ("LARS", {"trust_coefficient": float("nan")}),
        ("LAMB", {"lr": -1}),
    ],
)
def test_settings_that_make_no_sense_are_named(name: str, settings: dict[str, Any]) -> None:
    (setting,) = settings
    said = "beta" if setting == "betas" else setting
    with pytest.raises(InvalidValueError, match=said):
        make(name, [nn.Parameter(np.ones(2))], settings)
