"""Whatever makes no sense as an argument is refused by its name, before anything has changed."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import data, nn, optim
from nncore.errors import DataError, DivergedError, DTypeError, InvalidValueError, NNCoreError, ShapeError
from nncore.training import Callback, Checkpoint, EarlyStopping, History, SaveBest

DRAW = np.random.default_rng(0)
X = DRAW.standard_normal((40, 4)).astype(np.float32)
Y = DRAW.integers(0, 3, 40)


def network() -> nn.Module:
    return nc.create("mlp", sizes=[4, 8, 3], seed=0)


def line() -> nn.Module:
    return nn.Linear(4, 1)


class Normalized(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Linear(4, 3), nn.BatchNorm1d(3)

    def forward(self, input: nc.Tensor) -> nc.Tensor:
        return self.norm(self.first(input))


class Misspelt:
    def on_epoch_ends(self, trainer: Any, row: Any) -> None: ...


class Lacking(Callback):
    def on_epoch_end(self, row: Any) -> None:  # type: ignore[override]
        ...


def made(**options: Any) -> Any:
    return lambda: nc.Trainer(network(), **options)


def fit(*arguments: Any, **options: Any) -> Any:
    trainer_options = options.pop("trainer", {})
    model = options.pop("model", network)

    def call() -> None:
        trainer = nc.Trainer(model(), seed=0, **trainer_options)
        before = {name: value.numpy().copy() for name, value in trainer.model.state_dict().items()}
        try:
            trainer.fit(*(arguments or ((X, Y),)), progress=options.pop("progress", False), **options)
        except NNCoreError:
            after = trainer.model.state_dict()
            assert all(np.array_equal(before[name], after[name].numpy()) for name in before), "nothing has changed"
            assert not trainer.history.rows
            raise

    return call


MISTAKES: dict[str, tuple[Any, type[NNCoreError], str]] = {
    "a class as a model": (lambda: nc.Trainer(nn.Linear), InvalidValueError, "got the class Linear"),
    "no loss": (made(loss=None), InvalidValueError, "^loss: expected a loss"),
    "a loss of one argument": (
        made(loss=lambda output: output),
        InvalidValueError,
        r"loss is called with \(output, target",
    ),
    "a setting that is not there": (
        made(optimizer={"name": "adam", "learning_rate": 1.0}),
        InvalidValueError,
        "adam has no setting 'learning_rate'.*It has: params, lr",
    ),
    "a rate as text": (made(optimizer={"name": "adam", "lr": "0.1"}), InvalidValueError, "lr is a number .* got '0.1'"),
    "a schedule of one argument": (made(schedule=lambda epoch: 1.0), InvalidValueError, "schedule is called with"),
    "a schedule without a value": (
        fit(trainer={"schedule": lambda epoch, epochs: None}),
        InvalidValueError,
        "the schedule gave for epoch 0 of 1 is None; expected a number",
    ),
    "a schedule of text": (fit(trainer={"schedule": lambda epoch, epochs: "1"}), InvalidValueError, "is '1'; expected"),
    "a function as a metric": (
        made(metrics=[lambda o, t: 0.0]),
        InvalidValueError,
        "expected a name, or an object with",
    ),
    "two metrics of a name": (
        made(metrics=[{"name": "top_k_accuracy", "k": 1}, {"name": "top_k_accuracy", "k": 2}]),
        InvalidValueError,
        "two metrics are called 'top_k_accuracy'",
    ),
    "a metric like validation": (made(metrics={"val_loss": "mse"}), InvalidValueError, "not that of another column"),
    "metrics of no output": (made(metrics={"aux": ["mse"]}), InvalidValueError, "names the output 'aux'; there is one"),
    "a class as a callback": (made(callbacks=[EarlyStopping]), InvalidValueError, r"callbacks\[0\] is the class Early"),
    "a number as a callback": (
        made(callbacks=[Callback(), 3]),
        InvalidValueError,
        r"callbacks\[1\] is 3, which has none",
    ),
    "a misspelt method": (made(callbacks=[Misspelt()]), InvalidValueError, "Did you mean 'on_epoch_end'"),
    "a method without the trainer": (
        made(callbacks=[Lacking()]),
        InvalidValueError,
        r"on_epoch_end is called with \(trainer",
    ),
    "weights in a list": (made(loss_weights=[1.0]), InvalidValueError, "loss_weights is a dict"),
    "a weight as text": (
        made(loss={"a": "mse"}, loss_weights={"a": "1"}),
        InvalidValueError,
        r"loss_weights\['a'\] is '1'",
    ),
    "accumulate as truth": (made(accumulate=True), InvalidValueError, "accumulate is True"),
    "a norm as text": (made(clip_norm="1"), InvalidValueError, "clip_norm is '1'; expected a number above 0"),
    "a norm of nothing": (made(clip_norm=0.0), InvalidValueError, "clip_norm is 0.0"),
    "a negative bound": (made(clip_value=-1), InvalidValueError, "clip_value is -1"),
    "a seed as text": (made(seed="1"), InvalidValueError, "seed is '1'"),
    "a negative seed": (made(seed=-1), InvalidValueError, "seed is -1"),
    "a seed beyond 63 bits": (made(seed=1 << 63), InvalidValueError, "below 2 "),
    "epochs as text": (fit(epochs="3"), InvalidValueError, "epochs is '3'; expected a whole number"),
    "epochs as truth": (fit(epochs=True), InvalidValueError, "epochs is True"),
    "targets as epochs": (fit(X, Y), InvalidValueError, r"fit\(\(x, y\)\)"),
    "a batch size as text": (fit(batch_size="3"), InvalidValueError, "batch_size is '3'"),
    "shuffle as text": (fit(shuffle="yes"), InvalidValueError, "shuffle is 'yes'; expected True or False"),
    "progress as text": (fit(progress="no"), InvalidValueError, "progress is 'no'"),
    "a whole number to validate with": (fit(validate=1), InvalidValueError, "validate is 1; expected data, or a part"),
    "truth to validate with": (fit(validate=True), InvalidValueError, "validate is True"),
    "more than all to validate with": (fit(validate=1.5), DataError, "part is 1.5"),
    "a part of batches": (fit([(X, Y)], validate=0.5), InvalidValueError, "a data set or a pair of arrays"),
    "text as data": (fit("digits"), DataError, "the text 'digits'; nncore.data.load"),
    "two batches for a pair": (fit([X, Y]), DataError, "a tuple of two NumPy arrays"),
    "text in batches": (fit([(X, Y.astype(str))]), DataError, "batch 0 holds text; expected numbers"),
    "a function of nothing": (fit(lambda: None), DataError, "returned NoneType; expected an iterable"),
    "targets by name for one loss": (
        fit((X, {"a": Y})),
        InvalidValueError,
        "the targets are a dict of a, and there is one",
    ),
    "values of accuracy": (
        fit((X, X[:, :1]), model=line, trainer={"loss": "mse", "metrics": ["accuracy"]}),
        InvalidValueError,
        "Accuracy takes logits .* targets 0 and 1; 40 targets are neither",
    ),
    "values in a confusion matrix": (
        fit((X, X[:, :1]), model=line, trainer={"loss": "mse", "metrics": ["confusion_matrix"]}),
        InvalidValueError,
        "ConfusionMatrix takes .* 40 targets are neither",
    ),
    "values of several columns": (
        fit((X, X[:, 0]), trainer={"loss": lambda o, t: o.sum(), "metrics": ["accuracy"]}),
        DTypeError,
        "metrics such as mse and mae",
    ),
    "a column compared with each": (
        fit((X, X[:, 0]), model=line, trainer={"loss": "mse"}),
        ShapeError,
        r"output has shape \(40, 1\) and the target \(40,\), .* y\[:, None\]",
    ),
    "a last batch of one": (
        fit(batch_size=13, model=Normalized),
        InvalidValueError,
        r"the last of 40 samples in batches of 13 .* drop_last=True\) \[layer norm\]",
    ),
    "batches of one": (
        fit(batch_size=1, model=Normalized),
        InvalidValueError,
        r"each batch holds one sample, .*layer norm",
    ),
    "all frozen": (fit(model=lambda: network().requires_grad_(False)), InvalidValueError, "frozen"),
    "no batch to evaluate": (lambda: nc.Trainer(network()).evaluate([]), InvalidValueError, "no batch to evaluate"),
    "one sample": (lambda: nc.Trainer(network()).predict(X[0]), DataError, r"a single sample is x\[None\]"),
    "samples in a list": (lambda: nc.Trainer(network()).predict(X.tolist()), DataError, "expected one for each sample"),
    "a batch size of nothing": (
        lambda: nc.Trainer(network()).predict(X, batch_size=0),
        InvalidValueError,
        "batch_size is 0",
    ),
    "no file to save to": (lambda: nc.Trainer(network()).save(None), InvalidValueError, "path is None"),  # type: ignore[arg-type]
    "no file to restore": (lambda: nc.Trainer(network()).restore(3), InvalidValueError, "path is 3"),  # type: ignore[arg-type]
    "patience as text": (lambda: EarlyStopping(patience="3"), InvalidValueError, "patience is '3'"),  # type: ignore[arg-type]
    "half an epoch of patience": (lambda: EarlyStopping(patience=1.5), InvalidValueError, "patience is 1.5"),  # type: ignore[arg-type]
    "a difference as text": (lambda: EarlyStopping(min_delta="0"), InvalidValueError, "min_delta is '0'"),  # type: ignore[arg-type]
    "a number to watch": (lambda: EarlyStopping(3), InvalidValueError, "monitor is 3"),  # type: ignore[arg-type]
    "no file for the best": (lambda: SaveBest(None), InvalidValueError, "path is None"),  # type: ignore[arg-type]
    "no steps between": (lambda: Checkpoint("a", every=0), InvalidValueError, "every is 0"),
    "steps as text": (lambda: Checkpoint("a", every="9"), InvalidValueError, "every is '9'"),  # type: ignore[arg-type]
    "a row by its number": (lambda: History([{"loss": 1.0}])[0], InvalidValueError, "Its rows are in .rows"),  # type: ignore[index]
    "neither best nor worst": (
        lambda: History([{"loss": 1.0}]).best("loss", "low"),
        InvalidValueError,
        "better is 'low'",
    ),
    "the best array": (
        lambda: History([{"m": np.ones(2)}]).best("m"),
        InvalidValueError,
        "'m' holds arrays",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_by_their_argument(name: str) -> None:
    call, error, words = MISTAKES[name]
    with pytest.raises(error, match=words):
        call()


def test_an_array_is_nothing_to_watch() -> None:
    stopping = EarlyStopping("confusion_matrix")
    trainer = nc.Trainer(network(), metrics=["confusion_matrix"], callbacks=[stopping], seed=0)
    with pytest.raises(InvalidValueError, match="watches 'confusion_matrix', which is an array"):
        trainer.fit((X, Y), progress=False)


def test_fit_inside_fit_is_refused() -> None:
    class Again(Callback):
        def on_epoch_end(self, trainer: nc.Trainer, row: dict[str, Any]) -> None:
            trainer.fit((X, Y), progress=False)

    trainer = nc.Trainer(network(), callbacks=[Again()], seed=0)
    with pytest.raises(InvalidValueError, match="in fit already"):
        trainer.fit((X, Y), progress=False)
    trainer.callbacks.clear()
    assert len(trainer.fit((X, Y), progress=False)) == 2, "it is of use afterwards"


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    trainer = nc.Trainer(network(), accumulate=np.int64(2), seed=np.int32(3))
    history = trainer.fit((X, Y), np.int64(2), np.float64(0.25), batch_size=np.int16(8), progress=np.bool_(False))
    assert len(history) == 2 and trainer.seed == 3 and type(trainer.place["epochs"]) is int


def test_a_part_of_arrays_is_the_part_of_a_data_set() -> None:
    rows = []
    for given in ((X, Y), data.ArrayDataset(X, Y), (nc.tensor(X), nc.tensor(Y))):
        history = nc.Trainer(network(), seed=4).fit(given, 2, validate=0.25, progress=False)
        rows.append([{**row, "seconds": 0} for row in history])
    assert rows[0] == rows[1] == rows[2] and "val_loss" in rows[0][0]


def test_arrays_with_classes_that_are_left_out() -> None:
    """Their loss and metrics are those of the rest."""
    y = np.where(np.arange(40) % 4 == 0, -100, Y)
    names = ["accuracy", "confusion_matrix", "f1", {"name": "top_k_accuracy", "k": 2}]
    trainer = nc.Trainer(network(), metrics=names, seed=0)
    found, want = trainer.evaluate((X, y)), trainer.evaluate((X[y >= 0], y[y >= 0]))
    assert np.array_equal(found.pop("confusion_matrix"), want.pop("confusion_matrix"))
    assert found == pytest.approx(want)
    history = trainer.fit((X, y), 3, validate=0.2, progress=False)
    assert np.isfinite(history["val_loss"]).all()


def test_two_classes_in_one_column() -> None:
    logits = nn.Linear(4, 1)
    trainer = nc.Trainer(
        logits, lambda o, t: (o * o).mean(), metrics=["accuracy", "confusion_matrix", "precision"], seed=0
    )
    said = (X @ logits.weight.detach().numpy().T + logits.bias.detach().numpy())[:, 0] > 0
    for target in (Y > 1, (Y > 1).astype(np.float32)[:, None]):
        found = trainer.evaluate([(X, target)])
        assert found["accuracy"] == (said == (Y > 1)).mean()
        assert found["confusion_matrix"][1, 1] == (said & (Y > 1)).sum()


def test_targets_that_turn_odd_later_are_told_at_the_end_of_the_epoch() -> None:
    y = np.zeros((40, 1), np.float32)
    y[39] = 0.5
    trainer = nc.Trainer(line(), "mse", metrics=["accuracy"], seed=0)
    trainer.fit((X, np.zeros((40, 1), np.float32)), batch_size=8, progress=False, shuffle=False)
    with pytest.raises(InvalidValueError, match="1 targets are neither"):
        trainer.fit((X, y), batch_size=8, progress=False, shuffle=False)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_a_copy_goes_on_by_itself(way: Any) -> None:
    trainer = nc.Trainer(
        network(),
        optimizer=optim.Adam(lr=0.01),
        metrics=["accuracy"],
        callbacks=[EarlyStopping("loss", 99)],
        schedule="cosine",
        clip_norm=1.0,
        accumulate=2,
        seed=0,
    )
    trainer.fit((X, Y), 2, batch_size=8, progress=False)
    other = way(trainer)
    assert repr(other) == repr(trainer) and other.history.rows == trainer.history.rows
    groups = other.optimizer.param_groups
    assert [id(p) for p in groups[0].params] == [id(p) for p in other.model.parameters()], "it trains its own model"
    before = [p.numpy().copy() for p in trainer.model.parameters()]
    rows = other.fit((X, Y), 2, batch_size=8, progress=False).rows
    assert all(np.array_equal(a, p.numpy()) for a, p in zip(before, trainer.model.parameters(), strict=True))
    again = trainer.fit((X, Y), 2, batch_size=8, progress=False).rows
    assert [{**row, "seconds": 0} for row in rows] == [{**row, "seconds": 0} for row in again]


def test_a_model_that_normalizes_is_left_as_it_was_by_the_look_ahead(tmp_path: Path) -> None:
    trainer = nc.Trainer(Normalized(), seed=0)
    before = {name: value.numpy().copy() for name, value in trainer.model.state_dict().items()}
    state = nc.default_generator().numpy().copy()
    with pytest.raises(InvalidValueError, match="one sample"):
        trainer.fit((X[:9], Y[:9]), batch_size=8, progress=False)
    assert all(np.array_equal(before[name], value.numpy()) for name, value in trainer.model.state_dict().items())
    assert np.array_equal(state, nc.default_generator().numpy()) and trainer.model.training
    assert len(trainer.fit(data.ArrayDataset(X[:9], Y[:9]).batches(8, drop_last=True), progress=False)) == 1
    assert len(trainer.fit((X[:10], Y[:10]), batch_size=8, progress=False)) == 2


def test_labels_may_be_a_list_beside_an_array() -> None:
    ways = [(X, Y), (X, Y.tolist())]
    assert len({nc.Trainer(network(), seed=0).fit(way, 1, progress=False).last["loss"] for way in ways}) == 1
    with pytest.raises(DataError, match="y holds strings"):
        nc.Trainer(network()).fit((X, ["cat"] * 40), 1, progress=False)
    with pytest.raises(DataError, match="not of lists"):
        nc.Trainer(network()).fit((X.tolist(), Y.tolist()), 1, progress=False)


@pytest.mark.parametrize(
    ("x", "y", "loss", "words"),
    [
        (X, np.full(40, -100), "cross_entropy", "the loss ignores each of them"),
        (X, Y, "mse", "targets hold NaN"),
        (np.full_like(X, np.nan), Y, "cross_entropy", "input holds NaN"),
    ],
)
def test_a_loss_that_is_no_number_says_whose_fault_it_is(x: Any, y: Any, loss: str, words: str) -> None:
    if loss == "mse":
        wrong = np.where(np.arange(40)[:, None] == 3, np.nan, np.zeros((40, 3))).astype(np.float32)
        batches: Any = [(nc.tensor(x), nc.tensor(wrong))]
    else:
        batches = (x, y)
    with pytest.raises(DivergedError, match=words):
        nc.Trainer(network(), loss, seed=0).fit(batches, 1, progress=False)
