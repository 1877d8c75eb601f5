"""Down along a power."""

from nncore.builtin._checks import number


def polynomial(epoch: float, epochs: int, power: float = 1.0, final: float = 0.0) -> float:
    """final + (1 - final)·(1 - epoch / epochs)^power; with the default power a straight line.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        power: 1 for a straight line.
        final: The factor at the end.

    Raises:
        InvalidValueError: A negative number.

    Source: Chen and others 2018 (arXiv 1606.00915), section 4.1, "poly".

    Example:
        >>> [polynomial(epoch, 4, power=2) for epoch in (0, 2, 4)]
        [1.0, 0.25, 0.0]
    """
    number("polynomial", "power", power, least=0.0)
    number("polynomial", "final", final, least=0.0)
    left = max(0.0, 1 - epoch / epochs) if epochs else 0.0
    return float(final + (1 - final) * left**power)
