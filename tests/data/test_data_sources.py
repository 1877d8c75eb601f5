"""Bunches as scikit-learn makes them, and iterators of batches."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nncore import data
from nncore.errors import DataError


class Bunch(dict):
    """What scikit-learn's is: a dict whose keys are attributes."""

    __getattr__ = dict.__getitem__


X = np.arange(8.0).reshape(4, 2)


def test_labels_with_names():
    ds = data.load(Bunch(data=X, target=np.array([0, 2, 1, 0]), target_names=np.array(["a", "b", "c"])), role="train")
    assert ds.classes == ("a", "b", "c") and ds.y.tolist() == [0, 2, 1, 0] and ds.role == "train"


def test_text_targets_as_openml_gives_them():
    target = np.array(["10", "9", "9", "2"], dtype=object)
    ds = data.load(Bunch(data=X, target=target, target_names=["class"]))
    assert ds.classes == ("2", "9", "10") and ds.y.tolist() == [2, 1, 1, 0]


def test_numbers_to_be_predicted():
    bunch = Bunch(data=X, target=np.array([151.0, 75.0, 141.0, 206.0]))
    assert data.load(bunch).num_classes is None and data.load(bunch).y.tolist() == [151, 75, 141, 206]
    assert data.load(bunch, targets="labels").classes == ("75", "141", "151", "206")


def test_sparse_matrices_and_frames():
    class Sparse:
        def toarray(self):
            return X

    class Frame(dict):
        columns = ("age", "town")

        def __array__(self, dtype=None, copy=None):
            return np.stack(list(self.values()), axis=1)

    assert np.array_equal(data.load(Bunch(data=Sparse(), target=[0, 1, 0, 1])).x, X)
    numbers = Frame(age=X[:, 0], town=X[:, 1])
    assert np.array_equal(data.load(Bunch(data=numbers, target=[0, 1, 0, 1])).x, X)
    with pytest.raises(DataError, match="columns town are not numbers"):
        data.load(Bunch(data=Frame(age=X[:, 0], town=np.array(list("abcd"))), target=[0, 1, 0, 1]))


def test_bunches_that_are_refused():
    holes = X.copy()
    holes[1, 0] = np.nan
    with pytest.raises(DataError, match=r"data\[1, 0\] is missing"):
        data.load(Bunch(data=holes, target=[0, 1, 0, 1]))
    with pytest.raises(DataError, match="no target"):
        data.load(Bunch(data=X, target=None))
    with pytest.raises(DataError, match="unknown option 'scale': a bunch takes targets"):
        data.load(Bunch(data=X, target=[0, 1, 0, 1]), scale=2)


def test_bunches_of_scikit_learn_itself():
    datasets = pytest.importorskip("sklearn.datasets")
    digits, iris, diabetes = datasets.load_digits(), datasets.load_iris(), datasets.load_diabetes()
    assert data.load(digits).num_classes == 10 and np.array_equal(data.load(digits).y, digits.target)
    assert data.load(iris).classes == ("setosa", "versicolor", "virginica")
    assert data.load(diabetes).num_classes is None and np.array_equal(data.load(diabetes).y, diabetes.target)


def test_a_generator_of_batches_that_fills_one_array_again():
    def batches():
        x = np.empty((2, 3))
        for number in itertools.count():
            x[:] = number
            yield x, np.array([number % 3] * 2)

    ds = data.load(batches(), limit=5, classes=3, role="train")
    assert ds.x[:, 0].tolist() == [0, 0, 1, 1, 2] and ds.y.tolist() == [0, 0, 1, 1, 2] and ds.num_classes == 3


def test_batches_of_a_data_set_come_back():
    ds = data.ArrayDataset(X, [0, 1, 1, 0])
    again = data.load(iter(ds.batches(3)))
    assert np.array_equal(again.x, ds.x) and np.array_equal(again.y, ds.y)
    assert data.load(iter([X, X])).y is None


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ([], "gave no batch"),
        ([(X, X, X)], "batch 0 is a tuple of 3"),
        ([(X, [0, 1, 0, 1]), X], "batch 1 is x alone"),
        ([X, X[:, :1]], r"batch 1 is x alone, samples of shape \(1,\); expected x alone, samples of shape \(2,\)"),
        ([(X, [0, 1])], r"batch 0: x has shape \(4, 2\) and y \(2,\)"),
        ([(["a"], [0])], "x of batch 0 holds strings"),
    ],
)
def test_batches_that_are_refused(batches, message):
    with pytest.raises(DataError, match=message):
        data.load(iter(batches))
