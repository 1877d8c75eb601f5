"""Random streams for initial weights: each a function of a seed and a name, the same on every machine.

A model's weights are drawn by name (`Module.initialize(seed)`), so that adding a layer does not change another layer's
weights. A layer that is built alone draws from the global stream, whose draws are numbered: `manual_seed` starts it anew.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from nncore import _core
from nncore.errors import InvalidValueError

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["drawing_later", "draws_later", "fresh_seed", "initial_stream", "left_alone", "manual_seed", "next_stream"]

_later: ContextVar[bool] = ContextVar("nncore_drawing_later", default=False)
_lock = threading.Lock()
_seed: int | None = None
_drawn = 0


def initial_stream(seed: int, name: str) -> Generator:
    """The stream of this seed and name: a `numpy.random.Generator` over Philox, a counter-based generator.

    Raises:
        InvalidValueError: The seed is no integer.
    """
    # Imported here: numpy.random takes a tenth of numpy's import time, and much of nncore never draws weights.
    from numpy.random import Generator, Philox

    if isinstance(seed, bool) or not isinstance(seed, int):
        raise InvalidValueError(f"a seed is an integer, got {seed!r}")
    key = hashlib.sha256(f"{seed}\0{name}".encode()).digest()[:16]
    return Generator(Philox(key=int.from_bytes(key, "little")))


def fresh_seed() -> int:
    """A seed from the operating system, for those who gave none."""
    return secrets.randbits(32)


def next_stream() -> Generator:
    """The next stream of the global sequence."""
    global _seed, _drawn
    with _lock:
        if _seed is None:
            _seed = secrets.randbits(63)
        seed, number = _seed, _drawn
        _drawn += 1
    return initial_stream(seed, f"#{number}")


def manual_seed(seed: int) -> None:
    """Start every global random stream anew: initial weights, dropout masks, `rand`, `randn` and the like.

    Args:
        seed: An integer, 0 or more.
    """
    global _seed, _drawn
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InvalidValueError(f"a seed is an integer, 0 or more, got {seed!r}")
    _core.manual_seed(seed)
    with _lock:
        _seed, _drawn = seed, 0


@contextmanager
def left_alone() -> Iterator[None]:
    """Whatever is seeded and drawn inside this block, the global streams go on behind it where they were before it."""
    global _seed, _drawn
    generator = _core.default_generator()
    before, place = generator.clone(), (_seed, _drawn)
    try:
        yield
    finally:
        generator.copy_(before)
        with _lock:
            _seed, _drawn = place


@contextmanager
def drawing_later() -> Iterator[None]:
    """Inside this block new parameters are left without values, for somebody who fills all of them afterwards.

    Nothing is taken from the global stream, and no time is lost on values that would be overwritten.
    """
    token = _later.set(True)
    try:
        yield
    finally:
        _later.reset(token)


def draws_later() -> bool:
    """Whether new parameters are left without values."""
    return _later.get()
