"""A training that goes on is told from one that would go on with other data."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import _core, data
from nncore.errors import DataError
from nncore.training import Callback

sys.path.insert(0, str(Path(__file__).parent))
from resumed import outcome, samples


class At(Callback):
    """Saves at one step of 20 an epoch, and stops there; after the epoch where it is over."""

    def __init__(self, path: Path, at: int) -> None:
        self.path, self.at = path, at

    def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
        if step == self.at and step % 20:
            self.leave(trainer)

    def on_epoch_end(self, trainer: nc.Trainer, row: dict[str, Any]) -> None:
        if row["epoch"] * 20 == self.at:
            self.leave(trainer)

    def leave(self, trainer: nc.Trainer) -> None:
        trainer.save(self.path)
        trainer.stop("enough")


def training(*callbacks: Callback) -> nc.Trainer:
    return nc.Trainer(nc.create("mlp", sizes=[6, 12, 3], seed=0), callbacks=callbacks or [Callback()], seed=3)


def saved(path: Path, given: Any, at: int = 20, **options: Any) -> None:
    """A training that stopped after so many of 40 steps."""
    trainer = training(At(path, at))
    trainer.fit(given, 2, progress=False, **options)


def changed(what: str) -> Any:
    x, y = samples().x.copy(), np.array(samples().y)
    if what == "fewer":
        return data.ArrayDataset(x[:190], y[:190])
    if what == "wider values":
        return data.ArrayDataset(x, y.astype(np.float32), targets="values")
    if what == "other inputs":
        x[7] += 1
    if what == "other labels":
        y[100] = 2 - y[100]
    return data.ArrayDataset(x, y, classes=3)


CHANGES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "fewer samples": (changed("fewer"), {}, "samples: 200 then, 190 now"),
    "another dtype": (changed("wider values"), {}, r"targets: y int64 \(\) then, y float32 \(\) now"),
    "other inputs": (changed("other inputs"), {}, "values are others"),
    "other labels": (changed("other labels"), {}, "values are others"),
    "another batch size": (samples(), {"batch_size": 9}, "batch_size: 10 then, 9 now"),
    "another order": (samples(), {"shuffle": False}, "order: shuffled with seed 3 then, as it is now"),
    "validation": (samples(), {"validate": samples()}, "validation data .* there was none then"),
}


@pytest.mark.parametrize("at", [20, 27])
@pytest.mark.parametrize("name", CHANGES)
def test_a_training_is_not_resumed_with_other_data(tmp_path: Path, name: str, at: int) -> None:
    given, options, words = CHANGES[name]
    saved(tmp_path / "a.safetensors", samples(), at, batch_size=10)
    trainer = training()
    trainer.restore(tmp_path / "a.safetensors")
    before = outcome(trainer)
    with pytest.raises(DataError, match=words):
        trainer.fit(given, progress=False, **{"batch_size": 10, **options})
    assert outcome(trainer) == before, "nothing was changed"
    trainer.fit(samples(), batch_size=10, progress=False)
    assert trainer.place["epoch"] == 2, "the data that it was of is taken"


def test_batches_of_ones_own_are_told_apart_too(tmp_path: Path) -> None:
    x, y = samples().x, samples().y
    batches = [(x[i : i + 20], {"y": y[i : i + 20]}) for i in range(0, 200, 20)]
    loss = lambda output, target: nc.ops.cross_entropy(output, target["y"])  # noqa: E731
    trainer = nc.Trainer(training().model, loss, seed=0)
    trainer.fit(batches, 1, progress=False)
    trainer.place["epochs"] = 2
    trainer.save(tmp_path / "a.safetensors")
    for other, words in (
        (batches[:9], "batches: 10 then, 9 now"),
        (
            [(x[:20, :5], {"y": y[:20]}), *batches[1:]],
            r"first batch: float32 \(20, 6\), int64 \(20\) then, float32 \(20, 5\)",
        ),
        ([*batches[:9], (x[180:], {"y": 2 - y[180:]})], "values of the last batch are others"),
    ):
        trainer.restore(tmp_path / "a.safetensors")
        with pytest.raises(DataError, match=words):
            trainer.fit(other, progress=False)
    trainer.fit(lambda: iter(batches), progress=False)
    assert trainer.place["epoch"] == 2, "of a function nothing is known, and it is believed"


def test_other_data_is_taken_where_one_says_so(tmp_path: Path) -> None:
    saved(tmp_path / "a.safetensors", samples(), 20, batch_size=10)
    trainer = training()
    trainer.restore(tmp_path / "a.safetensors")
    trainer.fit(changed("fewer"), 1, batch_size=10, progress=False)
    saved(tmp_path / "a.safetensors", samples(), 27, batch_size=10)
    trainer.restore(tmp_path / "a.safetensors")
    trainer.place["batch"] = 0
    trainer.fit(changed("fewer"), 1, batch_size=10, progress=False)
    assert [row["epoch"] for row in trainer.history] == [1, 2]


def test_other_data_in_the_middle_of_an_epoch_needs_no_file() -> None:
    trainer = training(At(Path("/dev/null"), 5))
    trainer.save = lambda path: None  # type: ignore[method-assign]
    trainer.fit(samples(), 2, batch_size=10, progress=False)
    with pytest.raises(
        DataError, match=r"samples: 200 then, 190 now. To train on it all the same, set trainer.place\['batch'\]"
    ):
        trainer.fit(changed("fewer"), 2, batch_size=10, progress=False)


def test_a_file_from_before_data_was_noted_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    saved(path, samples(), 20, batch_size=10)
    tensors, metadata = _core.load_file(str(path))
    header = json.loads(metadata["training"])
    del header["data"]
    _core.save_file(str(path), tensors, {**metadata, "training": json.dumps(header)})
    trainer = training()
    trainer.restore(path)
    trainer.fit(changed("fewer"), batch_size=10, progress=False)
    assert trainer.place["epoch"] == 2
