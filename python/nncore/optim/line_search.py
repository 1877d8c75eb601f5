"""How far to go along a direction: a search for the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from nncore._core import Tensor

__all__ = ["Point", "strong_wolfe"]


class Point(NamedTuple):
    """A place on the line.

    Attributes:
        t: How far along the direction.
        value: The loss there.
        slope: Its derivative along the direction.
        gradient: Its gradient.
    """

    t: float
    value: float
    slope: float
    gradient: Tensor

    @property
    def finite(self) -> bool:
        return math.isfinite(self.value) and math.isfinite(self.slope)


def strong_wolfe(
    along: Callable[[float], Point],
    start: Point,
    reach: float,
    least: float,
    *,
    c1: float = 1e-4,
    c2: float = 0.9,
    most: int = 25,
) -> tuple[Point, int]:
    """A place where the loss is at most value + c1·t·slope, and its slope at most c2 times as steep as at the start.

    Args:
        along: Computes a place; the loss may be NaN or infinite there, which counts as too far.
        start: Where t is 0; its slope is negative.
        reach: The first place to look at.
        least: An interval that is shorter is not divided further.
        c1, c2: Constants of the conditions, 0 < c1 < c2 < 1.
        most: Places to look at.

    Returns:
        The place, and how many were computed. Where none fulfils both conditions it is the lowest one that fulfils the
        first, which may be the start.

    Source: Nocedal and Wright 2006, algorithms 3.5 and 3.6, with cubic interpolation (equation 3.59).
    """

    def falls(point: Point) -> bool:
        return point.finite and point.value <= start.value + c1 * point.t * start.slope

    def flat(point: Point) -> bool:
        return abs(point.slope) <= -c2 * start.slope

    previous, used = start, 0
    while True:
        point, used = along(reach), used + 1
        if not falls(point) or (used > 1 and point.value >= previous.value):
            low, high = previous, point
            break
        if flat(point):
            return point, used
        if point.slope >= 0:
            low, high = point, previous
            break
        if used == most:
            return point, used
        # Still downhill, so further on; by how much, the cubic says.
        guess = _lowest(previous, point)
        guess = 5 * point.t if guess is None else guess
        previous, reach = point, min(max(guess, 1.1 * point.t - 0.1 * previous.t), 10 * point.t)
    # Between low, which fulfils the first condition, and high there is a place that fulfils both.
    while used < most and abs(high.t - low.t) > least:
        width = abs(high.t - low.t)
        left = min(low.t, high.t)
        # Not too near to the ends, or the interval would hardly get shorter.
        guess = _lowest(low, high)
        guess = left + width / 2 if guess is None else guess
        reach = min(max(guess, left + 0.1 * width), left + 0.9 * width)
        point, used = along(reach), used + 1
        if not falls(point) or point.value >= low.value:
            high = point
            continue
        if flat(point):
            return point, used
        if point.slope * (high.t - low.t) >= 0:
            high = low
        low = point
    return low, used


def _lowest(a: Point, b: Point) -> float | None:
    """Where the cubic through two places with their slopes is lowest; None where there is no such place."""
    if not (a.finite and b.finite):
        return None
    bend = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t)
    square = bend * bend - a.slope * b.slope
    if square < 0:
        return None
    root = math.copysign(math.sqrt(square), b.t - a.t)
    below = b.slope - a.slope + 2 * root
    if not below:
        return None
    found = b.t - (b.t - a.t) * (b.slope + root - bend) / below
    return found if math.isfinite(found) else None
