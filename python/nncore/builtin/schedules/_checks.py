"""What schedules refuse, and how they say where something happens."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from nncore.api import InvalidValueError
from nncore.builtin._checks import number


def growing(component: str, name: str, value: Any) -> Sequence[float]:
    """Epochs or parts of the training, each later than the one before.

    Raises:
        InvalidValueError: They are none, or not in order.
    """
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise InvalidValueError(f"{component}: {name} is a list of epochs, got {value!r}")
    for each in value:
        number(component, f"each of {name}", each, above=0.0)
    # A part and an epoch can only be compared once it is known how many epochs there are.
    if any(b <= a for a, b in pairwise(value) if (a < 1) == (b < 1)):
        raise InvalidValueError(f"{component}: {name} are epochs that grow, got {list(value)!r}")
    return value


def epoch_of(place: float, epochs: float) -> float:
    """The epoch of a place in the training: numbers below 1 are parts of all epochs."""
    return place * epochs if place < 1 else place


def reached(epoch: float, at: float) -> bool:
    """Whether an epoch is done."""
    # Fractions of steps add up with a rounding error; a step that is due is not late by one batch for it.
    return epoch + 1e-9 >= at
