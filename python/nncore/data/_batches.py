"""Walking over a data set in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore.data import _checks, _order
from nncore.data._augment import Augmentation
from nncore.data._augment_mix import Mixing
from nncore.data._convert import tensor
from nncore.errors import DataError
from nncore.streams import fresh_seed

if TYPE_CHECKING:
    from nncore.data._dataset import ArrayDataset


class Batches:
    """The batches of a data set, epoch after epoch; made by `ArrayDataset.batches`.

    `len()` is the number of batches in an epoch. Each `iter()` begins the next epoch. A shuffled epoch's order is a
    function of `(seed, epoch)` alone, so it differs from epoch to epoch and is the same on every machine. Each batch is
    memory of its own, which the consumer may keep and change.

    Attributes:
        dataset: The data set.
        batch_size: Samples in each batch; the last one may hold fewer.
        shuffle: Whether each epoch has a random order.
        seed: The seed of the order. Drawn from the operating system where none was given, so that it can be recorded.
        drop_last: Whether a last batch with fewer samples is left out.
        augment: Random changes of inputs, and of targets with `MixUp` and `CutMix`, one after the other.
        epoch: Number of the epoch that the next `iter()` begins. Set it to go on where an earlier run stopped.

    Example:
        >>> from nncore import data
        >>> import numpy as np
        >>> batches = data.ArrayDataset(np.arange(10.0)).batches(4, shuffle=True, seed=7)
        >>> [len(x) for x in batches], batches.epoch
        ([4, 4, 2], 1)
        >>> batches.resume(epoch=0, batch=2)   # only the third batch of epoch 0 is left
        >>> [len(x) for x in batches], batches.epoch
        ([2], 1)
    """

    def __init__(
        self,
        dataset: ArrayDataset,
        batch_size: int,
        *,
        shuffle: bool,
        seed: int | None,
        drop_last: bool,
        epoch: int = 0,
        augment: Augmentation | Mixing | Iterable[Augmentation | Mixing] = (),
    ) -> None:
        self.dataset = dataset
        self.batch_size = _checks.whole(batch_size, "batch_size", 1)
        self.shuffle = bool(shuffle)
        self.seed = fresh_seed() if seed is None else _checks.whole(seed, "seed", 0)
        self.drop_last = bool(drop_last)
        self.augment = (augment,) if callable(augment) or isinstance(augment, Mixing) else tuple(augment)
        for change in self.augment:
            if not (callable(change) or isinstance(change, Mixing)):
                raise DataError(f"augment holds {change!r}; expected functions such as data.HorizontalFlip()")
        if self.augment and dataset.role in ("validation", "test"):
            raise DataError(f"augment is given for {dataset.role} data; expected training data")
        self.epoch = epoch
        self._first = 0
        if len(self) == 0:
            raise DataError(
                f"batch_size {batch_size} with drop_last=True leaves no batch of {len(dataset)} samples; "
                "make batch_size smaller, or keep the last batch"
            )

    @property
    def epoch(self) -> int:
        """Number of the epoch that the next `iter()` begins."""
        return self._epoch

    @epoch.setter
    def epoch(self, value: int) -> None:
        self._epoch = _checks.whole(value, "epoch", 0)
        self._first = 0

    def resume(self, epoch: int, batch: int = 0) -> None:
        """Let the next `iter()` begin at one batch of one epoch, as after a stop in the middle of it.

        Args:
            epoch: Number of the epoch, from 0.
            batch: Number of the first batch that is wanted; `len(self)` means that the epoch was finished.
        """
        epoch = _checks.whole(epoch, "epoch", 0)
        batch = _checks.whole(batch, "batch", 0)
        if batch > len(self):
            raise DataError(f"batch is {batch}; expected at most {len(self)}, the number of batches")
        whole_epochs, first = divmod(batch, len(self))
        self._epoch, self._first = epoch + whole_epochs, first

    def __len__(self) -> int:
        count, left = divmod(len(self.dataset), self.batch_size)
        return count + (1 if left and not self.drop_last else 0)

    def __iter__(self) -> Iterator[Any]:
        # Not a generator itself: the epoch must be taken when `iter()` is called, not at the first `next()`.
        epoch, first = self._epoch, self._first
        self._epoch, self._first = epoch + 1, 0
        return self._walk(epoch, first)

    def _walk(self, epoch: int, first: int) -> Iterator[Any]:
        dataset, size = self.dataset, self.batch_size
        count = len(dataset)
        stop = count - count % size if self.drop_last else count
        order = _order.order(count, self.seed, _order.BATCHES, epoch) if self.shuffle else None
        for start in range(first * size, stop, size):
            end = min(start + size, stop)
            rows = slice(start, end) if order is None else order[start:end]
            x, y = dataset.gather(rows)
            if self.augment:
                x, y = self._augmented(x, y, epoch, np.arange(start, end) if isinstance(rows, slice) else rows)
            yield tensor(x) if y is None else (tensor(x), tensor(y))

    def _augmented(
        self, x: _checks.Array, y: _checks.Array | None, epoch: int, index: _checks.Array
    ) -> tuple[_checks.Array, _checks.Array | None]:
        count = len(x)
        for change in self.augment:
            if isinstance(change, Mixing):
                classes = self.dataset.num_classes
                x, y = change.mix(x, y, classes=classes, seed=self.seed, epoch=epoch, index=index)
                continue
            x = np.ascontiguousarray(change(x, seed=self.seed, epoch=epoch, index=index))
            if x.ndim == 0 or len(x) != count:
                raise DataError(f"{change!r} returned shape {x.shape} for {count} samples; expected as many rows")
        return x, y

    def __repr__(self) -> str:
        how = f"shuffled with seed {self.seed}" if self.shuffle else "in order"
        last = ", last one dropped if short" if self.drop_last else ""
        name = self.dataset.name or "a data set"
        return f"Batches({len(self)} of {self.batch_size} from {name}, {how}{last}, next epoch {self.epoch})"
