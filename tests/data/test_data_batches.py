"""Batches: every sample once, the arithmetic of the last batch, orders that depend on seed and epoch alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncore import data
from nncore.data import _order
from nncore.errors import DataError

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
counts, sizes, seeds = st.integers(1, 200), st.integers(1, 64), st.integers(0, 2**70)


def numbered(count, **options):
    """Samples whose input and label are both their row number."""
    return data.ArrayDataset(np.arange(count).reshape(count, 1), np.arange(count), **options)


def epoch_of(batches, host):
    """One epoch's labels, batch by batch, after checking that inputs belong to labels."""
    found = []
    for x, y in batches:
        x, y = host(x), host(y)
        assert np.array_equal(x[:, 0], y), "an input was paired with another sample's label"
        found.append(y)
    return found


@relaxed
@given(counts, sizes, st.booleans(), seeds)
def test_every_sample_exactly_once(host, count, size, shuffle, seed):
    parts = epoch_of(numbered(count).batches(size, shuffle=shuffle, seed=seed), host)
    assert [len(part) for part in parts[:-1]] == [size] * (len(parts) - 1)
    everything = np.concatenate(parts)
    assert sorted(everything) == list(range(count))
    if not shuffle:
        assert np.array_equal(everything, np.arange(count))


@relaxed
@given(counts, sizes, st.booleans(), st.booleans())
def test_length_is_what_iteration_gives(host, count, size, shuffle, drop_last):
    if drop_last and size > count:
        with pytest.raises(DataError, match="leaves no batch"):
            numbered(count).batches(size, drop_last=True)
        return
    batches = numbered(count).batches(size, shuffle=shuffle, seed=1, drop_last=drop_last)
    parts = epoch_of(batches, host)
    assert len(parts) == len(batches) == (count // size if drop_last else -(-count // size))
    if drop_last:
        assert all(len(part) == size for part in parts)


@relaxed
@given(st.integers(20, 200), seeds)
def test_order_is_a_function_of_seed_and_epoch(host, count, seed):
    first = numbered(count).batches(7, shuffle=True, seed=seed)
    epochs = [np.concatenate(epoch_of(first, host)) for _ in range(3)]
    assert not np.array_equal(epochs[0], epochs[1]) and not np.array_equal(epochs[1], epochs[2])
    again = numbered(count).batches(16, shuffle=True, seed=seed, epoch=2)
    assert np.array_equal(np.concatenate(epoch_of(again, host)), epochs[2])
    other = numbered(count).batches(7, shuffle=True, seed=seed + 1)
    assert not np.array_equal(np.concatenate(epoch_of(other, host)), epochs[0])


@relaxed
@given(st.integers(2, 100), st.integers(1, 20), st.data())
def test_resume_in_the_middle_of_an_epoch(host, count, size, draws):
    def walk():
        return numbered(count).batches(size, shuffle=True, seed=5)

    batches = walk()
    straight = [part.tolist() for _ in range(3) for part in epoch_of(batches, host)]
    done = draws.draw(st.integers(0, 2 * len(batches)))
    resumed = walk()
    epoch, batch = divmod(done, len(resumed))
    if batch == 0 and epoch and draws.draw(st.booleans()):
        epoch, batch = epoch - 1, len(resumed)  # "the epoch was finished" is the same place
    resumed.resume(epoch, batch)
    rest = []
    while len(rest) + done < len(straight):
        rest += [part.tolist() for part in epoch_of(resumed, host)]
    assert rest == straight[done:]


def test_orders_are_those_of_philox_words_sorted():
    """The published definition, computed another way: the orders must never change between releases."""
    count, seed = 1000, 11
    words = np.random.Philox(np.random.SeedSequence(seed, spawn_key=(_order.BATCHES, 3))).random_raw(count)
    keys = sorted((int(word) >> 10, row) for row, word in enumerate(words))
    assert [row for _, row in keys] == _order.order(count, seed, _order.BATCHES, 3).tolist()


def test_each_place_is_equally_likely():
    """Each of 6 rows comes first in about a sixth of 3000 epochs (5 standard deviations)."""
    firsts = [int(_order.order(6, 0, _order.BATCHES, epoch)[0]) for epoch in range(3000)]
    assert np.all(np.abs(np.bincount(firsts, minlength=6) - 500) < 5 * np.sqrt(3000 * 5 / 36))


def test_an_iterator_keeps_its_epoch(host):
    """Two iterators side by side are two epochs, whichever is asked first."""
    batches = numbered(40).batches(8, shuffle=True, seed=3)
    one, two = iter(batches), iter(batches)
    second, first = np.concatenate([host(y) for _, y in two]), np.concatenate([host(y) for _, y in one])
    fresh = numbered(40).batches(8, shuffle=True, seed=3)
    assert np.array_equal(np.concatenate(epoch_of(fresh, host)), first)
    assert np.array_equal(np.concatenate(epoch_of(fresh, host)), second)
    assert batches.epoch == 2


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("scale", [None, 255])
def test_batches_are_memory_of_their_own(host, shuffle, scale):
    pixels = np.full((10, 3), 51, dtype=np.uint8)
    ds = data.ArrayDataset(pixels, np.zeros(10), scale=scale)
    kept = [(host(x), host(y)) for x, y in ds.batches(5, shuffle=shuffle)]
    for number, (x, y) in enumerate(kept):
        assert not np.shares_memory(x, ds.stored) and not np.shares_memory(y, ds.y)
        x[...], y[...] = number, number
    assert [int(x[0, 0]) for x, _ in kept] == [0, 1]
    assert np.all(pixels == 51) and np.all(ds.y == 0)


def test_scaled_batches_are_exact(host):
    """uint8 / 255 is the float32 nearest to the quotient."""
    pixels = np.arange(256, dtype=np.uint8).reshape(-1, 1)
    for shuffle in (False, True):
        for x, y in data.ArrayDataset(pixels, np.arange(256), scale=255).batches(100, shuffle=shuffle, seed=0):
            x, y = host(x), host(y)
            assert x.dtype == np.float32 and y.dtype == np.int64
            assert np.array_equal(x[:, 0], (y / 255.0).astype(np.float32))


def test_without_y_batches_are_inputs_alone(host):
    parts = [host(x) for x in data.ArrayDataset(np.arange(5.0)).batches(2)]
    assert [part.tolist() for part in parts] == [[0, 1], [2, 3], [4]]


def test_a_seed_is_drawn_and_can_be_used_again(host):
    one = numbered(64).batches(64, shuffle=True)
    assert one.seed != numbered(64).batches(64, shuffle=True).seed
    again = numbered(64).batches(64, shuffle=True, seed=one.seed)
    assert np.array_equal(epoch_of(one, host), epoch_of(again, host))


@pytest.mark.parametrize("size", [0, -1, 2.0, "8", True, None])
def test_bad_batch_sizes(size):
    with pytest.raises(DataError, match=r"batch_size is .*expected a whole number of 1 or more"):
        numbered(4).batches(size)


def test_bad_seed_epoch_and_batch():
    with pytest.raises(DataError, match="seed is -1"):
        numbered(4).batches(2, seed=-1)
    batches = numbered(4).batches(2, seed=0)
    with pytest.raises(DataError, match=r"epoch is 1\.5"):
        batches.epoch = 1.5
    with pytest.raises(DataError, match="batch is 3; expected at most 2"):
        batches.resume(0, 3)
    assert batches.epoch == 0, "a refused value was taken"


def test_repr_says_how():
    batches = numbered(10, name="ten").batches(4, shuffle=True, seed=2, drop_last=True)
    assert repr(batches) == "Batches(2 of 4 from ten, shuffled with seed 2, last one dropped if short, next epoch 0)"
