"""The same factor in each epoch."""

from nncore.builtin.schedules._checks import at_least


def exponential(epoch: float, epochs: int, gamma: float = 0.95) -> float:
    """gamma^epoch, continuous within an epoch too.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        gamma: What an epoch multiplies the rate by.
    """
    return float(at_least("gamma", gamma, 0) ** epoch)
