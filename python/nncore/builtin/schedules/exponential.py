"""The same factor in each epoch."""

from nncore.builtin._checks import number


def exponential(epoch: float, epochs: int, gamma: float = 0.95) -> float:
    """gamma^epoch, continuous within an epoch too.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        gamma: What an epoch multiplies the rate by.

    Raises:
        InvalidValueError: A negative number.

    Source: PyTorch's ExponentialLR, asked between epochs too.

    Example:
        >>> [exponential(epoch, 10, gamma=0.5) for epoch in (0, 1, 3)]
        [1.0, 0.5, 0.125]
    """
    return float(number("exponential", "gamma", gamma, least=0.0) ** epoch)
