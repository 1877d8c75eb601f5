"""What a captured step must know of: whether any module's mode or setting has changed, and which modules it used.

`version` grows whenever a module is switched between training and evaluation, frozen, or given another attribute. A
captured step compares this one number, and looks closer only when it has grown.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

__all__ = ["Picture", "Same", "Seen", "changed", "intercept", "note", "observe"]

version = 0
active = 0
"""How many observations are going on, in all threads. While it is 0 nobody needs to note anything."""

Picture = dict[str, Any]
"""What a program freezes of an object, by name: plain values, and who stands where."""


class Same:
    """An object in a picture: equal to itself alone, and kept alive, so that nothing else can take its identity."""

    __slots__ = ("item",)

    def __init__(self, item: Any) -> None:
        self.item = item

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.item is other.item

    def __hash__(self) -> int:
        return id(self.item)

    def __repr__(self) -> str:
        return f"a {type(self.item).__name__}"


class Seen(NamedTuple):
    """An object that a step used, how to take its picture, and its picture at that moment."""

    item: Any
    take: Callable[[Any], Picture]
    picture: Picture

    def holds(self) -> bool:
        """Whether a picture taken now is the same."""
        return self.take(self.item) == self.picture


class Component(NamedTuple):
    """How captured steps look at the objects of a class: modules, optimizers."""

    take: Callable[[Any], Picture]
    """The picture of one."""
    covered: Callable[[Any], set[str]]
    """Which of its attributes the picture holds whole."""


components: dict[type, Component] = {}


def picture_of(item: Any) -> Callable[[Any], Picture] | None:
    """How to take the picture of an object, if it is of a class that has one."""
    return next((found.take for base, found in components.items() if isinstance(item, base)), None)


def covered(item: Any) -> set[str]:
    """The attributes that an object's picture holds whole."""
    return next((found.covered(item) for base, found in components.items() if isinstance(item, base)), set())


_local = threading.local()
watchers: list[Callable[[bool], None]] = []
"""Called with True when the first observation begins, and with False when the last one ends."""
_lock = threading.Lock()


def changed() -> None:
    """Something that captured steps freeze has changed."""
    global version
    version += 1


def note(item: Any, take: Callable[[Any], Picture]) -> None:
    """Tell the observer of this thread, if there is one, that a step depends on the settings of an object."""
    seen: dict[int, Seen] | None = getattr(_local, "seen", None)
    if seen is not None and id(item) not in seen:
        seen[id(item)] = Seen(item, take, take(item))


_around: list[Callable[[Any, Callable[[], Any]], Any]] = []


def around(call: Callable[[Any, Callable[[], Any]], Any]) -> None:
    """From now on a module is called by `call(module, run)`, in all threads."""
    _around.append(call)
    _activate(1)


def not_around(call: Callable[[Any, Callable[[], Any]], Any]) -> None:
    """The end of `around`."""
    _around.remove(call)
    _activate(-1)


def within(module: Any, run: Callable[[], Any]) -> Any:
    """Call a module by way of all that is around."""
    for call in _around:
        run = functools.partial(call, module, run)
    return run()


@contextmanager
def intercept(call: Callable[[Any, Callable[[], Any]], Any]) -> Iterator[None]:
    """Within the block, each module that this thread calls is called by `call(module, run)`.

    `run()` goes on with the call and gives its output; what `call` returns is taken for it. Other threads that call the
    same modules do not notice. Modules themselves are not changed.

    Args:
        call: What is called in the place of each module.

    Example:
        >>> from nncore import nn, ones
        >>> def told(module, run):
        ...     print(type(module).__name__)
        ...     return run()
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        >>> with intercept(told):
        ...     output = model(ones((1, 2)))
        Sequential
        Linear
        ReLU
    """
    own = threading.get_ident()

    def here(module: Any, run: Callable[[], Any]) -> Any:
        return call(module, run) if threading.get_ident() == own else run()

    around(here)
    try:
        yield
    finally:
        not_around(here)


def _activate(by: int) -> None:
    global active
    with _lock:
        before, active = active, active + by
        if not before or not active:
            for watch in watchers:
                watch(active > 0)


@contextmanager
def observe() -> Iterator[dict[int, Seen]]:
    """Collect what this thread uses inside the block."""
    _activate(1)
    before = getattr(_local, "seen", None)
    seen: dict[int, Seen] = {}
    _local.seen = seen
    try:
        yield seen
    finally:
        _local.seen = before
        _activate(-1)
