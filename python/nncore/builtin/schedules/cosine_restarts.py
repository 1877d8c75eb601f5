"""Half cosines, one after the other."""

import math

from nncore.builtin._checks import number
from nncore.builtin.schedules._checks import reached


def cosine_restarts(epoch: float, epochs: int, first: float = 10.0, growth: float = 1.0, final: float = 0.0) -> float:
    """final + (1 - final)·(1 + cos(π·t)) / 2, where t goes from 0 to 1 in each cycle, and then begins anew.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        first: Epochs of the first cycle.
        growth: How many times longer than the one before each further cycle is.
        final: The factor at the end of a cycle.

    Raises:
        InvalidValueError: first is not above 0, growth below 1, or final negative.

    Source: Loshchilov and Hutter 2017 (arXiv 1608.03983), equation 5.

    Example:
        >>> [round(cosine_restarts(epoch, 30, first=10, growth=2), 3) for epoch in (0, 5, 10, 20)]
        [1.0, 0.5, 1.0, 0.5]
    """
    number("cosine_restarts", "first", first, above=0.0)
    number("cosine_restarts", "growth", growth, least=1.0)
    number("cosine_restarts", "final", final, least=0.0)
    start, length = (epoch // first * first, first) if growth == 1 else (0.0, first)
    while reached(epoch, start + length):
        start, length = start + length, length * growth
    t = max(epoch - start, 0.0) / length
    return final + (1 - final) * (1 + math.cos(math.pi * t)) / 2
