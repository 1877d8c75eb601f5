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
_LINES = 50
"""Epochs that a notebook shows."""


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
        self._page: _Page | None = None
        self._plain = False
        self._next = math.inf
        self._samples, self._start, self._spent = 0, 0.0, 0.0
        if not show:
            return
        from rich.console import Console

        console = Console(file=sys.stderr)
        if console.is_jupyter:
            self._page = _Page()
        elif console.is_terminal:
            self._bar = _bar(console)
            self._task = self._bar.add_task("", total=batches or None, note="")
            self._bar.start()
        else:
            self._plain = True

    def epoch(self, number: int) -> None:
        """An epoch begins."""
        self._number, self._start, self._samples = number, time.perf_counter(), 0
        self._next = self._start if self._bar is not None or self._page is not None else math.inf
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
        if self._page is not None:
            of = f"/{self.batches}" if self.batches else ""
            left = f"  {(self.batches - done) * (now - self._start) / done:.0f} s left" if self.batches and done else ""
            self._page.moving(
                f"epoch {self._number}/{self.epochs}  batch {done}{of}  {note}  {rate:,.0f} samples/s{left}"
            )
        else:
            self._bar.update(self._task, completed=done, note=f"{note}  {rate:,.0f} samples/s")

    def end_epoch(self, row: dict[str, Any]) -> None:
        """An epoch is over."""
        if self._bar is not None:
            self._bar.console.print(line(row), highlight=False)
        elif self._page is not None:
            self._page.add(line(row))
        elif self._plain:
            print(line(row), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing more will be shown."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        if self._page is not None:
            self._page.moving("")
            self._page = None


class _Page:
    """Lines under a notebook's cell, the last of which moves. It takes no widgets: rich's own way there does."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._handle: Any = None

    def add(self, text: str) -> None:
        """A line that stays; of many, the latest do."""
        self._lines.append(text)
        self.moving("")

    def moving(self, text: str) -> None:
        """The last line, in the place of the one before."""
        from IPython.display import display

        left = len(self._lines) - _LINES
        shown = [f"… {left} epochs before", *self._lines[left:]] if left > 0 else list(self._lines)
        data = {"text/plain": "\n".join([*shown, text] if text else shown)}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


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
