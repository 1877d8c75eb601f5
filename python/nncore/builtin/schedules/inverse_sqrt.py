"""Up, and down along a square root."""

from nncore.builtin._checks import number


def inverse_sqrt(epoch: float, epochs: int, warmup: float = 1.0) -> float:
    """epoch / warmup up to 1, and sqrt(warmup / epoch) from then on: the schedule of the first transformers.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        warmup: Epochs of the rise.

    Raises:
        InvalidValueError: warmup is not above 0.

    Source: Vaswani and others 2017 (arXiv 1706.03762), equation 3, scaled so that the highest factor is 1.

    Example:
        >>> [inverse_sqrt(epoch, 20, warmup=4) for epoch in (0, 2, 4, 16)]
        [0.0, 0.5, 1.0, 0.5]
    """
    number("inverse_sqrt", "warmup", warmup, above=0.0)
    return epoch / warmup if epoch < warmup else float((warmup / epoch) ** 0.5)
