"""The same factor after every so many epochs."""

from nncore.builtin._checks import number


def staircase(epoch: float, epochs: int, every: float = 10.0, gamma: float = 0.1) -> float:
    """gamma^floor(epoch / every).

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        every: Epochs from one step to the next.
        gamma: What each step multiplies the rate by.

    Raises:
        InvalidValueError: every is not above 0, or gamma is negative.

    Source: PyTorch's StepLR.

    Example:
        >>> [staircase(epoch, 30, gamma=0.5) for epoch in (0, 9.5, 10, 25)]
        [1.0, 1.0, 0.5, 0.25]
    """
    number("staircase", "every", every, above=0.0)
    # Fractions of steps add up with a rounding error; a step that is due is not late by one batch for it.
    return float(number("staircase", "gamma", gamma, least=0.0) ** ((epoch + 1e-9) // every))
