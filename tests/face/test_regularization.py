"""Penalties, bounds of norms, and weight decay for some parameters, against their formulas."""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn, optim
from nncore.errors import InvalidValueError, UnknownComponentError
from nncore.regularization import L1, L2, ElasticNet, MaxNorm, Penalty, decay_groups, make_constraint, make_penalty
from nncore.testing import gradcheck

Array = np.ndarray[Any, Any]
MODULES = ("", ".penalties", ".constraints", ".decay")


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"nncore.regularization{module}"))
    assert not failed and tried


def network() -> nn.Module:
    """Weights, biases, a normalization, and a frozen layer."""
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.PReLU(), nn.Linear(4, 2), nn.Linear(2, 2)).initialize(
        0
    )
    model[4].freeze()
    return model.to("float64")


def values(model: nn.Module, *names: str) -> Array:
    parameters = dict(model.named_parameters())
    return np.concatenate([parameters[name].detach().numpy().ravel() for name in names])


WEIGHTS = ("0.weight", "2.weight", "3.weight")
BIASES = ("0.bias", "3.bias")
NORMS = ("1.weight", "1.bias")
CHOICES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, WEIGHTS + BIASES + NORMS),
    ({"biases": False}, WEIGHTS + NORMS),
    ({"norms": False}, WEIGHTS + BIASES),
    ({"biases": False, "norms": False}, WEIGHTS),
    ({"where": lambda name, p: name.startswith("0.")}, ("0.weight", "0.bias")),
    ({"where": lambda name, p: p.ndim > 1, "biases": False}, ("0.weight", "3.weight")),
    ({"where": lambda name, p: False}, ()),
]


@pytest.mark.parametrize(("choice", "names"), CHOICES)
@pytest.mark.parametrize(
    ("make", "value", "slope"),
    [
        (lambda **c: L2(0.3, **c), lambda w: 0.3 * (w**2).sum(), lambda w: 0.6 * w),
        (lambda **c: L1(0.3, **c), lambda w: 0.3 * abs(w).sum(), lambda w: 0.3 * np.sign(w)),
        (
            lambda **c: ElasticNet(0.2, 0.7, **c),
            lambda w: 0.2 * abs(w).sum() + 0.7 * (w**2).sum(),
            lambda w: 0.2 * np.sign(w) + 1.4 * w,
        ),
    ],
    ids=["L2", "L1", "ElasticNet"],
)
def test_a_penalty_is_its_formula_over_the_parameters_that_are_meant(
    make: Callable[..., Penalty],
    value: Callable[[Array], float],
    slope: Callable[[Array], Array],
    choice: dict[str, Any],
    names: tuple[str, ...],
) -> None:
    model = network()
    penalty = make(**choice)(model)
    assert tuple(penalty.shape) == ()
    np.testing.assert_allclose(penalty.item(), value(values(model, *names)) if names else 0.0, rtol=1e-12)
    if not names:
        return
    penalty.backward()
    for name, parameter in model.named_parameters():
        if name in names:
            np.testing.assert_allclose(parameter.grad.numpy(), slope(parameter.detach().numpy()), rtol=1e-12)
        else:
            assert parameter.grad is None, f"{name} is left out"


def test_a_penalty_can_be_differentiated_with_the_loss() -> None:
    model = nn.Linear(3, 2).to("float64")
    x = np.random.default_rng(0).standard_normal((5, 3))

    class Objective(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input: nc.Tensor) -> nc.Tensor:
            return (self.model(input) ** 2).mean() + ElasticNet(0.1, 0.2)(self.model)

    gradcheck(Objective(), x)


def test_a_parameter_in_two_places_counts_once() -> None:
    model = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)).to("float64")
    model[1].weight = model[0].weight
    np.testing.assert_allclose(L2(1.0)(model).item(), (model[0].weight.detach().numpy() ** 2).sum(), rtol=1e-12)


def trained(optimizer: Callable[[nn.Module], Any], penalty: Any = None, steps: int = 6) -> Array:
    model = nn.Linear(4, 3).initialize(0).to("float64")
    made, draw = optimizer(model), np.random.default_rng(1)
    for _ in range(steps):
        x, y = draw.standard_normal((8, 4)), draw.integers(0, 3, 8)
        made.zero_grad()
        loss = nc.ops.cross_entropy(model(nc.tensor(x)), nc.tensor(y))
        (loss if penalty is None else loss + penalty(model)).backward()
        made.step()
    return np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])


