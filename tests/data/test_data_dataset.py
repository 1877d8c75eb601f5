"""ArrayDataset: what it holds, how it is indexed, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from nncore import data
from nncore.errors import DataError


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ("float64", "float32"),
        ("float32", "float32"),
        ("float16", "float32"),
        ("uint8", "uint8"),
        ("bool", "bool"),
        ("int8", "int64"),
        ("uint16", "int64"),
        ("int64", "int64"),
        (">f4", "float32"),
    ],
)
def test_dtypes(given, held):
    x = np.array([[0, 1], [1, 1]]).astype(given)
    ds = data.ArrayDataset(x)
    assert ds.x.dtype == held and ds.x.dtype.isnative and np.array_equal(ds.x, x)


def test_arrays_that_fit_are_not_copied():
    x, y = np.zeros((3, 2), np.float32), np.array([0, 1, 0])
    ds = data.ArrayDataset(x, y)
    assert np.shares_memory(ds.x, x) and np.shares_memory(ds.y, y)
    assert data.ArrayDataset(x[:, ::-1]).x.flags.c_contiguous
    assert ds[::2].x.flags.c_contiguous and np.shares_memory(ds[1:].x, x)


def test_facts():
    ds = data.ArrayDataset(np.zeros((4, 1, 2, 2)), [0, 2, 0, 1], name="tiny", role="test")
    assert (len(ds), ds.sample_shape, ds.num_classes, ds.classes, ds.role) == (4, (1, 2, 2), 3, None, "test")
    assert repr(ds) == "ArrayDataset(tiny, test: 4 samples, x float32 (1, 2, 2), y int64 (), 3 classes)"
    named = data.ArrayDataset(np.zeros(2), [0, 0], classes=["cat", "dog"])
    assert named.classes == ("cat", "dog") and named.num_classes == 2
    assert data.ArrayDataset(np.zeros(2)).y is None
    assert repr(data.ArrayDataset(np.zeros(2))) == "ArrayDataset(2 samples, x float32 ())"


def test_regression_targets():
    ds = data.ArrayDataset(np.zeros(3), np.array([[0.5], [-1], [2]]), targets="values")
    assert ds.y.dtype == np.float32 and ds.y.shape == (3, 1) and ds.num_classes is None
    tokens = data.ArrayDataset(np.zeros((2, 3), int), np.ones((2, 3), np.int32), targets="values")
    assert tokens.y.dtype == np.int64


def test_scale():
    pixels = np.arange(256, dtype=np.uint8).reshape(64, 4)
    ds = data.ArrayDataset(pixels, scale=255)
    assert ds.scale == 255 and np.shares_memory(ds.stored, pixels)
    assert ds.x.dtype == np.float32 and np.array_equal(ds.x, (pixels / 255.0).astype(np.float32))
    assert np.array_equal(ds[10:20].x, ds.x[10:20]) and ds[10:20].stored.dtype == np.uint8
    assert "x float32 (4,)" in repr(ds)
    assert ds.map(lambda x: x * 2).x.max() == 2.0


def test_sample(host):
    ds = data.ArrayDataset(np.arange(6).reshape(3, 2), [0, 2, 1], scale=2)
    for index in (1, -2, np.int64(1)):
        x, y = ds[index]
        assert host(x).tolist() == [1.0, 1.5] and host(y).shape == () and host(y).item() == 2
    assert [host(y).item() for _, y in ds] == [0, 2, 1]
    assert host(data.ArrayDataset(np.arange(3.0))[2]).item() == 2.0
    for index in (3, -4):
        with pytest.raises(IndexError, match="outside of 3 samples"):
            ds[index]


@pytest.mark.parametrize(
    "index",
    [slice(1, 3), slice(None, None, -1), [2, 0, 2], np.array([-1, 1]), np.array([True, False, True, False, True])],
)
def test_subsets(index):
    x = np.arange(10).reshape(5, 2)
    ds = data.ArrayDataset(x, np.arange(5), classes=9, name="five", role="train")
    part = ds[index]
    assert np.array_equal(part.x, x[index]) and np.array_equal(part.y, np.arange(5)[index])
    assert (part.num_classes, part.name, part.role) == (9, "five", "train")
    assert len(ds) == 5


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ([], "no sample of 5"),
        (slice(5, 9), "no sample of 5"),
        (np.zeros(5, bool), "no sample of 5"),
        (np.ones(4, bool), "the mask has 4 entries; expected 5"),
        ([0, 5], "index 5 is outside of 5"),
        ([-6], "index -6 is outside of 5"),
        ([0.5], "dtype float64"),
        ([[0, 1]], r"index of shape \(1, 2\)"),
        ("train", "index of shape"),
    ],
)
def test_bad_indices(index, message):
    with pytest.raises(DataError, match=message):
        data.ArrayDataset(np.arange(5))[index]


def test_take_and_map():
    ds = data.ArrayDataset(np.arange(5), np.arange(5), role="train", name="five")
    assert ds.take(2).x.tolist() == [0, 1] and ds.take(9).y.tolist() == [0, 1, 2, 3, 4]
    doubled = ds.map(lambda x: x[:, None] * 2.0)
    assert doubled.x.tolist() == [[0], [2], [4], [6], [8]] and doubled.x.dtype == np.float32
    assert (doubled.role, doubled.name, doubled.num_classes) == ("train", "five", 5)
    assert ds.x.tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(DataError, match="returned 4 samples for 5"):
        ds.map(lambda x: x[1:])
    with pytest.raises(DataError, match="count is 0"):
        ds.take(0)


ROWS = np.zeros((3, 2))


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (np.zeros((0, 2)), None, {}, r"shape \(0, 2\): a data set needs at least one sample"),
        ([], [], {}, "at least one sample"),
        (5.0, None, {}, "x is a single value"),
        ([[1], [1, 2]], None, {}, "x cannot be made an array"),
        (["a", "b"], None, {}, "x holds strings"),
        ([None, None], None, {}, "x holds dtype object"),
        ([1j], None, {}, "x holds dtype complex128"),
        (ROWS, [0, 1], {}, "x has 3 samples and y has 2"),
        (ROWS, [0, np.nan, np.nan], {}, r"y\[1\] is nan, NaN \(2 such labels\)"),
        (ROWS, [0, 0.5, 1], {}, r"y\[1\] is 0\.5, not a whole number; .*for regression pass targets"),
        (ROWS, [0, 1, np.inf], {}, r"y\[2\] is inf, infinite"),
        (ROWS, [0, -1, 1], {}, r"y\[1\] is -1, negative"),
        (ROWS, [0, 1, 3], {"classes": 3}, r"y\[2\] is 3, not below the number of classes, 3"),
        (ROWS, [0, 1, 2], {"classes": ["a", "b"]}, r"y\[2\] is 2, not below the number of classes, 2"),
        (ROWS, np.array([0, 1, 2**63], np.uint64), {}, "beyond int64"),
        (ROWS, ["cat", "dog", "cat"], {}, "y holds strings; .*number the classes"),
        (ROWS, np.array(["cat", "dog", "cat"], object), {}, "y holds strings"),
        (ROWS, [[0], [1], [2]], {}, r"y has shape \(3, 1\); labels are 1-D"),
        (ROWS, 3, {}, "y is a single value"),
        (ROWS, [0.5, np.nan, 1], {"targets": "values"}, r"y\[1\] is nan; expected finite"),
        (ROWS, [0, 1, 0], {"targets": "label"}, "targets is 'label'"),
        (ROWS, [0, 1, 0], {"role": "training"}, "role is 'training'; expected one of 'train'"),
        (ROWS, [0, 1, 0], {"classes": 0}, "classes is 0"),
        (ROWS, [0, 1, 0], {"classes": "ab"}, "classes is the string"),
        (ROWS, [0, 1, 0], {"classes": ["a", "a"]}, "each once"),
        (ROWS, None, {"classes": 2}, "no labels"),
        (ROWS, [0, 1, 0], {"classes": 2, "targets": "values"}, "no labels"),
        (ROWS, None, {"scale": 255}, "scale is given for x of dtype float32"),
        (ROWS.astype(np.uint8), None, {"scale": 0}, "scale is 0"),
        (ROWS.astype(np.uint8), None, {"scale": np.nan}, "scale is nan"),
    ],
)
def test_refused(x, y, options, message):
    with pytest.raises(DataError, match=message):
        data.ArrayDataset(x, y, **options)


def test_whole_floats_are_labels():
    ds = data.ArrayDataset(ROWS, [0.0, 2.0, 1.0])
    assert ds.y.dtype == np.int64 and ds.y.tolist() == [0, 2, 1]
