"""One schedule after another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from nncore.api import InvalidValueError, example, make
from nncore.builtin.schedules._checks import epoch_of, growing, reached


@example(config={"schedules": ["warmup", {"name": "cosine", "final": 0.1}], "milestones": [5]})
class Chain:
    """One schedule up to a milestone, the next one from there, and so on.

    Each is asked as if its stage were the whole training: with the epochs since its milestone, and those up to the next
    one. The factor is what it says.

    Args:
        schedules: Schedules: names, configured specs, functions.
        milestones: Epochs at which the next one begins, one fewer than there are schedules, each later than the one
            before; numbers below 1 are parts of all epochs.

    Raises:
        InvalidValueError: Another number of milestones, or milestones that do not grow.

    Example:
        >>> from nncore.api import make
        >>> rise = {"name": "warmup", "length": 2}
        >>> schedule = make("schedule", {"name": "chain", "schedules": [rise, "linear"], "milestones": [2]})
        >>> [schedule(epoch, 6) for epoch in (0, 1, 2, 4, 6)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    def __init__(self, schedules: Sequence[Any], milestones: Sequence[float]) -> None:
        self.milestones = list(growing("chain", "milestones", milestones))
        if isinstance(schedules, (str, bytes)) or not isinstance(schedules, Sequence) or not schedules:
            raise InvalidValueError(f"chain: schedules is a list of them, got {schedules!r}")
        if len(self.milestones) != len(schedules) - 1:
            raise InvalidValueError(
                f"chain: milestones are {len(schedules) - 1} for {len(schedules)} schedules, got {self.milestones!r}"
            )
        self.schedules = [make("schedule", schedule) for schedule in schedules]

    def __call__(self, epoch: float, epochs: float) -> float:
        ends = [epoch_of(each, epochs) for each in self.milestones]
        if any(b <= a for a, b in pairwise(ends)):
            raise InvalidValueError(
                f"chain: milestones are epochs that grow, got {self.milestones!r}: {ends} of {epochs}"
            )
        at = sum(reached(epoch, end) for end in ends)
        start, end = [0.0, *ends, epochs][at : at + 2]
        length = max(end - start, 0)
        factor = self.schedules[at](max(epoch - start, 0.0), int(length) if length == int(length) else length)
        return float(factor)
