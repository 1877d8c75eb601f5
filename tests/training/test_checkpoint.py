"""A training that is stopped, at whatever moment, and goes on from its file ends with the bits of one that never was."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import _core
from nncore.errors import FileFormatError, InvalidValueError, StateDictError
from nncore.training import Callback

sys.path.insert(0, str(Path(__file__).parent))
from resumed import BATCH, EPOCHS, outcome, samples, training

KILLS = 20


def whole(**options: Any) -> dict[str, Any]:
    """The outcome without any interruption."""
    trainer = training(None, **options)
    train, held_out = samples().split(0.2)
    trainer.fit(train, EPOCHS, held_out, batch_size=BATCH, progress=False)
    return outcome(trainer)


def test_killed_at_twenty_moments_it_ends_with_the_same_bits(tmp_path: Path) -> None:
    checkpoint, result = tmp_path / "training.safetensors", tmp_path / "result.json"
    command = [sys.executable, str(Path(__file__).with_name("resumed.py")), str(checkpoint), str(result)]
    draw, places = random.Random(0), []
    for _ in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            # Some are hit before their first step, some while they write.
            time.sleep(draw.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL and not result.exists(), "it was killed before its end"
        if checkpoint.exists():
            trainer = training(None)
            trainer.restore(checkpoint)
            places.append(trainer.place["step"])
    assert places == sorted(places) and len(set(places)) > 5, "it went on between the kills"
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert json.loads(result.read_text()) == whole()


class At(Callback):
    """Saves at one step, and stops there."""

    def __init__(self, path: Path, at: int) -> None:
        self.path, self.at = path, at

    def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
        if step == self.at:
            trainer.save(self.path)
            trainer.stop("enough")


@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize("at", [3, 18, 21, 42])
def test_in_the_same_process(tmp_path: Path, at: int, accumulate: int) -> None:
    path, (train, held_out) = tmp_path / "a.safetensors", samples().split(0.2)
    first = training(None, accumulate=accumulate)
    first.callbacks[1] = At(path, at)
    if at % 20 % accumulate:
        with pytest.raises(InvalidValueError, match="of 3 batches are accumulated"):
            first.fit(train, EPOCHS, held_out, batch_size=BATCH, progress=False)
        return
    first.fit(train, EPOCHS, held_out, batch_size=BATCH, progress=False)
    nc.manual_seed(99)
    second = training(None, accumulate=accumulate)
    second.fit(train, 1, batch_size=BATCH, progress=False, validate=held_out)  # what it has learned is forgotten
    second.restore(path)
    second.fit(train, validate=held_out, batch_size=BATCH, progress=False)
    assert outcome(second) == whole(accumulate=accumulate)


def test_batches_of_ones_own_are_skipped(tmp_path: Path) -> None:
    path, train = tmp_path / "a.safetensors", samples()
    batches = [(train.x[i : i + 20], train.y[i : i + 20]) for i in range(0, 200, 20)]
    ends = []
    for stop in (None, 7, 14):
        trainer = training(None)
        trainer.callbacks[:] = [] if stop is None else [At(path, stop)]
        trainer.fit(batches, 2, progress=False)
        if stop is not None:
            trainer = training(None)
            trainer.callbacks[:] = [Callback()]
            trainer.restore(path)
            trainer.fit(batches, progress=False)
        ends.append(outcome(trainer))
    assert ends[0] == ends[1] == ends[2]


def test_a_training_that_was_at_its_end_is_not_trained_further(tmp_path: Path) -> None:
    trainer = training(None)
    trainer.fit(samples(), 2, validate=samples(), progress=False)
    trainer.save(tmp_path / "a.safetensors")
    again = training(None)
    again.restore(tmp_path / "a.safetensors")
    again.fit(samples(), validate=samples(), progress=False)
    assert outcome(again) == outcome(trainer)
    again.fit(samples(), validate=samples(), progress=False)
    assert len(again.history) == 3, "asked once more, it goes on"


def test_what_cannot_be_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, other = tmp_path / "good.safetensors", tmp_path / "other.safetensors"
    trainer = training(None)
    trainer.fit(samples(), 1, validate=samples(), progress=False)
    trainer.save(good)
    nc.save(trainer.model, other)
    with pytest.raises(FileFormatError, match="holds no training"):
        trainer.restore(other)
    other.write_bytes(good.read_bytes()[:-100])
    with pytest.raises(FileFormatError):
        trainer.restore(other)
    with pytest.raises(FileNotFoundError, match="missing"):
        trainer.restore(tmp_path / "missing.safetensors")
    tensors, metadata = _core.load_file(str(good))
    for change, words in (({"version": "7"}, "has version '7'"), ({"training": "{"}, "cannot be read")):
        _core.save_file(str(other), tensors, {**metadata, **change})
        with pytest.raises(FileFormatError, match=words):
            trainer.restore(other)
    before = outcome(trainer)
    wrong = nc.Trainer(nc.create("mlp", sizes=[6, 13, 3]), callbacks=trainer.callbacks, metrics=["accuracy"], seed=0)
    for bad, words in (
        (wrong, r"another model: 'layers.0.weight' has shape \(12, 6\) there and \(13, 6\) here"),
        (nc.Trainer(trainer.model, callbacks=trainer.callbacks, metrics=["accuracy"]), "the file has metrics"),
        (nc.Trainer(trainer.model, metrics=["accuracy", "confusion_matrix"]), "3 callbacks, this one has 0"),
        (
            nc.Trainer(
                trainer.model, "cross_entropy", "sgd", None, ["accuracy", "confusion_matrix"], trainer.callbacks
            ),
            "the state of Adam, the optimizer is SGD",
        ),
    ):
        with pytest.raises(StateDictError, match=words):
            bad.restore(good)
    assert outcome(trainer) == before, "nothing was changed"
    monkeypatch.setattr(_core, "cpu_path", lambda: "another")
    with pytest.warns(UserWarning, match="last bits"):
        trainer.restore(good)


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    trainer = training(None)
    trainer.fit(samples(), 1, validate=samples(), progress=False)
    trainer.save(path)
    size = path.stat().st_size
    trainer.save(path)
    assert path.stat().st_size == size and [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]
    with pytest.raises(OSError):
        trainer.save(tmp_path / "no folder" / "a.safetensors")
    assert np.isfinite(trainer.history.last["loss"])
