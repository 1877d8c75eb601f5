"""Checks of schedules of the learning rate."""

from __future__ import annotations

import math
import pickle

from nncore.testing.case import Case
from nncore.testing.report import Fault

__all__ = ["check_factor", "check_pickle", "check_pure"]

LENGTHS = (1, 7, 90)


def times(epochs: int) -> list[float]:
    """Moments of a training, the beginning and the end among them."""
    return sorted({*(epochs * part / 12 for part in range(13)), *map(float, range(epochs + 1))})


def check_factor(case: Case) -> str:
    """It gives a finite number of 0 or more at every moment."""
    schedule, low, high = case.make(), math.inf, -math.inf
    for epochs in LENGTHS:
        for epoch in times(epochs):
            factor = schedule(epoch, epochs)
            try:
                number = float(factor)
            except (TypeError, ValueError):
                raise Fault(f"it returns {factor!r} at epoch {epoch} of {epochs}; expected a number") from None
            if not math.isfinite(number) or number < 0:
                raise Fault(f"it returns {number} at epoch {epoch:g} of {epochs}; expected a finite number, 0 or more")
            low, high = min(low, number), max(high, number)
    return f"from {low:.3g} to {high:.3g}"


def check_pure(case: Case) -> None:
    """It depends on its arguments alone: not on earlier calls, their order or their number."""
    schedule = case.make()
    for epochs in LENGTHS:
        forth = [float(schedule(epoch, epochs)) for epoch in times(epochs)]
        back = [float(schedule(epoch, epochs)) for epoch in reversed(times(epochs))][::-1]
        if forth != back:
            raise Fault(
                "called in another order it gives other factors",
                "Compute from epoch and epochs alone, so that a resumed training goes on as it would have.",
            )


def check_pickle(case: Case) -> None:
    """It can be pickled."""
    try:
        twin = pickle.loads(pickle.dumps(case.make()))
    except Exception as error:
        raise Fault(f"it cannot be pickled: {error}", "Make it a function or a class of a module.") from error
    if twin(0.5, 7) != case.make()(0.5, 7):
        raise Fault("a pickled copy gives another factor")
