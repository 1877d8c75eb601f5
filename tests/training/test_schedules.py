"""Schedules against their published shapes and loops over epochs, alone, one after another, and in a training."""

from __future__ import annotations

import doctest
import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nncore as nc
from nncore import registry
from nncore.api import make
from nncore.builtin.catalogue.schedules import SCHEDULES as SPECS
from nncore.errors import InvalidValueError
from nncore.runs.config import RunConfig
from nncore.training import Callback

Spec = dict[str, Any]
RISE: Spec = {"name": "warmup", "length": 2, "start": 0.5}

SCHEDULES: dict[str, tuple[Spec, list[tuple[float, float]]]] = {
    "chain": ({"schedules": [RISE, "linear"], "milestones": [2]}, [(0, 0.5), (1, 0.75), (2, 1), (6, 0.5), (10, 0)]),
    "chain of parts": (
        {"schedules": ["constant", "cosine", {"name": "exponential", "gamma": 0.5}], "milestones": [0.2, 0.6]},
        [(0, 1), (2, 1), (4, 0.5), (5.999, 0.0), (6, 1), (7, 0.5), (10, 0.0625)],
    ),
    "constant": ({}, [(0, 1), (5, 1), (10, 1)]),
    "cosine": ({}, [(0, 1), (2.5, (1 + math.sqrt(0.5)) / 2), (5, 0.5), (10, 0)]),
    "cosine with a warm-up": ({"warmup": 2, "final": 0.1}, [(0, 0), (1, 0.5), (2, 1), (6, 0.55), (10, 0.1)]),
    "cosine_restarts": ({"first": 4}, [(0, 1), (2, 0.5), (3, (1 - math.sqrt(0.5)) / 2), (4, 1), (6, 0.5), (8, 1)]),
    "cosine_restarts that grow": (
        {"first": 1, "growth": 2, "final": 0.2},
        [(0, 1), (0.5, 0.6), (1, 1), (2, 0.6), (3, 1), (5, 0.6), (7, 1), (11, 0.6), (15, 1)],
    ),
    "exponential": ({"gamma": 0.5}, [(0, 1), (1, 0.5), (1.5, 0.5**1.5), (3, 0.125)]),
    "inverse_sqrt": ({"warmup": 4}, [(0, 0), (1, 0.25), (4, 1), (9, 2 / 3), (100, 0.2)]),
    "one_cycle": ({}, [(0, 1 / 25), (1.5, 0.52), (3, 1), (6.5, 0.500002), (10, 1 / 250_000)]),
    "polynomial": ({}, [(0, 1), (2.5, 0.75), (10, 0), (11, 0)]),
    "polynomial of power 2": ({"power": 2, "final": 0.5}, [(0, 1), (5, 0.625), (10, 0.5)]),
    "product": ({"schedules": [RISE, "linear"]}, [(0, 0.5), (1, 0.675), (2, 0.8), (5, 0.5)]),
    "staircase": ({"every": 3, "gamma": 0.5}, [(0, 1), (2.99, 1), (3, 0.5), (5, 0.5), (6, 0.25), (10, 0.125)]),
    "steps": ({}, [(4.9, 1), (5, 0.1), (7.4, 0.1), (7.5, 0.01), (10, 0.01)]),
    "steps at epochs": ({"at": [3, 6], "gamma": 0.5}, [(2, 1), (3, 0.5), (6, 0.25)]),
    "triangular": ({"low": 0.2}, [(0, 0.2), (1, 0.6), (2, 1), (3, 0.6), (4, 0.2), (6, 1)]),
    "triangular of halved heights": ({"low": 0, "decay": 0.5, "half": 1}, [(1, 1), (2, 0), (3, 0.5), (4.5, 0.125)]),
    "warmup": ({"length": 4, "start": 0.2}, [(0, 0.2), (1, 0.4), (2, 0.6), (4, 1), (10, 1)]),
    "warmup over a part": ({"length": 0.5}, [(0, 0), (2.5, 0.5), (5, 1)]),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str) -> None:
    config, points = SCHEDULES[name]
    schedule = make("schedule", name.partition(" ")[0], **config)
    for epoch, factor in points:
        assert schedule(epoch, 10) == pytest.approx(factor, abs=1e-6 if epoch == 5.999 else 1e-12), epoch


