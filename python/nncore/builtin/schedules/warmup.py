"""Up to the whole rate."""

from nncore.builtin._checks import number
from nncore.builtin.schedules._checks import epoch_of


def warmup(epoch: float, epochs: int, length: float = 5.0, start: float = 0.0) -> float:
    """From `start` to 1 along a straight line, and 1 from then on. `chain` lets another schedule follow.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        length: Epochs of the rise; a number below 1 is a part of all epochs.
        start: The factor at first.

    Raises:
        InvalidValueError: A negative number.

    Source: Goyal and others 2017 (arXiv 1706.02677), section 2.2.

    Example:
        >>> [warmup(epoch, 10, length=4, start=0.5) for epoch in (0, 2, 4, 9)]
        [0.5, 0.75, 1.0, 1.0]
    """
    number("warmup", "start", start, least=0.0)
    whole = epoch_of(number("warmup", "length", length, least=0.0), epochs)
    return start + (1 - start) * epoch / whole if epoch < whole else 1.0
