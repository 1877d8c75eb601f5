"""Ctrl-C that waits for a good moment."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, Self

__all__ = ["Interrupts"]


class Interrupts:
    """Inside this block the first Ctrl-C is only noted; the second one interrupts as usual. Other threads than the main
    one get no signals, and nothing changes there.

    Attributes:
        caught: Whether there was one.
    """

    def __init__(self) -> None:
        self.caught = False
        self._before: Any = None
        self._ours = False

    def __enter__(self) -> Self:
        # A handler that was set from C reads as None and could not be put back.
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is not None:
            self._before = signal.signal(signal.SIGINT, self._note)
            self._ours = True
        return self

    def __exit__(self, *error: object) -> None:
        if self._ours:
            signal.signal(signal.SIGINT, self._before)
            self._ours = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.caught:
            raise KeyboardInterrupt
        self.caught = True
