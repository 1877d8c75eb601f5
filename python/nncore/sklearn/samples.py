"""Samples with weights, so that a weight of two and two samples are the same thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore._core import Tensor, from_numpy
from nncore.data import ArrayDataset, Batches
from nncore.errors import InvalidValueError
from nncore.plugins import make

__all__ = ["SampleLoss", "Samples", "distinct"]

Array = NDArray[Any]

_BLOCK = 1 << 20
"""Elements that are hashed at once."""


@dataclass(frozen=True)
class Samples:
    """Samples, and what each counts.

    Args:
        x: Inputs, float32, `(N, features)`.
        y: Targets: int64 `(N,)`, or float32 `(N, outputs)`.
        weight: Weights, float64 `(N,)`; None where all are alike.
    """

    x: Array
    y: Array
    weight: Array | None

    def split(self, part: float, seed: int) -> tuple[Samples, Samples]:
        """The rest and the part; labels have their share in each."""
        rows = np.arange(len(self.x))
        labels = {"y": self.y} if self.y.dtype.kind == "i" else {}
        first, second = ArrayDataset(rows, **labels).split(part, seed=seed)  # type: ignore[arg-type]
        return self._take(first.x), self._take(second.x)

    def _take(self, rows: Array) -> Samples:
        return Samples(self.x[rows], self.y[rows], None if self.weight is None else self.weight[rows])

    def feed(self, batch_size: int, seed: int, *, epoch: int = 0, shuffle: bool = True) -> Any:
        """What a Trainer takes as data; with weights, batches whose targets are `{"y": ..., "weight": ...}`.

        Args:
            batch_size: Samples in a batch.
            seed: Of the order.
            epoch: Number of the first epoch.
            shuffle: Whether each epoch has an order of its own.
        """
        if self.weight is None:
            kind: Any = "labels" if self.y.dtype.kind == "i" else "values"
            return ArrayDataset(self.x, self.y, targets=kind).batches(
                batch_size, shuffle=shuffle, seed=seed, epoch=epoch
            )
        orders = ArrayDataset(np.arange(len(self.x))).batches(batch_size, shuffle=shuffle, seed=seed, epoch=epoch)
        return _WeightedBatches(self, orders)


class _WeightedBatches:
    """Batches with weights; each `iter()` begins the next epoch."""

    def __init__(self, samples: Samples, orders: Batches) -> None:
        assert samples.weight is not None
        # Their mean is 1, so that learning rates mean what they mean without weights.
        weight = (samples.weight / samples.weight.mean()).astype(np.float32)
        self._columns, self._orders = (samples.x, samples.y, weight), orders

    def __len__(self) -> int:
        return len(self._orders)

    def __iter__(self) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        orders = iter(self._orders)

        def batches() -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
            for order in orders:
                rows = order.numpy()
                x, y, weight = (from_numpy(each.take(rows, axis=0)) for each in self._columns)
                yield x, {"y": y, "weight": weight}

        return batches()


class SampleLoss:
    """A loss for such batches: where there are weights, the mean over the samples of weight times loss. Its sum over an
    epoch is that over a data set in which each sample stands as often as its weight says.

    Args:
        loss: A loss with a `reduction`.
    """

    def __init__(self, loss: Any) -> None:
        self.loss = make("loss", loss)

    def __call__(self, output: Tensor, target: Any) -> Tensor:
        if not isinstance(target, dict):
            mean: Tensor = self.loss(output, target)
            return mean
        each: Tensor = self.loss(output, target["y"], reduction="none")
        if each.ndim > 1:
            each = each.flatten(1).mean(1)
        weighted: Tensor = (each * target["weight"]).mean()
        return weighted


def distinct(x: Array, y: Array, weight: Array) -> Samples:
    """Each sample once, with the sum of its weights, in an order that its values alone decide. Weights of 0 drop out.

    So a training is a function of what is in the data: the order of the rows does not matter, and neither whether a
    sample stands there twice or weighs twice as much. A part that is put aside for validation has no sample in common
    with the rest.

    Raises:
        InvalidValueError: All weights are zero.
    """
    if not weight.any():
        raise InvalidValueError("all sample weights are zero: there is nothing to train on")
    if not weight.all():
        kept = np.flatnonzero(weight)
        x, y, weight = x[kept], y[kept], weight[kept]
    # Adding 0 makes one zero of both.
    x = x + np.float32(0)
    y = y + y.dtype.type(0)
    words = [each.reshape(len(each), -1).view(np.uint32) for each in (x, y)]
    keys = _hashes(words)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.ones(len(order), dtype=bool)
    alike = np.flatnonzero(keys[1:] == keys[:-1]) + 1
    if len(alike):
        # The hash says that they may be the same; the values say it for certain.
        here, before = order[alike], order[alike - 1]
        first[alike] = ~np.logical_and.reduce([(each[here] == each[before]).all(1) for each in words])
    starts = np.flatnonzero(first)
    order, weight = order[starts], np.add.reduceat(weight[order], starts)
    return Samples(x[order], y[order], None if (weight == weight[0]).all() else weight)


def _hashes(words: list[Array]) -> Array:
    """A 64-bit number for each row: its 32-bit words times random odd numbers."""
    width = sum(each.shape[1] for each in words)
    # These words are promised to be the same in every version of NumPy.
    factors = np.random.Philox(key=width).random_raw(width) | np.uint64(1)
    keys = np.zeros(len(words[0]), dtype=np.uint64)
    at = 0
    for each in words:
        mine = factors[at : at + each.shape[1]]
        at += each.shape[1]
        step = max(1, _BLOCK // each.shape[1])
        for start in range(0, len(each), step):
            keys[start : start + step] += each[start : start + step].astype(np.uint64) @ mine
    return keys
