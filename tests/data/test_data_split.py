"""Splits: a partition, stratified to within one sample, a function of the seed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore import data
from nncore.errors import DataError

relaxed = settings(deadline=None)


@st.composite
def labelled(draw):
    """Samples whose input is their row number, some part size, and a seed."""
    labels = draw(st.lists(st.integers(0, 5), min_size=2, max_size=120))
    size = draw(st.integers(1, len(labels) - 1))
    return data.ArrayDataset(np.arange(len(labels)), labels, classes=6), size, draw(st.integers(0, 2**40))


@relaxed
@given(labelled(), st.sampled_from([None, True, False]))
def test_every_sample_in_exactly_one_part(case, stratify):
    ds, size, seed = case
    rest, part = ds.split(size, seed=seed, stratify=stratify)
    assert len(part) == size
    assert sorted([*rest.x.tolist(), *part.x.tolist()]) == list(range(len(ds)))
    for half in (rest, part):
        assert np.array_equal(half.y, ds.y[half.x]), "labels left their samples"
        assert np.all(np.diff(half.x) > 0), "samples left their order"
        assert half.num_classes == 6


@relaxed
@given(labelled())
def test_stratified_within_one_of_the_quota(case):
    ds, size, seed = case
    _, part = ds.split(size, seed=seed)
    for label in range(6):
        quota = Fraction(int(np.sum(ds.y == label)) * size, len(ds))
        assert abs(int(np.sum(part.y == label)) - quota) < 1


@relaxed
@given(labelled())
def test_a_function_of_the_seed(case):
    ds, size, seed = case
    assert np.array_equal(ds.split(size, seed=seed)[1].x, ds.split(size, seed=seed)[1].x)


def test_seeds_differ():
    ds = data.ArrayDataset(np.arange(200))
    parts = [ds.split(50, seed=seed)[1].x.tolist() for seed in (0, 1, 2)]
    assert len({tuple(part) for part in parts}) == 3
    assert ds.split(50)[1].x.tolist() == parts[0], "the default is seed 0"
    assert ds.split(50, seed=None)[1].x.tolist() != ds.split(50, seed=None)[1].x.tolist()


def test_single_samples_of_many_classes_all_get_their_chance():
    """Quotas of 1/2 tie in each class; over some seeds every class is chosen at some time, and left out at another."""
    ds = data.ArrayDataset(np.arange(20), np.arange(20))
    chosen = np.array([np.isin(np.arange(20), ds.split(10, seed=seed)[1].x) for seed in range(40)])
    assert chosen.any(axis=0).all() and not chosen.all(axis=0).any()


@pytest.mark.parametrize(("fraction", "size"), [(0.1, 100), (0.0006, 1), (0.2504, 250), (np.float32(0.5), 500)])
def test_fractions_round_to_the_nearest(fraction, size):
    rest, part = data.ArrayDataset(np.zeros(1000)).split(fraction)
    assert (len(rest), len(part)) == (1000 - size, size)


@pytest.mark.parametrize("part", [0.0, 1.0, -0.1, 1.5, float("nan"), 0, -3, 10, 11, 0.01, 0.99, "half", None, True])
def test_bad_parts(part):
    with pytest.raises(DataError, match="part"):
        data.ArrayDataset(np.zeros(10)).split(part)


def test_stratify_needs_labels():
    for ds in (data.ArrayDataset(np.zeros(4)), data.ArrayDataset(np.zeros(4), np.zeros(4), targets="values")):
        with pytest.raises(DataError, match="no labels"):
            ds.split(2, stratify=True)
        assert len(ds.split(2)[1]) == 2


@pytest.mark.parametrize(
    ("role", "expected"),
    [("train", ("train", "validation")), (None, (None, "validation")), ("test", ("test", "test"))],
)
def test_roles(role, expected):
    rest, part = data.ArrayDataset(np.zeros(4), role=role).split(1)
    assert (rest.role, part.role) == expected
