"""A factor at each of some epochs."""

from collections.abc import Sequence

from nncore.builtin._checks import number
from nncore.builtin.schedules._checks import epoch_of, growing, reached


def steps(epoch: float, epochs: int, at: Sequence[float] = (0.5, 0.75), gamma: float = 0.1) -> float:
    """gamma^n, where n of the epochs in `at` are done.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        at: Epochs at which the rate falls, each later than the one before; numbers below 1 are parts of all epochs.
        gamma: What each one multiplies the rate by.

    Raises:
        InvalidValueError: A negative gamma, or epochs that are not positive or do not grow.

    Source: He and others 2016, section 4.2, with 0.1 at a half and three quarters of the training.

    Example:
        >>> [steps(epoch, 10, at=[3, 6], gamma=0.5) for epoch in (2, 3, 6)]
        [1.0, 0.5, 0.25]
    """
    number("steps", "gamma", gamma, least=0.0)
    done = sum(reached(epoch, epoch_of(each, epochs)) for each in growing("steps", "at", at))
    return float(gamma**done)
