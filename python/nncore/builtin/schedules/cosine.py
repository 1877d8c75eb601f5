"""Half a cosine."""

import math

from nncore.builtin.schedules._checks import at_least


def cosine(epoch: float, epochs: int, warmup: float = 0.0, final: float = 0.0) -> float:
    """final + (1 - final)·(1 + cos(π·t)) / 2, where t goes from 0 to 1 over the epochs after the warm-up.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        warmup: Epochs in which the factor rises from 0 to 1 along a straight line, at first.
        final: The factor at the end.

    Source: Loshchilov and Hutter 2017 (arXiv 1608.03983), without restarts.
    """
    at_least("warmup", warmup, 0)
    if epoch < warmup:
        return epoch / warmup
    t = min(1.0, (epoch - warmup) / max(epochs - warmup, 1e-9))
    return final + (1 - final) * (1 + math.cos(math.pi * t)) / 2
