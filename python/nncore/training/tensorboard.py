"""Event files for TensorBoard."""

from __future__ import annotations

import math
import os
import secrets
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore.errors import InvalidValueError
from nncore.plugins import example
from nncore.training import checks
from nncore.training.callbacks import Callback

if TYPE_CHECKING:
    from nncore.training.trainer import Trainer

__all__ = ["TensorBoard"]


@example(config={"folder": "events"})
class TensorBoard(Callback):
    """Writes what a training comes to as event files, which `tensorboard --logdir FOLDER` shows while it runs.

    Scalars are `loss/training`, `loss/validation` and the same for each metric, `lr`, and `step/loss` in between, all over the
    number of steps. A training that goes on from a file writes into the same folder; what an interrupted one wrote beyond that
    file is hidden by TensorBoard then.

    Args:
        folder: Where the files go; it is made where it is missing.
        every: Steps between two losses; None for none but at the end of each epoch.

    Raises:
        ImportError: There is no tensorboardX: `pip install 'nncore[tensorboard]'`.
    """

    def __init__(self, folder: str | os.PathLike[str], every: int | None = 50) -> None:
        self.folder = checks.path("folder", folder)
        self.every = None if every is None else checks.whole("every", every, 1, "a whole number of steps")
        _writer_class()
        self._writer: Any = None

    def on_fit_begin(self, trainer: Trainer) -> None:
        self._close()
        if os.path.exists(self.folder) and not os.path.isdir(self.folder):
            raise InvalidValueError(f"{os.fspath(self.folder)} is a file; expected a folder for event files")
        step = trainer.place["step"]
        # What was written beyond this step is of a training that did not get to save it.
        self._writer = _writer_class()(
            os.fspath(self.folder),
            purge_step=step + 1 if step else None,
            # Else two that begin within a second have one file, and the second one empties it.
            filename_suffix=f".{secrets.token_hex(4)}",
        )

    def on_step_end(self, trainer: Trainer, step: int, loss: float) -> None:
        if self.every is not None and step % self.every == 0:
            self._writer.add_scalar("step/loss", loss, step)

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        step = trainer.place["step"]
        for name, value in row.items():
            if name in ("epoch", "seconds") or np.ndim(value) or not isinstance(value, (int, float, np.number)):
                continue
            part = "validation" if name.startswith("val_") else "training"
            tag = name if name == "lr" else f"{name.removeprefix('val_')}/{part}"
            # A metric of nothing is no number, and leaves a gap.
            if math.isfinite(value):
                self._writer.add_scalar(tag, value, step)
        self._writer.flush()

    def on_fit_end(self, trainer: Trainer) -> None:
        self._close()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_writer": None}


def _writer_class() -> Any:
    try:
        from tensorboardX import SummaryWriter
    except ImportError as error:
        raise ImportError("event files for TensorBoard need tensorboardX: pip install 'nncore[tensorboard]'") from error
    return SummaryWriter
