"""Dividing samples into two parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data import _checks, _order
from nncore.errors import DataError
from nncore.streams import fresh_seed

Rows = NDArray[np.intp]


def part_size(count: int, part: float) -> int:
    """The number of samples in a part that is given as a fraction or as a number."""
    if isinstance(part, (float, np.floating)):
        if not 0.0 < part < 1.0:
            raise DataError(f"part is {part!r}; expected a fraction between 0 and 1, or an int, a number of samples")
        size = round(float(part) * count)
    else:
        size = _checks.whole(part, "part", 1)
    if not 0 < size < count:
        empty = "part" if size == 0 else "rest"
        raise DataError(f"part {part!r} of {count} samples is {size}: the {empty} would be empty or less")
    return size


def quotas(counts: NDArray[Any], size: int, seed: int) -> NDArray[np.intp]:
    """How many samples of each class make a part of `size`: exact quotas, rounded by the largest remainders."""
    total = int(counts.sum())
    # Whole numbers throughout: a remainder in floats could come out wrong by one.
    scaled = [int(count) * size for count in counts]
    chosen = np.array([value // total for value in scaled], dtype=np.intp)
    remainders = np.array([value % total for value in scaled])
    # Ties fall at random; else many classes of one sample each would always give the first ones.
    shuffled = _order.order(len(counts), seed, _order.SPLIT, 1)
    ranked = shuffled[np.argsort(-remainders[shuffled], kind="stable")]
    chosen[ranked[: size - int(chosen.sum())]] += 1
    return chosen


def divide(count: int, part: float, seed: int | None, labels: NDArray[Any] | None) -> tuple[Rows, Rows]:
    """Row numbers of the rest and of the part, each rising; stratified where labels are given."""
    size = part_size(count, part)
    seed = fresh_seed() if seed is None else _checks.whole(seed, "seed", 0)
    shuffled = _order.order(count, seed, _order.SPLIT)
    if labels is None:
        picked = shuffled[:size]
    else:
        # Group the shuffled rows by class, and take the first of each group.
        _, classes, counts = np.unique(labels[shuffled], return_inverse=True, return_counts=True)
        grouped = shuffled[np.argsort(classes, kind="stable")]
        starts = np.cumsum(counts) - counts
        place = np.arange(count) - np.repeat(starts, counts)
        picked = grouped[place < np.repeat(quotas(counts, size, seed), counts)]
    inside = np.zeros(count, dtype=bool)
    inside[picked] = True
    return np.flatnonzero(~inside), np.flatnonzero(inside)


def deal(count: int, folds: int, seed: int | None, labels: NDArray[Any] | None) -> Rows:
    """The fold of each row, in `[0, folds)`: sizes differ by at most 1, and where labels are given those of each class."""
    if _checks.whole(folds, "k", 2) > count:
        raise DataError(f"k is {folds}; expected at most {count}, the number of samples")
    seed = fresh_seed() if seed is None else _checks.whole(seed, "seed", 0)
    shuffled = _order.order(count, seed, _order.FOLDS)
    if labels is not None:
        # Class after class, dealt out like cards, going on where the class before ended.
        shuffled = shuffled[np.argsort(labels[shuffled], kind="stable")]
    fold = np.empty(count, dtype=np.intp)
    fold[shuffled] = np.arange(count) % folds
    return fold
