"""Random changes of training images: what they do, and that seed, epoch and row alone decide."""

from __future__ import annotations

import numpy as np
import pytest

from nncore import data
from nncore.data import _augment
from nncore.errors import DataError

ROWS = np.arange(200)
IMAGES = np.random.default_rng(0).normal(size=(200, 2, 5, 6)).astype(np.float32)


def shifts(image, padding):
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)), constant_values=9)
    return {
        (top, left): padded[:, top : top + 5, left : left + 6]
        for top in range(2 * padding + 1)
        for left in range(2 * padding + 1)
    }


def test_crops_are_shifts_and_each_occurs():
    found = data.RandomCrop(1, fill=9)(IMAGES, seed=1, epoch=0, index=ROWS)
    assert found.shape == IMAGES.shape and found.dtype == np.float32
    seen = []
    for image, crop in zip(IMAGES, found, strict=True):
        (place,) = (place for place, shift in shifts(image, 1).items() if np.array_equal(shift, crop))
        seen.append(place)
    counts = [seen.count((top, left)) for top in range(3) for left in range(3)]
    assert min(counts) > 0 and max(counts) < 50, "200 draws of 9 shifts: about 22 each, deviation 4.4"


def test_flips_mirror_some():
    found = data.HorizontalFlip()(IMAGES, seed=1, epoch=0, index=ROWS)
    flipped = [np.array_equal(a, b[..., ::-1]) for a, b in zip(found, IMAGES, strict=True)]
    same = [np.array_equal(a, b) for a, b in zip(found, IMAGES, strict=True)]
    assert all(a != b for a, b in zip(flipped, same, strict=True)) and 65 < sum(flipped) < 135
    assert np.array_equal(data.HorizontalFlip(0)(IMAGES, seed=1, epoch=0, index=ROWS), IMAGES)
    assert np.array_equal(data.HorizontalFlip(1)(IMAGES, seed=1, epoch=0, index=ROWS), IMAGES[..., ::-1])


@pytest.mark.parametrize("change", [data.RandomCrop(2), data.HorizontalFlip()], ids=repr)
def test_seed_epoch_and_row_decide(change):
    whole = change(IMAGES, seed=5, epoch=3, index=ROWS)
    picked = np.array([150, 3, 77])
    assert np.array_equal(change(IMAGES[picked], seed=5, epoch=3, index=picked), whole[picked])
    for seed, epoch in ((6, 3), (5, 4)):
        assert not np.array_equal(change(IMAGES, seed=seed, epoch=epoch, index=ROWS), whole)


def test_draws_are_those_of_splitmix64():
    """The published generator in Python's whole numbers: the draws must never change between releases."""
    mask = 2**64 - 1
    start = int(np.random.SeedSequence(7, spawn_key=(4, 1, 2)).generate_state(1, np.uint64)[0])
    for row in (0, 1, 1000):
        z = (start + (row + 1) * 0x9E3779B97F4A7C15) & mask
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        assert int(_augment.draws(7, 2, np.array([row]), 1)[0]) == (z ^ z >> 31) >> 32


def test_batches_are_augmented_alike_in_every_order(host):
    train = data.ArrayDataset(IMAGES, ROWS, role="train")
    changes = [data.RandomCrop(1), data.HorizontalFlip()]
    expected = IMAGES
    for change in changes:
        expected = change(expected, seed=4, epoch=2, index=ROWS)
    for shuffle, size in ((False, 64), (True, 64), (True, 7)):
        for x, y in train.batches(size, shuffle=shuffle, seed=4, epoch=2, augment=changes):
            assert np.array_equal(host(x), expected[host(y)])
    assert np.array_equal(train.x, IMAGES), "the data set itself was changed"
    (x, _), *_ = train.batches(200, seed=4, epoch=2, augment=changes[0])
    assert np.array_equal(host(x), changes[0](IMAGES, seed=4, epoch=2, index=ROWS))


def test_what_is_refused():
    train = data.ArrayDataset(np.zeros((4, 3)), role="train")
    with pytest.raises(DataError, match=r"RandomCrop was given x of shape \(4, 3\); expected images"):
        next(iter(train.batches(4, augment=[data.RandomCrop(1)])))
    with pytest.raises(DataError, match="expected functions"):
        train.batches(4, augment=[3])
    with pytest.raises(DataError, match="test data; expected training data"):
        data.ArrayDataset(np.zeros((4, 3)), role="test").batches(4, augment=[data.RandomCrop(1)])
    with pytest.raises(DataError, match=r"returned shape \(2, 3\) for 4 samples"):
        next(iter(train.batches(4, augment=lambda x, **_: x[:2])))
    for p in (-0.1, 2, "half", True):
        with pytest.raises(DataError, match="expected a probability"):
            data.HorizontalFlip(p)
    with pytest.raises(DataError, match="padding is 0"):
        data.RandomCrop(0)
