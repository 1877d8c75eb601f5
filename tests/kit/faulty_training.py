"""Penalties, constraints and callbacks with one fault each."""

from __future__ import annotations

import threading
from typing import Any

from faults import KEPT, fault

from nncore.api import no_grad

TURNS: list[Any] = []


def squares(model: Any) -> Any:
    """Σw², as it should be."""
    return sum((p**2).sum() for p in model.parameters())


class Locked:
    """Σw², behind a lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __call__(self, model: Any) -> Any:
        with no_grad():
            for parameter in model.parameters():
                parameter.mul_(1.0)
        return sum((p**2).sum() for p in model.parameters())


fault("penalty", "copy", "pickle")(Locked)
fault("constraint", "copy", "pickle")(Locked)


@fault("penalty", "value", "expected a 0-d tensor")
def unsummed(model: Any) -> Any:
    """w² of the last parameter, not added up."""
    return list(model.parameters())[-1] ** 2


@fault("penalty", "value", "has no gradient")
def detached(model: Any) -> Any:
    """Σw², cut off."""
    return sum((p.detach() ** 2).sum() for p in model.parameters())


@fault("penalty", "value", "changes the parameters")
def shrinking(model: Any) -> Any:
    """Σw², and smaller weights."""
    with no_grad():
        for parameter in model.parameters():
            parameter.mul_(0.5)
    return sum((p**2).sum() for p in model.parameters())


@fault("penalty", "gradient", "differences say")
def lopsided(model: Any) -> Any:
    """Σw², whose gradient knows of one factor alone."""
    return sum((p * p.detach()).sum() for p in model.parameters())


@fault("penalty", "determinism", "different numbers")
def counted(model: Any) -> Any:
    """n·Σw² in call n."""
    TURNS.append(0)
    return sum((p**2).sum() for p in model.parameters()) * float(len(TURNS))


@fault("penalty", "capture", "is not replayed")
@fault("penalty", "memory", "objects behind")
def remembered(model: Any) -> Any:
    """Σw², kept and read."""
    total = sum((p**2).sum() for p in model.parameters())
    KEPT.append([total.item()])
    return total


@fault("constraint", "value", "changes the parameters again")
def halving(model: Any) -> None:
    """w/2, each time."""
    with no_grad():
        for parameter in model.parameters():
            parameter.mul_(0.5)


@fault("constraint", "determinism", "in different ways")
def clamping_more(model: Any) -> None:
    """|w| at most 1/n in call n."""
    TURNS.append(0)
    with no_grad():
        for parameter in model.parameters():
            parameter.clamp_(max=1.0 / len(TURNS))


@fault("constraint", "capture", "captured")
@fault("constraint", "memory", "objects behind")
def peeking(model: Any) -> None:
    """Reads and keeps what it sees, and clamps by it."""
    with no_grad():
        for parameter in model.parameters():
            KEPT.append([parameter.sum().item()])
            parameter.clamp_(max=0.5)


@fault("callback", "value", "ends")
class Raising:
    """Ends each training with an error."""

    def on_epoch_end(self, trainer: Any, row: Any) -> None:
        raise RuntimeError("it ends here")


@fault("callback", "determinism", "with the same seed differ")
class Disturbing:
    """Other rates in each training."""

    def on_epoch_begin(self, trainer: Any, epoch: int) -> None:
        TURNS.append(0)
        trainer.rates = [rate / len(TURNS) for rate in trainer.rates]
        trainer.optimizer.param_groups[0]["lr"] /= len(TURNS)


@fault("callback", "state", "a set")
class Hoarding:
    """Keeps what no file can hold."""

    def on_epoch_begin(self, trainer: Any, epoch: int) -> None:
        self.seen = {epoch}

    def state(self) -> dict[str, Any]:
        return {"seen": self.seen}


@fault("callback", "state", "another state")
class Forgetful:
    """Counts epochs, and forgets them."""

    count = 0

    def on_epoch_begin(self, trainer: Any, epoch: int) -> None:
        self.count += 1

    def state(self) -> dict[str, Any]:
        return {"count": self.count}

    def restore(self, state: dict[str, Any]) -> None:
        pass


@fault("callback", "copy", "pickle")
class Guarded:
    """Does nothing, behind a lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def on_fit_end(self, trainer: Any) -> None:
        pass