def test_weight_decay_is_the_penalty_with_half_the_strength() -> None:
    decayed = trained(lambda m: optim.SGD(m.parameters(), 0.1, momentum=0.9, weight_decay=0.2))
    np.testing.assert_allclose(
        decayed, trained(lambda m: optim.SGD(m.parameters(), 0.1, momentum=0.9), L2(0.1)), rtol=1e-10
    )
    assert abs(decayed - trained(lambda m: optim.SGD(m.parameters(), 0.1, momentum=0.9))).max() > 1e-3
    # Decoupled decay is another thing with momentum, and the same without.
    other = trained(lambda m: optim.SGDW(m.parameters(), 0.1, momentum=0.9, weight_decay=0.2))
    assert abs(decayed - other).max() > 1e-3
    np.testing.assert_allclose(
        trained(lambda m: optim.SGDW(m.parameters(), 0.1, weight_decay=0.2)),
        trained(lambda m: optim.SGD(m.parameters(), 0.1, weight_decay=0.2)),
        rtol=1e-10,
    )


def test_l1_makes_weights_zero_that_do_not_matter() -> None:
    draw = np.random.default_rng(0)
    x = draw.standard_normal((400, 10))
    y = x[:, :2] @ np.array([[2.0], [-3.0]]) + 0.1 * draw.standard_normal((400, 1))
    largest = {}
    for name, penalty in (("l1", L1(0.2)), ("none", lambda m: nc.zeros(()).to("float64"))):
        model = nn.Linear(10, 1).initialize(0).to("float64")
        optimizer = optim.SGD(model.parameters(), 0.01)
        for _ in range(600):
            optimizer.zero_grad()
            (nn.MSELoss()(model(nc.tensor(x)), nc.tensor(y)) + penalty(model)).backward()
            optimizer.step()
        weight = model.weight.detach().numpy()[0]
        # Soft thresholding of the least-squares solution: 2 and -3 lose 0.2/2 each (the inputs are near orthonormal).
        np.testing.assert_allclose(weight[:2], [2.0, -3.0] - (name == "l1") * 0.1 * np.array([1, -1]), atol=0.05)
        largest[name] = abs(weight[2:]).max()
    assert largest["l1"] < 0.0021 < 0.004 < largest["none"], "within a step of 0"


@pytest.mark.parametrize(("choice", "names"), CHOICES)
def test_decay_groups_part_the_trained_parameters(choice: dict[str, Any], names: tuple[str, ...]) -> None:
    model = network()
    given = {"biases": True, "norms": True, **choice}
    groups = decay_groups(model, 0.3, **given)
    of = {id(p): name for name, p in model.named_parameters()}
    found = {group["weight_decay"]: {of[id(p)] for p in group["params"]} for group in groups}
    assert found.get(0.3, set()) == set(names)
    assert found.get(0.0, set()) == set(WEIGHTS + BIASES + NORMS) - set(names)
    assert {of[id(p)] for p in decay_groups(model, 0.3)[0]["params"]} == set(WEIGHTS), "the default"


@pytest.mark.parametrize("name", ["AdamW", "SGDW"])
def test_decoupled_decay_of_a_group_shrinks_its_parameters_alone(name: str) -> None:
    model = nn.Linear(4, 3).initialize(0)
    before = [p.detach().numpy().copy() for p in (model.weight, model.bias)]
    optimizer = getattr(optim, name)(decay_groups(model, 0.5), lr=0.1)
    for parameter in model.parameters():
        parameter.grad = nc.zeros(parameter.shape)
    optimizer.step()
    np.testing.assert_allclose(model.weight.detach().numpy(), before[0] * (1 - 0.1 * 0.5), rtol=1e-6)
    np.testing.assert_array_equal(model.bias.detach().numpy(), before[1])


