"""A training that goes on from its checkpoint where there is one; the tests kill it. `python resumed.py CHECKPOINT RESULT`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import nncore as nc
from nncore import data
from nncore.training import Callback, Checkpoint, EarlyStopping

EPOCHS, BATCH = 12, 8


class Slowly(Callback):
    """Steps that take long enough to be killed in."""

    def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
        time.sleep(0.001)


def training(checkpoint: Path | None, accumulate: int = 1) -> nc.Trainer:
    """A training with everything that has a state."""
    callbacks: list[Callback] = [EarlyStopping("val_loss", patience=99)]
    if checkpoint is not None:
        callbacks += [Checkpoint(checkpoint, every=1), Slowly()]
    else:
        callbacks += [Callback(), Callback()]
    return nc.Trainer(
        nc.create("mlp", sizes=[6, 12, 3], dropout=0.3, seed=0),
        optimizer={"name": "adam", "lr": 0.01, "amsgrad": True},
        schedule={"name": "cosine", "warmup": 2},
        metrics=["accuracy", "confusion_matrix"],
        callbacks=callbacks,
        accumulate=accumulate,
        clip_norm=1.0,
        seed=3,
    )


def samples() -> data.ArrayDataset:
    draw = np.random.default_rng(1)
    y = draw.integers(0, 3, 200)
    return data.ArrayDataset((draw.standard_normal((200, 6)) + y[:, None]).astype(np.float32), y)


def outcome(trainer: nc.Trainer) -> dict[str, Any]:
    """All that must be the same, in bits."""
    rows = [
        {name: np.asarray(value).tolist() for name, value in row.items() if name != "seconds"}
        for row in trainer.history
    ]
    weights = {name: value.numpy().tobytes().hex() for name, value in trainer.model.state_dict().items()}
    state = trainer.optimizer.state_dict()["state"]
    moments = {
        f"{at}.{name}": value.numpy().tobytes().hex() for at, own in state.items() for name, value in own.items()
    }
    return {"rows": rows, "weights": weights, "moments": moments, "step": trainer.place["step"]}


if __name__ == "__main__":
    checkpoint, result = map(Path, sys.argv[1:])
    trainer = training(checkpoint)
    if checkpoint.exists():
        trainer.restore(checkpoint)
    print("ready", flush=True)
    train, held_out = samples().split(0.2)
    trainer.fit(train, EPOCHS if not trainer.place["step"] else None, held_out, batch_size=BATCH, progress=False)
    result.write_text(json.dumps(outcome(trainer)))
