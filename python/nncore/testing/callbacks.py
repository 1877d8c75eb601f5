"""Checks of callbacks, in a small training."""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from nncore import nn
from nncore._core import Tensor
from nncore.testing.case import Case
from nncore.testing.keeping import pickled
from nncore.testing.report import Fault, NotApplicable

__all__ = ["check_called", "check_called_alike", "check_called_copy", "check_called_state"]

EPOCHS = 3


@contextlib.contextmanager
def trained(case: Case, *, copied: bool = False) -> Iterator[tuple[Any, Any]]:
    """A Trainer after a small training, and the callback in it; files go to a folder of their own meanwhile."""
    from nncore.training import Trainer

    draw = np.random.default_rng(0)
    x, y = draw.standard_normal((24, 4)).astype("float32"), draw.integers(0, 3, 24)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            callback = case.make()
        except ImportError as error:
            raise NotApplicable(str(error)) from None
        callback = pickled(callback) if copied else callback
        trainer = Trainer(nn.Sequential(nn.Linear(4, 8, act="relu"), nn.Linear(8, 3)), callbacks=[callback], seed=0)
        trainer.fit((x[:16], y[:16]), epochs=EPOCHS, validate=(x[16:], y[16:]), batch_size=4, progress=False)
        yield trainer, callback


def rows(trainer: Any) -> list[dict[str, float]]:
    """The history without what depends on the clock."""
    return [{name: value for name, value in row.items() if name != "seconds"} for row in trainer.history]


def check_called(case: Case) -> str:
    """A training with it comes to finite losses."""
    with trained(case) as (trainer, _):
        losses = [row["loss"] for row in trainer.history]
        if not losses or not all(map(math.isfinite, losses)):
            raise Fault(f"a training with it comes to the losses {losses}; expected finite ones")
        return f"{len(losses)} epochs"


def check_called_alike(case: Case) -> None:
    """The same training comes to the same numbers."""
    with trained(case) as (one, _), trained(case) as (other, _):
        if rows(one) != rows(other):
            raise Fault("two trainings with the same seed differ", "Draw from nncore's streams, and read no clock.")


def check_called_copy(case: Case) -> None:
    """It can be pickled."""
    with trained(case) as (one, _), trained(case, copied=True) as (other, _):
        if rows(one) != rows(other):
            raise Fault("a training with a pickled copy comes to something else")


def check_called_state(case: Case) -> str:
    """What `state` gives can be written to a file, and `restore` takes it over."""
    with trained(case) as (_, callback):
        if not callable(getattr(callback, "state", None)):
            raise NotApplicable("it has no state")
        kept = callback.state()
        odd = [name for name, value in kept.items() if not _plain(value)]
        if odd:
            raise Fault(
                f"state() has {odd[0]!r}, a {type(kept[odd[0]]).__name__}",
                "Give numbers, strings, lists of them and tensors.",
            )
        if not kept:
            return "nothing to keep"
        twin = case.make()
        twin.restore(dict(kept))
        again = twin.state()
        if kept.keys() != again.keys() or not all(_same(kept[name], again[name]) for name in kept):
            raise Fault("after restore(state()) another one has another state")
        return ", ".join(list(kept)[:4])


def _plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_plain, value))
    return value is None or isinstance(value, (bool, int, float, str, Tensor))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return np.array_equal(one.numpy(), other.numpy())
    return bool(one == other)
