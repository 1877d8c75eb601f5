"""Up and down, again and again."""

from nncore.builtin._checks import number


def triangular(epoch: float, epochs: int, half: float = 2.0, low: float = 0.1, decay: float = 1.0) -> float:
    """From `low` up to 1 and down again along straight lines: low + (1 - low)·(1 - |epoch/half - 2·n - 1|)·decay^n in
    cycle n.

    Args:
        epoch: Epochs that are done.
        epochs: Epochs in all.
        half: Epochs of a rise, and of a fall.
        low: The factor at the bottom.
        decay: How high each cycle is above the bottom, as a part of the one before; 0.5 for "triangular2".

    Raises:
        InvalidValueError: half is not above 0, or low or decay is negative.

    Source: Smith 2017 (arXiv 1506.01186), section 3.

    Example:
        >>> [triangular(epoch, 8, low=0.0, decay=0.5) for epoch in (0, 1, 2, 4, 6)]
        [0.0, 0.5, 1.0, 0.0, 0.5]
    """
    number("triangular", "half", half, above=0.0)
    number("triangular", "low", low, least=0.0)
    number("triangular", "decay", decay, least=0.0)
    cycle = epoch // (2 * half)
    height = 1 - abs(epoch / half - 2 * cycle - 1)
    return float(low + (1 - low) * height * decay**cycle)
