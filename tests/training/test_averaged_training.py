"""Means of weights and rates on plateaus in a training: as a loop makes them, and to the same bits after an interruption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn, optim
from nncore.errors import DivergedError, InvalidValueError
from nncore.training import Callback, ExponentialWeightAveraging, ReduceOnPlateau, StochasticWeightAveraging

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((50, 4)).astype(np.float32), RNG.integers(0, 3, 50)
HELD = X[:20], Y[:20]


def network(norm: bool = False) -> nn.Module:
    layers = [nn.Linear(4, 8), *([nn.BatchNorm1d(8)] if norm else []), nn.Dropout(0.2), nn.ReLU(), nn.Linear(8, 3)]
    return nn.Sequential(*layers).initialize(0)


def trainer(*callbacks: Any, norm: bool = False, **options: Any) -> nc.Trainer:
    options = {"optimizer": {"name": "adam", "lr": 0.02}, **options}
    return nc.Trainer(network(norm), callbacks=list(callbacks), seed=3, **options)


def bits(model: nn.Module) -> list[bytes]:
    return [value.numpy().tobytes() for value in model.state_dict().values()]


class Each(Callback):
    """Does something after each epoch or step."""

    def __init__(self, epoch: Any = None, step: Any = None) -> None:
        self.epoch, self.step = epoch, step

    def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
        if self.step is not None:
            self.step(trainer, step)

    def on_epoch_end(self, trainer: nc.Trainer, row: dict[str, Any]) -> None:
        if self.epoch is not None:
            self.epoch(trainer, row)


@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize("warmup", [False, True])
def test_an_exponential_mean_is_that_of_a_loop(accumulate: int, warmup: bool) -> None:
    """Also where the last batches of an epoch are fewer than are accumulated, and make a step."""
    seen: list[dict[str, Any]] = []

    def look(trainer: nc.Trainer, step: int) -> None:
        weights = {name: p.detach().numpy().astype(np.float64) for name, p in trainer.model.named_parameters()}
        before = seen[-1] if seen else first
        if any((weights[name] != before[name]).any() for name in weights):
            seen.append(weights)

    average = ExponentialWeightAveraging(0.8, warmup=warmup)
    training = trainer(Each(step=look), average, accumulate=accumulate)
    first = {name: p.detach().numpy().astype(np.float64) for name, p in training.model.named_parameters()}
    mean = first
    training.fit((X, Y), 4, HELD, batch_size=8, progress=False)
    assert len(seen) == 4 * -(-7 // accumulate) == average.average.step
    for n, weights in enumerate(seen):
        decay = min(0.8, (1 + n) / (10 + n)) if warmup else 0.8
        mean = {name: decay * mean[name] + (1 - decay) * weights[name] for name in mean}
    for name, p in training.model.named_parameters():
        np.testing.assert_allclose(p.detach().numpy(), mean[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("accumulate", [1, 3])
def test_validation_looks_at_the_means(accumulate: int) -> None:
    found: list[tuple[float, float]] = []
    average = ExponentialWeightAveraging(0.9)

    def compare(trainer: nc.Trainer, row: dict[str, Any]) -> None:
        plain = trainer.evaluate(HELD, batch_size=8)["loss"]
        with average.average.applied():
            assert trainer.evaluate(HELD, batch_size=8)["loss"] == row["val_loss"]
        found.append((plain, row["val_loss"]))

    trainer(average, Each(compare), accumulate=accumulate).fit((X, Y), 3, HELD, batch_size=8, progress=False)
    assert len(found) == 3 and all(abs(plain - mean) > 1e-4 for plain, mean in found)
    plain, same = trainer(ExponentialWeightAveraging(0.9, validate=False, apply=False)), trainer()
    for each in (plain, same):
        each.fit((X, Y), 3, HELD, batch_size=8, progress=False)
    assert bits(plain.model) == bits(same.model)
    assert [row["val_loss"] for row in plain.history] == [row["val_loss"] for row in same.history]


def test_validation_that_fails_leaves_the_weights() -> None:
    average = ExponentialWeightAveraging(0.5)
    training = trainer(average)
    kept: list[list[bytes]] = []
    training.callbacks.append(Each(step=lambda trainer, step: kept.append(bits(trainer.model))))
    with pytest.raises(ValueError):
        training.fit((X, Y), 2, (np.zeros((5, 9), np.float32), Y[:5]), batch_size=8, progress=False)
    assert bits(training.model) == kept[-1]


@pytest.mark.parametrize("every", [1, 2])
def test_a_stochastic_mean_is_that_of_the_last_epochs(every: int) -> None:
    ends: list[dict[str, Any]] = []

    def look(trainer: nc.Trainer, row: dict[str, Any]) -> None:
        ends.append({name: p.detach().numpy().astype(np.float64) for name, p in trainer.model.named_parameters()})

    average = StochasticWeightAveraging(0.5, every, data=X, batch_size=10)
    training = trainer(average, Each(look), norm=True)
    training.fit((X, Y), 8, batch_size=8, progress=False)
    chosen = ends[4::every]
    assert average.average.step == len(chosen) == 4 // every
    for name, p in training.model.named_parameters():
        np.testing.assert_allclose(p.detach().numpy(), np.mean([e[name] for e in chosen], 0), rtol=1e-5, atol=1e-6)
    first, norm = training.model[0], training.model[1]
    inner = X @ first.weight.detach().numpy().T + first.bias.detach().numpy()
    np.testing.assert_allclose(norm.running_mean.numpy(), inner.reshape(5, 10, 8).mean((0, 1)), rtol=1e-4, atol=1e-5)
    want = inner.reshape(5, 10, 8).var(1, ddof=1).mean(0)
    np.testing.assert_allclose(norm.running_var.numpy(), want, rtol=1e-4)


CALLBACKS: dict[str, Any] = {
    "exponential": lambda: ExponentialWeightAveraging(0.9, warmup=True),
    "stochastic": lambda: StochasticWeightAveraging(2, data=X),
    "plateau": lambda: ReduceOnPlateau("loss", 0.5, 0, threshold=0.05),
}


@pytest.mark.parametrize("kind", CALLBACKS)
@pytest.mark.parametrize("schedule", [None, "cosine"])
@pytest.mark.parametrize(("accumulate", "at"), [(1, 3), (1, 14), (1, 21), (1, 24), (3, 10), (3, 17), (3, 21), (1, 42)])
def test_a_training_goes_on_to_the_same_bits(
    tmp_path: Path, kind: str, schedule: str | None, accumulate: int, at: int
) -> None:
    """From a file written in the middle of an epoch, at the end of one (14, 21), and of the last one (42)."""
    file = tmp_path / "training.safetensors"

    def run(*more: Any, epochs: int | None = 6, resume: bool = False) -> nc.Trainer:
        # The one that writes stands before and behind in turn.
        callbacks = [*more, CALLBACKS[kind]()] if at % 2 else [CALLBACKS[kind](), *more]
        training = trainer(*callbacks, norm=True, schedule=schedule, accumulate=accumulate)
        if resume:
            training.fit((X, Y), 1, HELD, batch_size=8, progress=False)  # what it has learned is forgotten
            training.restore(file)
        training.fit((X, Y), epochs, HELD, batch_size=8, progress=False)
        return training

    def stop(trainer: nc.Trainer, step: int) -> None:
        if step == at and trainer.at_rest:
            trainer.save(file)
            trainer.stop("enough")

    def stop_at_the_end(trainer: nc.Trainer, row: dict[str, Any]) -> None:
        if trainer.place["step"] == at:
            trainer.save(file)
            trainer.stop("enough")

    whole = run(Each())
    run(Each(stop_at_the_end, None) if at % 7 == 0 else Each(None, stop))
    again = run(Each(), epochs=None, resume=True)
    assert again.place["step"] == 42
    assert bits(again.model) == bits(whole.model)
    assert again.rates == whole.rates and again.optimizer.lr == whole.optimizer.lr
    columns = [[row["loss"], row["val_loss"], row["lr"]] for row in whole.history]
    assert columns == [[row["loss"], row["val_loss"], row["lr"]] for row in again.history]
    if kind == "plateau":
        assert whole.rates[0] < 0.02


def test_after_a_divergence_the_mean_is_where_the_training_is() -> None:
    average = ExponentialWeightAveraging(0.9, apply=False)
    training = trainer(average)
    training.fit((X, Y), 1, batch_size=8, progress=False)
    before = [value.numpy().tobytes() for value in average.state().values() if isinstance(value, nc.Tensor)]
    bad = X.copy()
    bad[45:] = np.nan
    with pytest.raises(DivergedError):
        training.fit((bad, Y), 1, batch_size=8, shuffle=False, progress=False)
    assert average.average.step > 7
    seen: list[list[bytes]] = []

    class Look(Callback):
        def on_fit_begin(self, trainer: nc.Trainer) -> None:
            seen.append([v.numpy().tobytes() for v in average.state().values() if isinstance(v, nc.Tensor)])

    training.callbacks.append(Look())
    training.fit((X, Y), 1, batch_size=8, progress=False)
    assert seen[0] == before


def test_rates_fall_in_a_training_where_nothing_gets_better() -> None:
    plateau = ReduceOnPlateau("loss", 0.5, 1)
    training = trainer(plateau, optimizer=optim.SGD(lr=0.0))
    training.optimizer.lr = 0.0
    training.rates = [0.0]
    training.fit((X, Y), 2, progress=False)
    frozen = nc.Trainer(nn.Linear(4, 3).initialize(0), optimizer=optim.SGD(lr=1e-9), callbacks=[plateau], seed=0)
    plateau_rates: list[float] = []
    frozen.callbacks.append(Each(lambda trainer, row: plateau_rates.append(trainer.optimizer.lr)))
    plateau._judge.eps = 0.0
    frozen.fit((X, Y), 5, progress=False)
    assert plateau_rates == pytest.approx([1e-9, 1e-9, 5e-10, 5e-10, 2.5e-10])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ExponentialWeightAveraging(1.0), "decay"),
        (lambda: ExponentialWeightAveraging(warmup=1), "warmup"),
        (lambda: StochasticWeightAveraging(-1), "start"),
        (lambda: StochasticWeightAveraging(every=0), "every"),
        (lambda: ReduceOnPlateau(factor=2.0), "factor"),
        (lambda: ReduceOnPlateau(better="most"), "better is 'most'"),
        (lambda: ReduceOnPlateau(3), "monitor is 3"),
        (
            lambda: trainer(ReduceOnPlateau()).fit((X, Y), 1, progress=False),
            "watches 'val_loss'.*pass validate= to fit",
        ),
        (
            lambda: trainer(StochasticWeightAveraging(), norm=True).fit((X, Y), 1, progress=False),
            "batch normalizations.*pass data=",
        ),
    ],
)
def test_what_is_refused(call: Any, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        call()
