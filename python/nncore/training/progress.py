"""How a training shows where it is."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

from nncore.training.history import line

__all__ = ["Progress"]

_EVERY = 0.1
"""Seconds between two looks at the numbers."""


class Progress:
    """A line that moves where there is a terminal or a notebook, a line for each epoch elsewhere, or nothing.

    Args:
        show: Whether to show anything.
        epochs: Number of the last epoch.
        batches: Batches in an epoch; 0 where nobody knows.
    """

    def __init__(self, show: bool, epochs: int, batches: int) -> None:
        self.epochs, self.batches = epochs, batches
        self._bar: Any = None
        self._plain = False
        self._next = math.inf
        self._samples, self._start, self._spent = 0, 0.0, 0.0
        if not show:
            return
        from rich.console import Console

        console = Console(file=sys.stderr)
        if console.is_terminal or console.is_jupyter:
            self._bar = _bar(console)
            self._task = self._bar.add_task("", total=batches or None, note="")
            self._bar.start()
        else:
            self._plain = True

    def epoch(self, number: int) -> None:
        """An epoch begins."""
        self._number, self._start, self._samples = number, time.perf_counter(), 0
        self._next = self._start if self._bar is not None else math.inf
        if self._bar is not None:
            self._bar.reset(
                self._task, total=self.batches or None, description=f"epoch {number}/{self.epochs}", note=""
            )

    def due(self) -> bool:
        """Whether it is time to look at the numbers."""
        return self._next < math.inf and time.perf_counter() >= self._next

    def show(self, done: int, samples: int, numbers: dict[str, Any]) -> None:
        """So many batches of this epoch are done."""
        now = time.perf_counter()
        self._next = now + _EVERY
        rate = samples / max(now - self._start, 1e-9)
        note = "  ".join(f"{k} {v:.4f}" for k, v in numbers.items() if isinstance(v, float))
        self._bar.update(self._task, completed=done, note=f"{note}  {rate:,.0f} samples/s")

    def end_epoch(self, row: dict[str, Any]) -> None:
        """An epoch is over."""
        if self._bar is not None:
            self._bar.console.print(line(row), highlight=False)
        elif self._plain:
            print(line(row), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing more will be shown."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _bar(console: Any) -> Any:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
    )
    return Bar(*columns, console=console, transient=True, refresh_per_second=8)
