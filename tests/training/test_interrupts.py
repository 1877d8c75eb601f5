"""Ctrl-C once, twice, and while validating; and a fork in the middle of a training."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore.training import Callback, Checkpoint

DRAW = np.random.default_rng(0)
X = DRAW.standard_normal((64, 4)).astype(np.float32)
Y = DRAW.integers(0, 3, 64)
BATCHES = [(X[at : at + 8], Y[at : at + 8]) for at in range(0, 64, 8)]


def trainer(*callbacks: Any) -> nc.Trainer:
    return nc.Trainer(nc.create("mlp", sizes=[4, 8, 3], dropout=0.2, seed=0), callbacks=callbacks, seed=0)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def weights(one: nc.Trainer) -> list[Any]:
    return [value.numpy().copy() for value in one.model.state_dict().values()]


def same(one: nc.Trainer, other: nc.Trainer) -> bool:
    rows = [[{**row, "seconds": 0} for row in each.history] for each in (one, other)]
    return rows[0] == rows[1] and all(np.array_equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


class Ends(Callback):
    ended = 0

    def on_fit_end(self, trainer: nc.Trainer) -> None:
        self.ended += 1


def test_a_second_ctrl_c_ends_at_once_and_the_last_checkpoint_is_whole(tmp_path: Path) -> None:
    path, ends = tmp_path / "a.safetensors", Ends()

    def batches() -> Iterator[Any]:
        for at, batch in enumerate(BATCHES):
            if at == 3 and one.history.rows:
                press()
                press()
                raise AssertionError("it went on")
            yield batch

    one = trainer(Checkpoint(path), ends)
    with pytest.raises(KeyboardInterrupt, match="stopped at once after step 10.*complete"):
        one.fit(batches, 5, progress=False)
    assert not ends.ended and one.history.stopped == "interrupted" and one.model.training
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]
    other, whole = trainer(Checkpoint(path), Ends()), trainer()
    other.restore(path)
    assert other.place["epoch"] == 1 and other.place["batch"] == 0
    other.fit(lambda: iter(BATCHES), progress=False)
    whole.fit(lambda: iter(BATCHES), 5, progress=False)
    assert same(other, whole)


def test_ctrl_c_while_validating_ends_there_and_going_on_validates_anew(tmp_path: Path) -> None:
    seen: list[int] = []

    def held_out() -> Iterator[Any]:
        for at, batch in enumerate(BATCHES):
            seen.append(at)
            if at == 2 and len(seen) < 5 and pressing:
                press()
            yield batch

    pressing = True
    one, path = trainer(), tmp_path / "a.safetensors"
    with pytest.raises(KeyboardInterrupt, match="stopped after step 8, with 0 whole epochs"):
        one.fit(BATCHES, 2, held_out, progress=False)
    assert len(seen) <= 4 and not one.history.rows
    one.save(path)
    other, whole = trainer(), trainer()
    pressing = False
    one.fit(BATCHES, None, held_out, progress=False)
    # Dropout draws from the one stream of the process, so each is restored when it is its turn.
    other.restore(path)
    other.fit(BATCHES, None, held_out, progress=False)
    whole.fit(BATCHES, 2, held_out, progress=False)
    assert same(one, whole) and same(other, whole)


def test_a_fork_in_the_middle_leaves_both_sides_training() -> None:
    whole = trainer()
    whole.fit(BATCHES, 3, progress=False)

    class Fork(Callback):
        status = -1

        def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
            if step == 11:
                child = os.fork()
                if child == 0:
                    self.child = True
                else:
                    _, Fork.status = os.waitpid(child, 0)

    nc.set_num_threads(2)
    fork = Fork()
    one = trainer(fork)
    try:
        one.fit(BATCHES, 3, progress=False)
    finally:
        if hasattr(fork, "child"):
            os._exit(0 if same(one, whole) else 7)
    assert os.waitstatus_to_exitcode(Fork.status) == 0, "the child ended with the same bits"
    assert same(one, whole)
