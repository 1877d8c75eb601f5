"""Penalties and constraints as part of a Trainer's step: the same as by hand, captured, and resumed to the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError, UnknownComponentError
from nncore.regularization import L2, ElasticNet, MaxNorm
from nncore.training import Callback, Checkpoint

draw = np.random.default_rng(0)
X, Y = draw.standard_normal((60, 5)).astype(np.float32), draw.integers(0, 3, 60)


def model() -> nn.Module:
    return nc.create("mlp", sizes=[5, 16, 3], seed=0)


def weights(of: nn.Module) -> list[np.ndarray[Any, Any]]:
    return [p.detach().numpy().copy() for p in of.parameters()]


@pytest.mark.parametrize("accumulate", [1, 4])
def test_a_trainer_does_what_a_loop_does(accumulate: int) -> None:
    penalty, constraint = ElasticNet(1e-3, 1e-2, biases=False), MaxNorm(0.6)
    trainer = nc.Trainer(
        model(),
        optimizer={"name": "sgd", "lr": 0.5},
        penalty=penalty,
        constraint=constraint,
        accumulate=accumulate,
        seed=0,
    )
    history = trainer.fit((X, Y), epochs=3, validate=(X, Y), batch_size=10, shuffle=False, progress=False)

    by_hand = model()
    optimizer = nc.optim.SGD(by_hand.parameters(), 0.5)
    rows = []
    for _ in range(3):
        losses, added = [], []
        for first in range(0, 60, 10 * accumulate):
            optimizer.zero_grad()
            starts = range(first, min(first + 10 * accumulate, 60), 10)
            for at in starts:
                loss = nc.ops.cross_entropy(by_hand(nc.tensor(X[at : at + 10])), nc.tensor(Y[at : at + 10]))
                extra = penalty(by_hand)
                ((loss + extra) * (1 / len(starts))).backward()
                losses.append(loss.item())
                added.append(extra.item())
            optimizer.step()
            constraint(by_hand)
        rows.append((np.mean(losses), np.mean(added)))
    for got, want in zip(weights(trainer.model), weights(by_hand), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6)
    # The loss is that of the data, beside the penalty.
    for row, (loss, extra) in zip(history, rows, strict=True):
        np.testing.assert_allclose([row["loss"], row["penalty"]], [loss, extra], rtol=1e-5)
        assert "val_penalty" not in row
    assert max(np.sqrt((w**2).sum(1)).max() for w in weights(trainer.model) if w.ndim == 2) <= 0.6 * (1 + 1e-6)


def test_the_step_is_replayed_and_sees_another_strength() -> None:
    penalty, constraint = L2(1e-2), MaxNorm(1.0)
    trainer = nc.Trainer(model(), optimizer="sgd", penalty=penalty, constraint=constraint, seed=0)
    trainer.fit((X, Y), epochs=2, batch_size=20, progress=False)
    assert trainer._step is not trainer._plain and trainer._step.calls["replayed"] > 0
    first = trainer.history.last["penalty"]
    penalty.strength = 1.0
    trainer.fit((X, Y), epochs=1, batch_size=20, progress=False)
    assert trainer.history.last["penalty"] > 50 * first
    constraint.max_norm = 0.1
    trainer.fit((X, Y), epochs=1, batch_size=20, progress=False)
    assert max(np.sqrt((w**2).sum(1)).max() for w in weights(trainer.model) if w.ndim == 2) <= 0.1 * (1 + 1e-6)


class Stopping(Callback):
    def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
        if step == 5:
            trainer.stop("enough")


def test_a_training_is_resumed_to_the_same_bits(tmp_path: Path) -> None:
    def trainer(*callbacks: Any) -> nc.Trainer:
        return nc.Trainer(
            nc.create("mlp", sizes=[5, 16, 3], dropout=0.2, seed=0),
            optimizer={"name": "adam", "lr": 0.05},
            penalty={"name": "l2", "strength": 1e-3},
            constraint=MaxNorm(0.7),
            callbacks=callbacks,
            seed=1,
        )

    whole = trainer(Callback(), Callback())
    whole.fit((X, Y), epochs=4, batch_size=20, progress=False)
    path = tmp_path / "training.safetensors"
    trainer(Checkpoint(path, every=1), Stopping()).fit((X, Y), epochs=4, batch_size=20, progress=False)
    resumed = trainer(Checkpoint(path), Callback())
    resumed.restore(path)
    assert resumed.place["step"] == 5
    resumed.fit((X, Y), batch_size=20, progress=False)
    for one, other in zip(weights(whole.model), weights(resumed.model), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [row["penalty"] for row in whole.history] == [row["penalty"] for row in resumed.history]
    assert [row["loss"] for row in whole.history] == [row["loss"] for row in resumed.history]


def test_max_norm_as_a_callback_bounds_the_weights_too() -> None:
    trainer = nc.Trainer(model(), optimizer={"name": "sgd", "lr": 1.0}, callbacks=[MaxNorm(0.3)], seed=0)
    trainer.fit((X, Y), epochs=2, batch_size=20, progress=False)
    assert max(np.sqrt((w**2).sum(1)).max() for w in weights(trainer.model) if w.ndim == 2) <= 0.3 * (1 + 1e-6)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"penalty": "l2"}, "a penalty 'l2' is not made without strength"),
        ({"penalty": 3}, "a penalty is a dict such as"),
        ({"callbacks": ["early_stoping"]}, "unknown callback 'early_stoping'. Did you mean 'early_stopping'"),
        ({"callbacks": [{"name": "checkpoint"}]}, "a callback 'checkpoint' is not made without path"),
        ({"penalty": lambda a, b: a}, "penalty is called with"),
        ({"constraint": 3.0}, "constraint is a function of a model"),
        ({"constraint": MaxNorm}, "constraint is a function of a model"),
        ({"metrics": {"penalty": "accuracy"}}, "not that of another column"),
    ],
)
def test_wrong_arguments_are_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises((InvalidValueError, UnknownComponentError), match=words):
        nc.Trainer(model(), seed=0, **wrong)


def test_a_penalty_that_is_no_number_is_told_before_anything_changes() -> None:
    trainer = nc.Trainer(model(), penalty=lambda m: next(m.parameters()), seed=0)
    before = weights(trainer.model)
    with pytest.raises(InvalidValueError, match=r"a penalty is a 0-d tensor; .* gave one of shape \(16, 5\)"):
        trainer.fit((X, Y), epochs=1, progress=False)
    for one, other in zip(weights(trainer.model), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_penalties_constraints_and_callbacks_are_found_by_name() -> None:
    trainer = nc.Trainer(
        model(),
        optimizer={"name": "sgd", "lr": 1.0},
        penalty={"name": "ridge", "strength": 1e-2},
        constraint={"name": "max_norm", "max_norm": 0.3},
        callbacks=[{"name": "early_stopping", "monitor": "loss", "patience": 1, "min_delta": 100.0}],
        seed=0,
    )
    trainer.fit((X, Y), epochs=9, batch_size=20, progress=False)
    assert len(trainer.history) == 2 and trainer.history.last["penalty"] > 0
    assert max(np.sqrt((w**2).sum(1)).max() for w in weights(trainer.model) if w.ndim == 2) <= 0.3 * (1 + 1e-6)
    assert isinstance(trainer.penalty, L2) and isinstance(trainer.constraint, MaxNorm)


def test_a_callback_may_know_of_the_validation_alone() -> None:
    class Counting:
        began = ended = 0

        def on_validation_begin(self, trainer: nc.Trainer) -> None:
            self.began += 1

        def on_validation_end(self, trainer: nc.Trainer) -> None:
            self.ended += 1

    counting = Counting()
    nc.Trainer(model(), callbacks=[counting], seed=0).fit((X, Y), epochs=2, validate=(X, Y), progress=False)
    assert (counting.began, counting.ended) == (2, 2)
