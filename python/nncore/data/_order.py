"""Random orders that are a pure function of a seed, for every version of NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Each use draws from a stream of its own, so that `split(seed=0)` and `batches(seed=0)` are not alike.
BATCHES = 1
SPLIT = 2
FOLDS = 3
AUGMENT = 4


def order(count: int, seed: int, stream: int, index: int = 0) -> NDArray[np.intp]:
    """A random permutation of `range(count)` that depends on `(count, seed, stream, index)` alone.

    NumPy promises the same bits for ever from `Philox` and `SeedSequence`, but not from `Generator.permutation`. So the
    permutation comes from sorting Philox's words. The low bits of each word are replaced by the row's number: keys are
    then unique, any sorting method gives the same order, and the sorted keys hold the answer.
    """
    bits = np.uint64(max(1, (count - 1).bit_length()))
    words = np.random.Philox(np.random.SeedSequence(seed, spawn_key=(stream, index))).random_raw(count)
    keys = (words >> bits << bits) | np.arange(count, dtype=np.uint64)
    keys.sort()
    return (keys & np.uint64((1 << int(bits)) - 1)).astype(np.intp)
