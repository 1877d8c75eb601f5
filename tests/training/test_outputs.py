"""Several outputs: their losses, columns, metrics, targets by name, and going on from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import data, nn, ops
from nncore.errors import DataError, InvalidValueError
from nncore.training import EarlyStopping

DRAW = np.random.default_rng(0)
X = DRAW.standard_normal((90, 4)).astype(np.float32)
KIND = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0)
PRICE = (X @ np.array([[1.0], [2.0], [0.0], [-1.0]])).astype(np.float32)


class Heads(nn.Module):
    """A trunk with two heads; `quiet` leaves the second one out in evaluation."""

    def __init__(self, quiet: str = "") -> None:
        super().__init__()
        self.trunk, self.kind, self.price = nn.Linear(4, 8), nn.Linear(8, 3), nn.Linear(8, 1)
        self.drop = nn.Dropout(0.2)
        self.quiet = quiet
        self.initialize(0)

    def forward(self, input: nc.Tensor) -> Any:
        found = self.drop(ops.relu(self.trunk(input)))
        if not self.training and self.quiet:
            return self.kind(found) if self.quiet == "bare" else {"kind": self.kind(found)}
        return {"price": self.price(found), "kind": self.kind(found)}


def trainer(quiet: str = "", **options: Any) -> nc.Trainer:
    return nc.Trainer(
        Heads(quiet),
        optimizer={"name": "adam", "lr": 0.02},
        loss={"kind": "cross_entropy", "price": "mse"},
        loss_weights={"price": 0.3},
        metrics={"kind": ["accuracy", "confusion_matrix"], "price": ["mae"], "right": "accuracy"},
        seed=0,
        **options,
    )


TARGETS = {"kind": KIND, "price": PRICE}


def test_each_output_has_its_columns() -> None:
    one = trainer()
    with nc.no_grad():
        out = one.model.eval()(nc.tensor(X))
    found = one.evaluate((X, TARGETS))
    kind, price = out["kind"].numpy(), out["price"].numpy()
    logs = kind - np.log(np.exp(kind).sum(1, keepdims=True))
    assert found["kind_loss"] == pytest.approx(-logs[np.arange(90), KIND].mean(), rel=1e-5)
    assert found["price_loss"] == pytest.approx(((price - PRICE) ** 2).mean(), rel=1e-5)
    assert found["loss"] == pytest.approx(found["kind_loss"] + 0.3 * found["price_loss"], rel=1e-6)
    assert found["kind_accuracy"] == found["right"] == (kind.argmax(1) == KIND).mean()
    assert found["price_mae"] == pytest.approx(np.abs(price - PRICE).mean(), rel=1e-5)
    names = ["loss", "kind_loss", "price_loss", "kind_accuracy", "kind_confusion_matrix", "price_mae", "right"]
    assert list(found) == names
    history = one.fit((X, TARGETS), 2, validate=[(X, TARGETS)], batch_size=20, progress=False)
    assert list(history.last) == ["epoch", *names, *(f"val_{name}" for name in names), "lr", "seconds"]
    assert history["price_loss"][1] < history["price_loss"][0]
    assert one.better("val_kind_accuracy") == "max" and one.better("val_price_mae") == "min"


def test_targets_by_name_come_in_the_order_of_their_inputs() -> None:
    """A data set, arrays by name, and batches by name are one training."""
    train = data.ArrayDataset(X, np.arange(90), targets="values")
    order = train.batches(16, shuffle=True, seed=0)

    def batches() -> Any:
        for x, rows in order:
            yield x, {name: values[rows.numpy()] for name, values in TARGETS.items()}

    models = []
    for given in ((X, TARGETS), batches):
        one = trainer()
        one.fit(given, 3, batch_size=16, progress=False)
        models.append([value.numpy() for value in one.model.state_dict().values()])
    assert all(np.array_equal(a, b) for a, b in zip(*models, strict=True))


@pytest.mark.parametrize("quiet", ["dict", "bare"])
def test_heads_that_are_there_in_training_alone_say_nothing_of_a_validation(quiet: str) -> None:
    one = trainer(quiet, callbacks=[EarlyStopping("val_kind_loss", 9)])
    row = one.fit((X, TARGETS), 1, validate=[(X, TARGETS)], progress=False).last
    assert {"kind_loss", "price_loss", "price_mae", "val_kind_loss", "val_kind_accuracy"} <= set(row)
    assert "val_price_loss" not in row and "val_price_mae" not in row
    assert row["val_loss"] == row["val_kind_loss"], "the main output's is all there is"
    found = one.predict(X)
    assert (found if quiet == "bare" else found["kind"]).shape == (90, 3)


@pytest.mark.parametrize("at", [2, 5, 7])
def test_it_goes_on_from_a_file_to_the_same_bits(tmp_path: Path, at: int) -> None:
    class Stop(nc.training.Callback):
        def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
            if step == at:
                trainer.save(tmp_path / "a.safetensors")
                trainer.stop("here")

    def outcome(one: nc.Trainer) -> Any:
        rows = [{name: np.asarray(value).tolist() for name, value in row.items()} for row in one.history]
        return [{**row, "seconds": 0} for row in rows], [value.numpy().tolist() for value in one.model.parameters()]

    whole, first, second = trainer(), trainer(callbacks=[Stop()]), trainer(callbacks=[nc.training.Callback()])
    whole.fit((X, TARGETS), 3, batch_size=24, progress=False)
    first.fit((X, TARGETS), 3, batch_size=24, progress=False)
    second.restore(tmp_path / "a.safetensors")
    second.fit((X, TARGETS), batch_size=24, progress=False)
    assert outcome(second) == outcome(whole)


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "a target that is not there": (
        (X, {"kind": KIND}),
        InvalidValueError,
        "the targets have no 'price'; they have kind",
    ),
    "too few of one": ((X, {"kind": KIND, "price": PRICE[:5]}), DataError, "x has 90 samples and y has 5"),
    "text": ((X, {"kind": KIND.astype(str), "price": PRICE}), DataError, "y holds strings"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(name: str) -> None:
    given, error, words = MISTAKES[name]
    with pytest.raises(error, match=words):
        trainer().fit(given, progress=False)


def test_an_output_that_is_missing_in_training_is_an_error() -> None:
    class Lost(Heads):
        def forward(self, input: nc.Tensor) -> Any:
            return {"kind": super().forward(input)["kind"]}

    one = nc.Trainer(Lost(), loss={"kind": "cross_entropy", "price": "mse"}, seed=0)
    with pytest.raises(InvalidValueError, match="the model has no output 'price'; it has kind"):
        one.fit((X, TARGETS), progress=False)
