"""Callbacks that watch a number."""

from __future__ import annotations

import numpy as np

import nncore as nc
from nncore.training import EarlyStopping


def test_a_number_that_stays_the_same_is_no_improvement() -> None:
    """Nothing is learned at a rate of 0, so the first epoch stays the best one and the training ends."""
    x = np.random.default_rng(0).random((32, 4), np.float32)
    stopping = EarlyStopping("loss", patience=2)
    trainer = nc.Trainer(
        nc.create("mlp", sizes=[4, 3], seed=0), optimizer={"name": "sgd", "lr": 0.0}, callbacks=[stopping], seed=0
    )
    history = trainer.fit((x, np.zeros(32, np.int64)), epochs=8, shuffle=False, progress=False)
    assert (len(history), stopping.epoch) == (3, 1)
    assert history.stopped.startswith("loss has not become better")
