"""Runs side by side, from what their folders say; no data and no model is loaded."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from nncore.errors import FileFormatError, NNCoreError, RunError
from nncore.plugins import resolve
from nncore.runs import pictures
from nncore.runs.config import RunConfig
from nncore.runs.folder import RunFolder
from nncore.training.history import History

__all__ = ["Record", "differing", "draw", "table"]

NO_CURVES = ("epoch", "seconds", "lr")
"""Columns of the history that tell nothing of how good a run is."""


@dataclass(frozen=True)
class Record:
    """What one run came to.

    Args:
        name: What to call it.
        config: What it is made of.
        history: Its epochs so far.
        result: What `result.json` holds; empty for a run that has not ended.
    """

    name: str
    config: RunConfig
    history: History
    result: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a run's folder.

        Raises:
            RunError: The folder holds no run.
            FileFormatError: One of its files is damaged.
        """
        folder = RunFolder(path)
        if not folder.config.exists():
            raise RunError(f"{path} holds no run: there is no config.toml")
        metrics = path / "metrics.jsonl"
        lines = metrics.read_text().splitlines() if metrics.exists() else []
        # In JSON there is null where no number came out.
        rows = [{k: math.nan if v is None else v for k, v in _json(metrics, line).items()} for line in lines]
        result = _json(folder.result, folder.result.read_text()) if folder.result.exists() else {}
        return cls(str(path), RunConfig.read(folder.config), History(rows), result)

    @property
    def seconds(self) -> float:
        """How long its epochs took, together."""
        return float(sum(row.get("seconds", 0.0) for row in self.history))

    @property
    def columns(self) -> list[str]:
        """The columns of its history that are numbers to be good at."""
        last = self.history.last
        return [name for name, value in last.items() if isinstance(value, (int, float)) and name not in NO_CURVES]

    def best(self, column: str) -> dict[str, Any] | None:
        """The epoch where a column was best; None where it has no number."""
        try:
            return self.history.best(column, better(column))
        except NNCoreError:
            return None

    def asdict(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        found = {}
        for column in self.columns:
            row = self.best(column)
            found[column] = None if row is None else {"value": row[column], "epoch": row["epoch"]}
        return {
            "run": self.name,
            "config": dict(self.config.sections),
            "epochs": len(self.history),
            "seconds": self.seconds,
            "finished": bool(self.result),
            "best": found,
            "last": {column: self.history.last[column] for column in self.columns},
            "result": self.result,
        }


def better(column: str) -> str:
    """Whether a column is better when it is larger, `"max"`, or smaller, `"min"`: what the metric says."""
    try:
        component = resolve("metric", column.removeprefix("val_")).component
    except NNCoreError:  # a loss, or a metric whose plugin is not here any more
        return "min"
    return str(getattr(component, "better", "min"))


def differing(runs: Sequence[Record]) -> dict[str, list[Any]]:
    """The settings in which the runs differ, by `section.key`; None where a run has no such setting."""
    keys = dict.fromkeys(f"{s}.{k}" for run in runs for s, section in run.config.sections.items() for k in section)
    found = {}
    for name in keys:
        section, _, key = name.partition(".")
        values = [run.config[section].get(key) for run in runs]
        if any(value != values[0] for value in values):
            found[name] = values
    return found


def table(runs: Sequence[Record]) -> tuple[list[str], list[list[str]]]:
    """A column for each run: the settings that differ, epochs, best and last numbers, the result, and the time."""
    head = ["", *(run.name for run in runs)]
    rows = [[name, *(_setting(value) for value in values)] for name, values in differing(runs).items()]
    rows.append(["epochs", *(f"{len(run.history)} of {run.config['training']['epochs']}" for run in runs)])
    for column in dict.fromkeys(column for run in runs for column in run.columns):
        rows.append([f"best {column}", *(_best(run, column) for run in runs)])
        rows.append([f"last {column}", *(_number(run.history.last.get(column)) for run in runs)])
    names = dict.fromkeys(name for run in runs for name, v in run.result.items() if isinstance(v, (int, float)))
    split = " or ".join(dict.fromkeys(str(run.result["split"]) for run in runs if "split" in run.result))
    rows += [[f"{split} {name}", *(_number(run.result.get(name)) for run in runs)] for name in names]
    rows.append(["seconds", *(f"{run.seconds:.1f}" for run in runs)])
    rows.append(
        ["seconds an epoch", *(_number(run.seconds / len(run.history) if len(run.history) else None) for run in runs)]
    )
    return head, rows


def draw(runs: Sequence[Record], path: Path) -> None:
    """Write one picture: for the loss and each metric the runs' curves, of validation where there is some.

    Needs matplotlib; `pictures.available()` says whether it is there.

    Raises:
        RunError: No run has an epoch, or the file cannot be written.
    """
    names = dict.fromkeys(column.removeprefix("val_") for run in runs for column in run.columns)
    if not names:
        raise RunError("none of the runs has an epoch yet, so there are no curves to draw")
    drawn = pictures.figure(6.4, 3.2 * len(names))
    for axes, name in zip(drawn.subplots(len(names), 1, squeeze=False)[:, 0], names, strict=True):
        for at, run in enumerate(runs):
            column = f"val_{name}" if f"val_{name}" in run.columns else name
            values = [row.get(column) for row in run.history]
            if any(value is not None for value in values):
                label = f"{run.name} ({'validation' if column != name else 'training'})"
                pictures.line(axes, values, label, at)
        axes.set(xlabel="epoch", title=name)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    try:
        drawn.savefig(path, dpi=130)
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be written: {error}") from error


def _json(path: Path, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise FileFormatError(f"{path} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise FileFormatError(f"{path} is damaged: expected numbers by name, got {text[:40]!r}")
    return found


def _setting(value: Any) -> str:
    return "–" if value is None else str(value)


def _number(value: Any) -> str:
    return "–" if not isinstance(value, (int, float)) else "NaN" if math.isnan(value) else f"{value:.4g}"


def _best(run: Record, column: str) -> str:
    row = run.best(column)
    return "–" if row is None else f"{_number(row[column])} (epoch {row['epoch']})"
