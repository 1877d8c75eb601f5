"""What a training came to, epoch by epoch."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import numpy as np

from nncore.errors import InvalidValueError
from nncore.plugins.near import did_you_mean

__all__ = ["History"]


class History:
    """One row for each epoch: a dict of `epoch` (from 1), `loss`, each metric, the same with `val_` in front where there is
    validation, `lr` at the end, and `seconds`.

    Attributes:
        rows: The rows.
        stopped: Why the training ended before its last epoch; empty if it did not.

    Example:
        >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
        >>> history["loss"], history.last["epoch"], history.best("loss", "min")["epoch"]
        ([0.5, 0.25], 2, 2)
    """

    def __init__(self, rows: list[dict[str, Any]] | None = None) -> None:
        self.rows: list[dict[str, Any]] = list(rows or ())
        self.stopped = ""

    @property
    def last(self) -> dict[str, Any]:
        """The last epoch's row; empty where there is none."""
        return self.rows[-1] if self.rows else {}

    def __getitem__(self, name: str) -> list[Any]:
        """One column: a value for each epoch."""
        self._known(name)
        return [row.get(name) for row in self.rows]

    def best(self, name: str, better: str = "min") -> dict[str, Any]:
        """The row where a column is smallest, or with `better="max"` largest; the first of several."""
        self._known(name)
        if better not in ("min", "max"):
            raise InvalidValueError(f"better is {better!r}; expected 'min' or 'max'")
        rows = [row for row in self.rows if row.get(name) is not None]
        if any(np.ndim(row[name]) for row in rows):
            raise InvalidValueError(f"{name!r} holds arrays, of which none is best")
        rows = [row for row in rows if row[name] == row[name]]
        if not rows:
            raise InvalidValueError(f"{name!r} has no value in any epoch")
        sign = {"min": 1, "max": -1}[better]
        return min(rows, key=lambda row: sign * row[name])

    def _known(self, name: str) -> None:
        if not isinstance(name, str):
            raise InvalidValueError(f"a history is read by the name of a column; got {name!r}. Its rows are in .rows")
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        if name not in names:
            raise InvalidValueError(
                f"the history has no {name!r}.{did_you_mean(name, names)} It has: {', '.join(names)}."
            )

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return "\n".join([f"History of {len(self)} epochs", *(line(row) for row in self.rows)])

    def _repr_html_(self) -> str:
        """A table, for notebooks."""
        names = list(dict.fromkeys(name for row in self.rows for name in row if not np.ndim(row[name])))
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{_cell(row.get(name))}</td>" for name in names) + "</tr>" for row in self.rows
        )
        stopped = f"<p>stopped: {html.escape(self.stopped)}</p>" if self.stopped else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{stopped}"


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else html.escape(str(value))


def line(row: dict[str, Any]) -> str:
    """A row in words: `epoch 3  loss 0.1234  accuracy 0.9800`."""
    parts = [f"epoch {row['epoch']:3}"]
    for name, value in row.items():
        if name in ("epoch", "seconds", "lr"):
            continue
        parts.append(f"{name} {value:.4f}" if isinstance(value, float) else name)
    if "seconds" in row:
        parts.append(f"{row['seconds']:.1f} s")
    return "  ".join(parts)
