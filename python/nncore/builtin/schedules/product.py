"""Several schedules at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nncore.api import InvalidValueError, example, make


@example(config={"schedules": ["warmup", "exponential"]})
class Product:
    """The product of the factors of several schedules, each over the whole training.

    Args:
        schedules: Schedules: names, configured specs, functions.

    Raises:
        InvalidValueError: There is none.

    Example:
        >>> from nncore.api import make
        >>> schedule = make("schedule", {"name": "product", "schedules": [{"name": "warmup", "length": 4}, "linear"]})
        >>> [schedule(epoch, 8) for epoch in (0, 2, 4, 6)]
        [0.0, 0.375, 0.5, 0.25]
    """

    def __init__(self, schedules: Sequence[Any]) -> None:
        if isinstance(schedules, (str, bytes)) or not isinstance(schedules, Sequence) or not schedules:
            raise InvalidValueError(f"product: schedules is a list of them, got {schedules!r}")
        self.schedules = [make("schedule", schedule) for schedule in schedules]

    def __call__(self, epoch: float, epochs: int) -> float:
        return math.prod(float(schedule(epoch, epochs)) for schedule in self.schedules)
