"""The Trainer does what the loop that it stands for does, to the bit, and says clearly what it cannot do."""

from __future__ import annotations

import doctest
import importlib
import math
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import nncore as nc
from nncore import data, nn, ops, optim
from nncore.errors import CaptureWarning, DataError, DivergedError, InvalidValueError
from nncore.training import Callback, EarlyStopping, History, SaveBest


def samples(count: int = 100, seed: int = 0) -> data.ArrayDataset:
    """Three classes that are mostly told apart by a linear function."""
    draw = np.random.default_rng(seed)
    y = draw.integers(0, 3, count)
    x = draw.standard_normal((count, 4)) * 0.5
    x[np.arange(count), y] += 2
    return data.ArrayDataset(x.astype(np.float32), y, classes=3)


def network(seed: int = 0) -> nn.Module:
    return nc.create("mlp", sizes=[4, 16, 3], dropout=0.2, seed=seed)


def weights(model: nn.Module) -> list[Any]:
    return [np.array(value.numpy()) for value in model.state_dict().values()]


def same(a: nn.Module, b: nn.Module) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(weights(a), weights(b), strict=True))


def test_it_is_the_loop_that_one_would_write() -> None:
    train, held_out = samples().split(0.2)
    model, epochs = network(), 3
    trainer = nc.Trainer(model, optimizer=optim.SGD(lr=0.1, momentum=0.9), metrics=["accuracy"], seed=5)
    history = trainer.fit(train, epochs=epochs, validate=held_out, batch_size=16, progress=False)

    other = network()
    optimizer = optim.SGD(other.parameters(), lr=0.1, momentum=0.9)
    nc.manual_seed(5)
    for epoch in range(epochs):
        total, right = 0.0, 0
        other.train()
        for x, y in train.batches(16, shuffle=True, seed=5, epoch=epoch):
            output = other(x)
            loss = ops.cross_entropy(output, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            right += int((output.argmax(1) == y).sum().item())
        row = history.rows[epoch]
        assert row["loss"] == pytest.approx(total / len(train), rel=1e-6)
        assert row["accuracy"] == right / len(train)
        other.eval()
        with nc.no_grad():
            output = other(nc.tensor(held_out.x))
            assert row["val_loss"] == pytest.approx(ops.cross_entropy(output, nc.tensor(held_out.y)).item(), rel=1e-5)
            assert row["val_accuracy"] == float((output.argmax(1).numpy() == held_out.y).mean())
    assert same(model, other)
    assert [row["epoch"] for row in history] == [1, 2, 3] and history.last["lr"] == 0.1
    assert trainer._step.calls["replayed"] > 0, "the steps were captured"
    assert trainer._step._last.fast == 2, "and tensors alone were passed"
    assert model.training, "the mode is what it was"


def test_two_calls_are_one_long_one() -> None:
    models = network(), network()
    schedules = [{"name": "exponential", "gamma": 0.5}] * 2
    for model, parts, schedule in zip(models, ([4], [1, 3]), schedules, strict=True):
        trainer = nc.Trainer(model, schedule=schedule, seed=1)
        for epochs in parts:
            trainer.fit(samples(), epochs=epochs, progress=False)
    assert same(*models) and len(trainer.history) == 4


def test_accumulated_batches_are_one_large_one() -> None:
    models = [nc.create("mlp", sizes=[4, 16, 3], seed=0) for _ in range(2)]
    for model, size, accumulate in zip(models, (32, 8), (1, 4), strict=True):
        trainer = nc.Trainer(model, optimizer=optim.SGD(lr=0.1), accumulate=accumulate, seed=0)
        trainer.fit(samples(96), epochs=2, batch_size=size, progress=False)
    for a, b in zip(*map(weights, models), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_short_last_group_is_averaged_over_its_own_batches() -> None:
    models = [nc.create("mlp", sizes=[4, 16, 3], seed=0) for _ in range(2)]
    for model, size, accumulate in zip(models, (24, 8), (1, 3), strict=True):
        trainer = nc.Trainer(model, optimizer=optim.SGD(lr=0.1), accumulate=accumulate, seed=0)
        trainer.fit(samples(40), epochs=2, batch_size=size, progress=False)
    for a, b in zip(*map(weights, models), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("restore_best", [False, True])
def test_an_interrupted_epoch_goes_on_from_its_own_weights(restore_best: bool) -> None:
    class Interrupt(Callback):
        def __init__(self, at: int) -> None:
            self.at = at

        def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
            if step == self.at:
                trainer.stop("here")

    ends = []
    for at in (0, 7):
        trainer = nc.Trainer(
            network(), callbacks=[EarlyStopping("loss", 9, restore_best=restore_best), Interrupt(at)], seed=0
        )
        for _ in range(1 if at == 0 else 2):
            trainer.fit(samples(), epochs=4 if not trainer.place["step"] else None, batch_size=25, progress=False)
        ends.append(trainer.history["loss"])
    assert ends[0] == ends[1]


def test_clipping_bounds_each_step() -> None:
    class Watch(Callback):
        norms: ClassVar[list[float]] = []

        def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
            squares = sum(float((p.grad * p.grad).sum().item()) for p in trainer.model.parameters())
            self.norms.append(math.sqrt(squares))

    trainer = nc.Trainer(network(), optimizer=optim.SGD(lr=0.1), clip_norm=0.05, callbacks=[Watch()], seed=0)
    trainer.fit(samples(), epochs=2, progress=False)
    assert len(Watch.norms) == 4 and max(Watch.norms) <= 0.05 * 1.0001 and min(Watch.norms) > 0.04


def test_the_schedule_sets_the_rate_of_each_step() -> None:
    rates: list[float] = []

    class Watch(Callback):
        def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
            rates.append(trainer.optimizer.lr)

    trainer = nc.Trainer(network(), optimizer=optim.SGD(lr=2.0), schedule="linear", callbacks=[Watch()], seed=0)
    trainer.fit(samples(), epochs=2, batch_size=25, progress=False)
    assert rates == pytest.approx([2.0 * (1 - k / 8) for k in range(8)])


class Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.main, self.aux = nn.Linear(4, 3), nn.Linear(4, 3)

    def forward(self, input: nc.Tensor) -> dict[str, nc.Tensor]:
        return {"aux": self.aux(input), "main": self.main(input)}


def test_several_outputs_with_weights() -> None:
    train, model = samples(), Heads()
    before = weights(model)
    trainer = nc.Trainer(
        model,
        loss={"main": "cross_entropy", "aux": {"name": "cross_entropy", "label_smoothing": 0.1}},
        loss_weights={"aux": 0.3},
        metrics=["accuracy"],
        seed=0,
    )
    loss = trainer.evaluate(train)["loss"]
    x, y = nc.tensor(train.x), nc.tensor(train.y)
    with nc.no_grad():
        out = model(x)
        want = ops.cross_entropy(out["main"], y) + 0.3 * ops.cross_entropy(out["aux"], y, label_smoothing=0.1)
    assert loss == pytest.approx(want.item(), rel=1e-5)
    trainer.fit(train, epochs=2, progress=False)
    assert all(not np.array_equal(a, b) for a, b in zip(before, weights(model), strict=True))
    assert trainer.history.last["accuracy"] > 0
    assert set(trainer.predict(train)) == {"aux", "main"}


def test_a_single_loss_takes_targets_by_name() -> None:
    def weighted(output: nc.Tensor, target: Any) -> nc.Tensor:
        return (ops.cross_entropy(output, target["y"], reduction="none") * target["weight"]).mean()

    class Seen:
        targets: ClassVar[list[Any]] = []

        def reset(self) -> None: ...

        def update(self, output: nc.Tensor, target: Any) -> None:
            self.targets.append(sorted(target))

        def compute(self) -> float:
            return 0.0

    train, model = samples(32), network()
    weight = np.arange(32, dtype=np.float32)
    trainer = nc.Trainer(model, weighted, metrics={"seen": Seen()}, seed=0)
    with nc.no_grad():
        each = ops.cross_entropy(model.eval()(nc.tensor(train.x)), nc.tensor(train.y), reduction="none").numpy()
    found = trainer.evaluate([(train.x, {"y": train.y, "weight": weight})])
    assert found["loss"] == pytest.approx(float((each * weight).mean()), rel=1e-5)
    assert Seen.targets == [["weight", "y"]], "metrics see what the loss sees"


def test_early_stopping_brings_back_the_best_weights() -> None:
    class Scripted:
        """A metric that is best in the second epoch."""

        better = "max"
        values = iter([0.5, 0.9, 0.6, 0.7, 0.8, 0.8, 0.8])

        def reset(self) -> None: ...

        def update(self, output: nc.Tensor, target: nc.Tensor) -> None: ...

        def compute(self) -> float:
            return next(type(self).values)

    seen: list[list[Any]] = []

    class Keep(Callback):
        def on_epoch_end(self, trainer: nc.Trainer, row: dict[str, Any]) -> None:
            seen.append(weights(trainer.model))

    stopping = EarlyStopping("score", patience=2)
    trainer = nc.Trainer(network(), metrics={"score": Scripted}, callbacks=[Keep(), stopping], seed=0)
    history = trainer.fit(samples(), epochs=7, progress=False)
    assert len(history) == 4 and "score has not become better than 0.9" in history.stopped
    assert all(np.array_equal(a, b) for a, b in zip(seen[1], weights(trainer.model), strict=True))
    assert history.best("score", "max")["epoch"] == 2


def test_the_best_model_is_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "best.safetensors"
    trainer = nc.Trainer(network(), callbacks=[SaveBest(path, "loss")], seed=0)
    trainer.fit(samples(), epochs=3, progress=False)
    assert trainer.history.best("loss")["epoch"] == 3 and same(nc.load(path), trainer.model)


@pytest.mark.parametrize("way", ["arrays", "list", "function", "batches", "tensors"])
def test_what_may_be_given_as_data(way: str) -> None:
    train = samples(64)
    batches = [(train.x[:32], train.y[:32]), (train.x[32:], train.y[32:])]
    given = {
        "arrays": (train.x, train.y),
        "tensors": (nc.tensor(train.x), nc.tensor(train.y)),
        "list": batches,
        "function": lambda: iter(batches),
        "batches": train.batches(32),
    }[way]
    models = network(), network()
    for model, one in zip(models, (train, given), strict=True):
        nc.Trainer(model, seed=0).fit(one, epochs=2, batch_size=32, shuffle=False, progress=False)
    assert same(*models)


def test_regression_with_values_as_targets() -> None:
    x = np.random.default_rng(0).standard_normal((64, 2)).astype(np.float32)
    trainer = nc.Trainer(nn.Linear(2, 1), loss="mse", optimizer=optim.SGD(lr=0.2), metrics=["mae"], seed=0)
    history = trainer.fit((x, x[:, :1] * 3 - 1), epochs=50, progress=False)
    assert history.last["loss"] < 1e-3 and history.last["mae"] < 0.05


def test_a_model_that_reads_values_is_trained_all_the_same() -> None:
    class Reading(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, input: nc.Tensor) -> nc.Tensor:
            return self.layer(input) if input.sum().item() < 1e9 else input

    models = []
    for wrap in (Reading, Reading):
        model = wrap()
        model.load_state_dict({name: nc.full(value.shape, 0.1) for name, value in model.state_dict().items()})
        models.append(model)
    with pytest.warns(CaptureWarning, match="without being replayed"):
        history = nc.Trainer(models[0], seed=0).fit(samples(), epochs=3, progress=False)
    other = optim.Adam(models[1].parameters())
    for epoch in range(3):
        for x, y in samples().batches(64, shuffle=True, seed=0, epoch=epoch):
            other.zero_grad()
            ops.cross_entropy(models[1](x), y).backward()
            other.step()
    assert same(*models) and all(math.isfinite(value) for value in history["loss"])


class Dividing(nn.Module):
    """Gives an infinity where an input is large."""

    def forward(self, input: nc.Tensor) -> nc.Tensor:
        return input / (input < 50)


WRONG: dict[str, tuple[float, float, str]] = {
    "NaN in the data": (math.nan, 0.1, "the batch's input holds NaN or an infinity"),
    "an infinity inside": (1e4, 0.1, r"the first layer to give one is 1 \(Dividing\)"),
    "steps that are too long": (1.0, 1e38, "no layer gives one with these weights, so the steps of this epoch"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_loss_that_is_no_number_stops_it(name: str) -> None:
    value, rate, words = WRONG[name]
    train = samples()
    model = nn.Sequential(nn.Linear(4, 8), Dividing(), nn.Linear(8, 3))
    trainer = nc.Trainer(model, optimizer=optim.SGD(lr=0.1, momentum=0.9), seed=0)
    trainer.fit(train, epochs=1, progress=False)
    good = weights(model)
    x = np.array(train.x)
    x[70] = value
    trainer.optimizer.lr = rate
    with pytest.raises(DivergedError, match=rf"the loss is \S+ at step \d+ \(epoch 2, batch \d\): {words}"):
        trainer.fit((x, train.y), epochs=1, batch_size=10, progress=False)
    assert all(np.array_equal(a, b) for a, b in zip(good, weights(model), strict=True))
    assert len(trainer.history) == 1
    trainer.optimizer.lr = 0.1
    history = trainer.fit(train, epochs=1, progress=False)
    assert math.isfinite(history.last["loss"]), "the optimizer's state is that of the start of the epoch too"


def test_ctrl_c_ends_after_the_step() -> None:
    class Press(Callback):
        def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
            if step == 3:
                os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    trainer = nc.Trainer(network(), callbacks=[Press()], seed=0)
    with pytest.raises(KeyboardInterrupt, match="stopped after step 3, with 1 whole epochs"):
        trainer.fit(samples(), epochs=5, progress=False)
    assert signal.getsignal(signal.SIGINT) is before
    assert len(trainer.history) == 1 and trainer.history.stopped == "interrupted"


def test_it_works_beside_the_main_thread() -> None:
    results: list[History] = []
    trainer = nc.Trainer(network(), seed=0)
    thread = threading.Thread(target=lambda: results.append(trainer.fit(samples(), epochs=1, progress=False)))
    thread.start()
    thread.join()
    assert len(results[0]) == 1


def test_progress_is_a_line_an_epoch_where_there_is_no_terminal() -> None:
    program = (
        "import nncore as nc, numpy as np; x = np.eye(4, dtype='float32'); "
        "nc.Trainer(nc.nn.Linear(4, 4), metrics=['accuracy'], seed=0).fit((x, np.arange(4)), epochs=2, validate=(x, np.arange(4)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    assert len(lines) == 2 and not done.stdout
    assert lines[0].startswith("epoch   1  loss ") and "val_accuracy" in lines[1] and lines[1].endswith(" s")


@pytest.mark.parametrize("module", ["", ".trainer", ".history"])
def test_examples_in_docstrings(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"nncore.training{module}"))
    assert tried and not failed


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "a metric that does not exist": (lambda: nc.Trainer(network(), metrics=["acuracy"]), Exception, "accuracy"),
    "an optimizer that does not exist": (lambda: nc.Trainer(network(), optimizer="adem"), Exception, "adam"),
    "no module": (lambda: nc.Trainer(3), InvalidValueError, "a Module or the name of an architecture, got int"),
    "half an epoch": (lambda: nc.Trainer(network()).fit(samples(), 1.5), InvalidValueError, "epochs is 1.5"),
    "a bare metric": (lambda: nc.Trainer(network(), metrics="accuracy"), InvalidValueError, "metrics is a list"),
    "a bare callback": (
        lambda: nc.Trainer(network(), callbacks=EarlyStopping()),
        InvalidValueError,
        "callbacks is a list",
    ),
    "a column's name": (lambda: nc.Trainer(network(), metrics={"lr": "accuracy"}), InvalidValueError, "got 'lr'"),
    "another's optimizer": (
        lambda: nc.Trainer(network(), optimizer=optim.SGD(network().parameters(), lr=0.1)),
        InvalidValueError,
        "made for another one",
    ),
    "no accumulation": (lambda: nc.Trainer(network(), accumulate=0), InvalidValueError, "accumulate is 0"),
    "weights of no loss": (lambda: nc.Trainer(network(), loss_weights={"a": 1.0}), InvalidValueError, "names a"),
    "an iterator": (lambda: nc.Trainer(network()).fit(iter([])), DataError, "gone through once"),
    "no data": (lambda: nc.Trainer(network()).fit(3), DataError, "got int"),
    "no targets": (lambda: nc.Trainer(network()).fit(data.ArrayDataset(np.ones((4, 4)))), DataError, "no y"),
    "no pairs": (lambda: nc.Trainer(network()).fit([np.ones((2, 4))]), DataError, "batch 0 is a ndarray"),
    "nothing": (lambda: nc.Trainer(network()).fit([]), InvalidValueError, "had no batch"),
    "a loss that is no number": (
        lambda: nc.Trainer(network(), {"name": "cross_entropy", "reduction": "none"}).fit(samples(), progress=False),
        InvalidValueError,
        "0-d tensor",
    ),
    "several outputs, one loss": (
        lambda: nc.Trainer(Heads()).fit(samples(), progress=False),
        InvalidValueError,
        "loss as a dict",
    ),
    "a part of no data set": (
        lambda: nc.Trainer(network()).fit([], validate=0.1),
        InvalidValueError,
        "needs a data set",
    ),
    "nothing to watch": (
        lambda: nc.Trainer(network(), callbacks=[EarlyStopping()]).fit(samples(), progress=False),
        InvalidValueError,
        "pass validate= to fit",
    ),
    "an unknown column": (lambda: History([{"epoch": 1, "loss": 1.0}])["los"], InvalidValueError, "loss"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(name: str) -> None:
    call, error, words = MISTAKES[name]
    with pytest.raises(error, match=words):
        call()