def test_max_norm_shortens_the_rows_that_are_too_long() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Conv2d(2, 3, 2), nn.BatchNorm1d(4)).to("float64")
    draw = np.random.default_rng(0)
    wanted = {}
    for name, parameter in model.named_parameters():
        w = draw.standard_normal(tuple(parameter.shape)) * 2
        with nc.no_grad():
            parameter.copy_(nc.tensor(w))
        wanted[name] = w
        if parameter.ndim > 1:
            rows = w.reshape(len(w), -1)
            wanted[name] = np.array(
                [row * (2.5 / np.sqrt((row**2).sum())) if (row**2).sum() > 6.25 else row for row in rows]
            ).reshape(w.shape)
    assert MaxNorm(2.5)(model) is None
    changed = 0
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(parameter.detach().numpy(), wanted[name], rtol=1e-12)
        if parameter.ndim > 1:
            norms = np.sqrt((parameter.detach().numpy().reshape(len(parameter), -1) ** 2).sum(1))
            assert norms.max() <= 2.5 * (1 + 1e-12)
            changed += int((abs(norms - 2.5) < 1e-9).sum())
    assert 0 < changed < 7, "some were longer, some were not"
    bits = [p.detach().numpy().copy() for p in model.parameters()]
    MaxNorm(2.6)(model)
    for parameter, value in zip(model.parameters(), bits, strict=True):
        np.testing.assert_array_equal(parameter.detach().numpy(), value)
    MaxNorm(0.1, where=lambda name, p: name.startswith("1."))(model)
    assert (model[0].weight.detach().numpy() == bits[0]).all() and abs(model[1].weight.detach().numpy()).max() <= 0.1


def test_a_row_of_zeros_stays_one() -> None:
    model = nn.Linear(3, 2, init="zeros")
    MaxNorm(1.0)(model)
    assert (model.weight.detach().numpy() == 0).all()


def test_specs_make_penalties() -> None:
    model = network()
    for spec, penalty in (
        ({"name": "l1", "strength": 0.1}, L1(0.1)),
        ({"name": "l2", "strength": 0.1, "biases": False}, L2(0.1, biases=False)),
        ({"name": "elastic_net", "l1": 0.1, "l2": 0.2, "norms": False}, ElasticNet(0.1, 0.2, norms=False)),
    ):
        made = make_penalty(spec)
        assert repr(made) == repr(penalty) and made(model).item() == penalty(model).item()
    assert make_penalty(abs) is abs


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: L2(-1), "L2: strength is a finite number of at least 0, got -1"),
        (lambda: L1(float("nan")), "L1: strength"),
        (lambda: ElasticNet(0.1, "a"), "ElasticNet: l2"),
        (lambda: L2(0.1, biases=1), "L2: biases is True or False, got 1"),
        (lambda: L2(0.1, where="bias"), "L2: where is a function"),
        (lambda: L2(0.1)(3), "L2 is called with a Module, got int"),
        (lambda: MaxNorm(0), "MaxNorm: max_norm is a finite number above 0, got 0"),
        (lambda: MaxNorm(1.0)(None), "MaxNorm is called with a Module"),
        (lambda: decay_groups(nn.Linear(2, 2), -0.1), "decay_groups: weight_decay"),
        (lambda: decay_groups(nn.ReLU(), 0.1), "no parameter that is trained"),
        (lambda: decay_groups(None, 0.1), "decay_groups: model is a Module"),
        (lambda: make_penalty({"name": "l3"}), "unknown penalty 'l3'"),
        (lambda: make_penalty({"name": "l2", "lambda": 1}), "l2 has no setting 'lambda'. It has: strength,"),
        (lambda: make_penalty("l2"), "a penalty 'l2' is not made without strength; write it as .'name': 'l2', 'stre"),
        (lambda: make_penalty(3), "a penalty is a dict such as"),
        (lambda: make_constraint("max_nrm"), "unknown constraint 'max_nrm'. Did you mean 'max_norm'"),
        (lambda: make_constraint(MaxNorm), "constraint is a function of a model"),
        (lambda: make_penalty(L2), "a penalty is a dict such as"),
    ],
)
def test_wrong_arguments_are_named(make: Callable[[], object], words: str) -> None:
    with pytest.raises((InvalidValueError, UnknownComponentError), match=words):
        make()
