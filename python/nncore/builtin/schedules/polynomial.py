"""Down along a power."""

from nncore.builtin.schedules._checks import at_least


def polynomial(epoch: float, epochs: int, power: float = 1.0, final: float = 0.0) -> float:
    """final + (1 - final)·(1 - epoch / epochs)^power; with the default power a straight line.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        power: 1 for a straight line.
        final: The factor at the end.
    """
    left = max(0.0, 1 - epoch / epochs)
    return float(final + (1 - final) * left ** at_least("power", power, 0))
