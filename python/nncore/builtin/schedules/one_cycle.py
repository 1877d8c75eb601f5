"""Up and down again."""

import math

from nncore.builtin._checks import number


def one_cycle(epoch: float, epochs: int, rise: float = 0.3, start: float = 1 / 25, final: float = 1 / 250_000) -> float:
    """From `start` up to 1 over the first part of the training, and down to `final` over the rest, along half cosines.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        rise: The part of the training in which the rate rises, from 0 to 1.
        start: The factor at first.
        final: The factor at the end.

    Raises:
        InvalidValueError: A number out of range.

    Source: Smith and Topin 2019 (arXiv 1708.07120), with the constants of PyTorch's OneCycleLR.

    Example:
        >>> [round(one_cycle(epoch, 10), 3) for epoch in (0, 1.5, 3, 6.5, 10)]
        [0.04, 0.52, 1.0, 0.5, 0.0]
    """
    number("one_cycle", "rise", rise, least=0.0, most=1.0)
    number("one_cycle", "start", start, least=0.0)
    number("one_cycle", "final", final, least=0.0)
    t = epoch / epochs if epochs else 1.0
    low, high, part = (start, 1.0, t / rise) if t < rise else (1.0, final, (t - rise) / max(1 - rise, 1e-9))
    return low + (high - low) * (1 - math.cos(math.pi * min(part, 1.0))) / 2