def test_every_schedule_is_tested() -> None:
    assert {name.partition(" ")[0] for name in SCHEDULES} == set(registry.schedules)


@pytest.mark.parametrize("name", SCHEDULES)
@given(st.floats(0, 1), st.integers(1, 300))
@settings(deadline=None, max_examples=50)
def test_factors_are_finite_and_none_is_negative(name: str, part: float, epochs: int) -> None:
    config, _ = SCHEDULES[name]
    if config.get("milestones") == [2] and epochs <= 2:
        epochs = 3
    factor = make("schedule", name.partition(" ")[0], **config)(part * epochs, epochs)
    assert isinstance(factor, float) and 0 <= factor <= 1 + 1e-12


@given(st.integers(1, 7), st.sampled_from([1, 2, 3]), st.integers(1, 12))
@settings(deadline=None)
def test_restarts_are_those_of_a_loop_over_steps(first: int, growth: int, batches: int) -> None:
    """Loshchilov and Hutter's T_cur and T_i, counted step by step, with no rounding at the restarts."""
    schedule = make("schedule", "cosine_restarts", first=first, growth=growth, final=0.1)
    cycle, at = first * batches, 0
    for step in range(30 * batches):
        want = 0.1 + 0.9 * (1 + math.cos(math.pi * at / cycle)) / 2
        assert schedule(step // batches + step % batches / batches, 30) == pytest.approx(want, abs=1e-7)
        at += 1
        if at == cycle:
            cycle, at = cycle * growth, 0


def test_what_is_due_is_not_late_by_one_batch() -> None:
    """In floats 0.1·3 and 0.1 + 0.1 + 0.1 lie above 0.3, which is the epoch after 3 of 10 batches."""
    assert make("schedule", "steps", at=[0.1])(3 / 10, 3) == pytest.approx(0.1)
    assert make("schedule", "staircase", every=0.1)(3 / 10, 3) == pytest.approx(1e-3)
    assert make("schedule", "cosine_restarts", first=0.1)(3 / 10, 3) == pytest.approx(1)
    assert make("schedule", "chain", schedules=["constant", "linear"], milestones=[0.1])(3 / 10, 3) == 1
    assert make("schedule", "chain", schedules=["linear", "constant"], milestones=[0.1])(3 / 10, 3) == 1


@pytest.mark.parametrize(
    ("name", "config", "words"),
    [
        ("cosine", {"warmup": -1}, "cosine: warmup is a finite number of at least 0, got -1"),
        ("cosine", {"final": -0.1}, "final"),
        ("cosine_restarts", {"first": 0}, "first is a finite number above 0, got 0"),
        ("cosine_restarts", {"growth": 0.5}, "growth is a finite number of at least 1, got 0.5"),
        ("cosine_restarts", {"final": -1}, "final"),
        ("exponential", {"gamma": -0.5}, "gamma"),
        ("exponential", {"gamma": math.nan}, "gamma"),
        ("inverse_sqrt", {"warmup": 0}, "warmup"),
        ("one_cycle", {"rise": 1.5}, "rise is a finite number of at least 0 and of at most 1, got 1.5"),
        ("one_cycle", {"start": -1}, "start"),
        ("one_cycle", {"final": -1}, "final"),
        ("polynomial", {"power": -1}, "power"),
        ("polynomial", {"final": -1}, "final"),
        ("staircase", {"every": 0}, "every"),
        ("staircase", {"gamma": -1}, "gamma"),
        ("steps", {"gamma": -1}, "gamma"),
        ("steps", {"at": [6, 3]}, r"steps: at are epochs that grow, got \[6, 3\]"),
        ("steps", {"at": [3, 3]}, "grow"),
        ("steps", {"at": [0.5, 0.25]}, "grow"),
        ("steps", {"at": [-1, 3]}, "each of at is a finite number above 0, got -1"),
        ("steps", {"at": 3}, "at is a list of epochs, got 3"),
        ("triangular", {"half": 0}, "half"),
        ("triangular", {"low": -1}, "low"),
        ("triangular", {"decay": -1}, "decay"),
        ("warmup", {"length": -1}, "length"),
        ("warmup", {"start": "low"}, "start is a finite number of at least 0, got 'low'"),
        ("chain", {"schedules": ["constant"], "milestones": [2]}, r"milestones are 0 for 1 schedules, got \[2\]"),
        ("chain", {"schedules": [], "milestones": []}, "a list of them"),
        ("chain", {"schedules": "constant", "milestones": []}, "a list of them"),
        ("chain", {"schedules": ["constant"] * 3, "milestones": [4, 2]}, "grow"),
        ("chain", {"schedules": ["constant"] * 3, "milestones": [0.5, 2]}, r"grow, got \[0.5, 2\]: \[5.0, 2\] of 10"),
        ("product", {"schedules": []}, "a list of them"),
    ],
)
def test_what_schedules_refuse(name: str, config: Spec, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        make("schedule", name, **config)(1.0, 10)


def network() -> nc.nn.Module:
    return nc.create("mlp", sizes=[4, 8, 3], seed=0)


def samples() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((60, 4)).astype(np.float32), rng.integers(0, 3, 60)


CHAIN: Spec = {"name": "chain", "schedules": [RISE, {"name": "cosine_restarts", "first": 1}], "milestones": [2]}


def test_a_chain_sets_the_rate_of_each_step() -> None:
    rates: list[float] = []

    class Watch(Callback):
        def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
            rates.append(trainer.optimizer.lr)

    trainer = nc.Trainer(network(), optimizer={"name": "sgd", "lr": 0.2}, schedule=CHAIN, callbacks=[Watch()], seed=0)
    trainer.fit(samples(), epochs=4, batch_size=30, progress=False)
    half = (1 + math.cos(math.pi / 2)) / 2
    assert rates == pytest.approx([0.2 * f for f in (0.5, 0.625, 0.75, 0.875, 1, half, 1, half)])


def test_a_training_with_a_chain_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    def trainer() -> nc.Trainer:
        return nc.Trainer(network(), schedule=CHAIN, seed=3)

    whole, first, second = trainer(), trainer(), trainer()
    whole.fit(samples(), epochs=5, batch_size=16, progress=False)

    class Stop(Callback):
        def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
            if step == 10:
                trainer.save(tmp_path / "a.safetensors")
                trainer.stop("enough")

    first.callbacks.append(Stop())
    second.callbacks.append(Callback())
    first.fit(samples(), epochs=5, batch_size=16, progress=False)
    second.restore(tmp_path / "a.safetensors")
    second.fit(samples(), batch_size=16, progress=False)
    for a, b in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())


def test_a_chain_is_written_in_a_runs_config(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text(
        '[model]\nname = "mlp"\nsizes = [64, 10]\n[data]\nsource = "digits"\n[schedule]\nname = "chain"\nmilestones = [2]\n'
        'schedules = [{ name = "warmup", length = 2 }, "cosine"]\n'
    )
    config = RunConfig.read(file)
    again = tmp_path / "again.toml"
    again.write_text(config.toml())
    for each in (config, RunConfig.read(again)):
        schedule = make("schedule", each["schedule"])
        assert [schedule(epoch, 10) for epoch in (1, 2, 6)] == pytest.approx([0.5, 1, 0.5])


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_examples_in_the_documentation_run(spec: Any) -> None:
    failed, tried = doctest.testmod(importlib.import_module(spec.target.partition(":")[0]))
    assert not failed and (tried or spec.name == "constant")
