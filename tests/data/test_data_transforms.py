"""Preprocessing against its formulas in NumPy, and that nothing is learned from validation or test data."""

from __future__ import annotations

import numpy as np
import pytest

from nncore import data
from nncore.data import _transforms
from nncore.errors import DataError


@pytest.fixture(params=[1 << 21, 50], ids=["at once", "in pieces"])
def images(request, monkeypatch):
    """Training images of unlike channels, and test images; with statistics taken at once, and a few rows at a time."""
    monkeypatch.setattr(_transforms, "CHUNK", request.param)
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 3, 2, 4)) * [[[1]], [[5]], [[0.1]]] + [[[100]], [[0]], [[-3]]]
    return data.ArrayDataset(x[:40], role="train"), data.ArrayDataset(x[40:], role="test")


def flat(dataset):
    return dataset.x.reshape(len(dataset), -1).astype(np.float64)


@pytest.mark.parametrize(("per", "axes"), [("feature", 0), ("channel", (0, 2, 3))])
def test_elementwise_formulas(images, per, axes):
    train, test = images
    x, other = train.x.astype(np.float64), test.x.astype(np.float64)
    mean, std = x.mean(axes, keepdims=True), x.std(axes, keepdims=True)
    low, high = x.min(axes, keepdims=True), x.max(axes, keepdims=True)
    for transform, expected in (
        (data.MeanSubtraction(per=per), other - mean),
        (data.Standardize(per=per), (other - mean) / std),
        (data.MinMax(-1, 3, per=per), -1 + (other - low) / (high - low) * 4),
    ):
        done = transform.fit(train).apply(test)
        np.testing.assert_allclose(done.x, expected, rtol=1e-6, atol=1e-6)
        assert done.x.dtype == np.float32 and done.role == "test" and np.array_equal(test.x, other.astype(np.float32))


def test_constant_features_are_not_blown_up():
    x = np.stack([np.full(7, 0.1), np.arange(7.0)], axis=1)
    train = data.ArrayDataset(x, role="train")
    assert np.abs(data.Standardize().fit(train).apply(train).x[:, 0]).max() < 1e-12
    assert data.MinMax(2, 3).fit(train).apply(train).x[:, 0].tolist() == [2] * 7


def test_pixels_with_a_scale():
    train = data.ArrayDataset(np.array([[0], [255]], np.uint8), [0, 1], scale=255, role="train")
    done = data.MeanSubtraction().fit(train).apply(train)
    assert done.x.tolist() == [[-0.5], [0.5]] and done.scale is None and done.num_classes == 2


def test_pca_is_the_svd_of_the_centred_inputs(images):
    train, test = images
    pca = data.PCA(5).fit(train)
    x = flat(train)
    _, values, rows = np.linalg.svd(x - x.mean(0))
    signs = np.sign(rows[np.arange(5), np.abs(rows[:5]).argmax(1)])[:, None]
    np.testing.assert_allclose(pca.variances, values[:5] ** 2 / 39, rtol=1e-8)
    np.testing.assert_allclose(pca.components, rows[:5] * signs, atol=1e-6)
    np.testing.assert_allclose(pca.apply(test).x, (flat(test) - x.mean(0)) @ pca.components.T, rtol=1e-5, atol=1e-5)


def test_whitening_makes_the_covariance_the_identity(images):
    train, _ = images
    for transform in (data.PCA(whiten=True, epsilon=0), data.ZCA(epsilon=0)):
        np.testing.assert_allclose(np.cov(flat(transform.fit(train).apply(train)).T), np.eye(24), atol=1e-3)


def test_zca_is_the_inverse_root_of_the_covariance(images):
    train, test = images
    done = data.ZCA(epsilon=0.1).fit(train).apply(test)
    x = flat(train)
    values, vectors = np.linalg.eigh(np.cov(x.T))
    root = vectors / np.sqrt(values + 0.1) @ vectors.T
    assert done.sample_shape == (3, 2, 4) and np.allclose(root, root.T)
    np.testing.assert_allclose(flat(done), (flat(test) - x.mean(0)) @ root, rtol=1e-4, atol=1e-4)


def test_directions_without_variance():
    train = data.ArrayDataset(np.random.default_rng(0).normal(size=(9, 2)) @ np.ones((2, 3)), role="train")
    with pytest.raises(DataError, match="varies in 1 directions only, of 3"):
        data.ZCA(epsilon=0).fit(train)
    assert np.isfinite(data.ZCA().fit(train).apply(train).x).all()


def test_a_pipeline_fits_each_step_to_what_comes_before(images):
    train, test = images
    done = data.Pipeline([data.Standardize(), data.PCA(4), data.MinMax()]).fit(train).apply(test)
    step = data.Standardize().fit(train)
    a, b = step.apply(train), step.apply(test)
    step = data.PCA(4).fit(a)
    a, b = step.apply(a), step.apply(b)
    assert np.array_equal(done.x, data.MinMax().fit(a).apply(b).x)


def test_one_hot():
    train = data.ArrayDataset(np.zeros((3, 1)), [2, 0, 1], role="train", name="t")
    done = data.OneHot().fit(train).apply(train)
    assert np.array_equal(done.y, np.eye(3, dtype=np.float32)[[2, 0, 1]]) and done.num_classes is None
    with pytest.raises(DataError, match=r"y\[1\] is 3; the training data has 3 classes"):
        data.OneHot().fit(train).apply(data.ArrayDataset(np.zeros((2, 1)), [0, 3]))


@pytest.mark.parametrize("role", ["validation", "test"])
def test_only_training_data_is_learned_from(role):
    other = data.ArrayDataset([[1.0], [2.0]], [0, 1], role=role)
    for transform in (data.Standardize(), data.PCA(), data.OneHot(), data.Pipeline([data.MinMax()])):
        with pytest.raises(DataError, match=f"was given {role} data; expected training data"):
            transform.fit(other)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: data.Standardize().apply(t), "has not been fitted"),
        (lambda t: data.Standardize().fit(t).apply(data.ArrayDataset(np.zeros((2, 3)))), r"shape \(2,\).*\(3,\)"),
        (lambda t: data.Standardize().fit(t.x), "given ndarray"),
        (lambda t: data.Standardize(per="pixel"), "per is 'pixel'"),
        (lambda t: data.Standardize(per="channel").fit(t), r"shape \(2,\); expected \(C, ...\)"),
        (lambda t: data.MinMax(1, 1), "low < high"),
        (lambda t: data.PCA(3).fit(t), "components is 3; expected at most 2"),
        (lambda t: data.PCA(0), "components is 0"),
        (lambda t: data.PCA().fit(t[:1]), "takes 2 or more"),
        (lambda t: data.ZCA(epsilon=-1), "epsilon is -1"),
        (lambda t: data.Pipeline([abs]), "expected a Transform"),
        (lambda t: data.OneHot().fit(t), "without labels"),
        (lambda t: data.MinMax().fit(data.ArrayDataset([[0.0, 1.0], [2.0, np.nan]])), r"x\[1, 1\] is nan"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(DataError, match=message):
        call(data.ArrayDataset([[1.0, 2.0], [3.0, 5.0]], role="train"))
