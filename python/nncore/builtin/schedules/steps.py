"""A factor at each of some epochs."""

from collections.abc import Sequence

from nncore.builtin.schedules._checks import at_least


def steps(epoch: float, epochs: int, at: Sequence[float] = (0.5, 0.75), gamma: float = 0.1) -> float:
    """gamma^n, where n of the epochs in `at` are done.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        at: Epochs at which the rate falls; numbers below 1 are parts of all epochs.
        gamma: What each one multiplies the rate by.

    Source: He and others 2016, section 4.2, with 0.1 at a half and three quarters of the training.
    """
    at_least("gamma", gamma, 0)
    # Fractions of steps add up with a rounding error; a step that is due is not late by one batch for it.
    done = sum(epoch + 1e-9 >= (each * epochs if each < 1 else each) for each in at)
    return float(gamma**done)
