"""Half a cosine."""

import math

from nncore.builtin._checks import number


def cosine(epoch: float, epochs: int, warmup: float = 0.0, final: float = 0.0) -> float:
    """final + (1 - final)·(1 + cos(π·t)) / 2, where t goes from 0 to 1 over the epochs after the warm-up.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        warmup: Epochs in which the factor rises from 0 to 1 along a straight line, at first.
        final: The factor at the end.

    Raises:
        InvalidValueError: A negative number.

    Source: Loshchilov and Hutter 2017 (arXiv 1608.03983), without restarts; `cosine_restarts` has them.

    Example:
        >>> [round(cosine(epoch, 10, warmup=2), 3) for epoch in (0, 1, 2, 6, 10)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    number("cosine", "warmup", warmup, least=0.0)
    number("cosine", "final", final, least=0.0)
    if epoch < warmup:
        return epoch / warmup
    t = min(1.0, (epoch - warmup) / max(epochs - warmup, 1e-9))
    return final + (1 - final) * (1 + math.cos(math.pi * t)) / 2
