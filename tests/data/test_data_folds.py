"""Folds for cross-validation, and weights of classes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore import data
from nncore.errors import DataError


@settings(deadline=None)
@given(st.integers(2, 9), st.lists(st.integers(0, 3), min_size=9, max_size=60), st.integers(0, 99), st.booleans())
def test_folds_divide_evenly(k, labels, seed, stratify):
    ds = data.ArrayDataset(np.arange(len(labels)), labels, role="train")
    folds = ds.folds(k, seed=seed, stratify=stratify)
    parts = [part.x for _, part in folds]
    assert len(folds) == k and sorted(np.concatenate(parts)) == list(range(len(labels)))
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1
    for rest, part in folds:
        assert sorted([*rest.x, *part.x]) == list(range(len(labels)))
        assert (rest.role, part.role) == ("train", "validation")
    if stratify:
        counts = np.array([np.bincount(part.y, minlength=4) for _, part in folds])
        assert (counts.max(0) - counts.min(0)).max() <= 1
    again = ds.folds(k, seed=seed, stratify=stratify)
    assert all(np.array_equal(a.x, b.x) for (_, a), (_, b) in zip(folds, again, strict=True))


def test_another_seed_gives_other_folds():
    ds = data.ArrayDataset(np.arange(50))
    assert not np.array_equal(ds.folds(5, seed=0)[0][1].x, ds.folds(5, seed=1)[0][1].x)


def test_folds_that_are_refused():
    ds = data.ArrayDataset(np.arange(4))
    for k, message in ((1, "k is 1"), (5, "k is 5; expected at most 4"), (2.0, "k is 2.0")):
        with pytest.raises(DataError, match=message):
            ds.folds(k)
    with pytest.raises(DataError, match="no labels"):
        ds.folds(2, stratify=True)


def test_class_weights(host):
    y = np.repeat([0, 1, 2], [50, 30, 20])
    weights = host(data.ArrayDataset(np.zeros(100), y).class_weights())
    np.testing.assert_allclose(weights, 100 / (3 * np.array([50, 30, 20])), rtol=1e-6)
    assert weights.dtype == np.float32 and abs(weights[y].mean() - 1) < 1e-6
    with pytest.raises(DataError, match="no sample has class eel"):
        data.ArrayDataset(np.zeros(2), [0, 1], classes=["cat", "dog", "eel"]).class_weights()
    with pytest.raises(DataError, match="no labels"):
        data.ArrayDataset(np.zeros(2)).class_weights()
