"""The files of a run."""

from __future__ import annotations

import csv
import io
import os
import platform
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from nncore import _core
from nncore._json import json_text
from nncore.errors import RunError
from nncore.plugins import current_host
from nncore.training import Callback, Trainer

__all__ = ["RunFolder", "WriteMetrics", "environment"]


class RunFolder:
    """A folder with `config.toml`, `environment.json`, `samples.json` (what the data are like), `metrics.csv` and `.jsonl`,
    `checkpoint.safetensors` (to go on), `best.safetensors` and `model.safetensors` (models), `result.json`; on request
    `preprocess.safetensors` (what is done to inputs) and event files in `tensorboard`.

    Args:
        path: The folder.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.config = self.path / "config.toml"
        self.checkpoint = self.path / "checkpoint.safetensors"
        self.best = self.path / "best.safetensors"
        self.model = self.path / "model.safetensors"
        self.result = self.path / "result.json"
        self.samples = self.path / "samples.json"
        self.preprocess = self.path / "preprocess.safetensors"

    def create(self) -> None:
        """Make the folder.

        Raises:
            RunError: It exists and is not empty, or it cannot be written to.
        """
        try:
            if self.path.exists() and not self.path.is_dir():
                raise RunError(
                    f"{self.path} exists and is a file; give another --output, a folder that is not there yet"
                )
            if self.path.exists() and any(self.path.iterdir()):
                on = (
                    f", or `nncore resume {shlex.quote(str(self.path))}` to go on there" if self.config.exists() else ""
                )
                raise RunError(f"{self.path} exists and is not empty; give another --output{on}")
            self.path.mkdir(parents=True, exist_ok=True)
            self.write("environment.json", json_text(environment(), indent=2) + "\n")
        except RunError:
            raise
        except OSError as error:
            raise RunError(f"{self.path} cannot be written to: {error.strerror or error}") from error

    def write(self, name: str, text: str) -> None:
        """Write a small file, whole or not at all."""
        target = self.path / name
        temporary = target.with_name(f".{name}.new")
        temporary.write_text(text)
        temporary.replace(target)


class WriteMetrics(Callback):
    """Keeps `metrics.csv` and `metrics.jsonl` as the history is. Arrays, such as a confusion matrix, are in the second alone."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        # From the history, not row by row: after a crash the files may be ahead of the checkpoint.
        rows = trainer.history.rows
        self.folder.write("metrics.jsonl", "".join(json_text(row) + "\n" for row in rows))
        self.folder.write("metrics.csv", _csv(rows))


def _csv(rows: Iterable[dict[str, Any]]) -> str:
    rows = [{name: value for name, value in row.items() if not isinstance(value, np.ndarray)} for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def environment() -> dict[str, Any]:
    """What a run depends on besides its config: versions, instructions, threads, plugins."""
    plugins = {record.distribution: record.version for record in current_host().plugins if not record.builtin}
    return {
        "nncore": _core.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": platform.platform(),
        "cpu_path": _core.cpu_path(),
        "threads": _core.get_num_threads(),
        "command": sys.argv,
        "plugins": plugins,
    }
