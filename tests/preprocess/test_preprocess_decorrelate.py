"""PCA and whitening against NumPy's decompositions in float64, and by what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore import data, preprocess
from nncore.errors import DataError
from nncore.preprocess import eigen


def flat(dataset):
    return dataset.x.reshape(len(dataset), -1).astype(np.float64)


def reference(x):
    """Variances, and components with the largest entry of each positive, by the SVD of the centred samples."""
    _, values, rows = np.linalg.svd(x - x.mean(0), full_matrices=False)
    rows = rows * np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(1)])[:, None]
    return values**2 / (len(x) - 1), rows


def falling(samples, features, seed=0, to=1e-3):
    """Samples whose variances fall from 1, in directions at random."""
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.normal(size=(features, features)))
    return rng.normal(size=(samples, features)) * np.geomspace(1, to, features) @ turned + rng.normal(size=features)


@pytest.mark.parametrize("solver", ["auto", "covariance", "svd"])
def test_pca_is_the_svd_of_the_centred_inputs(images, solver):
    train, test = images
    pca = preprocess.PCA(5, solver=solver).fit(train)
    x = flat(train)
    variances, rows = reference(x)
    np.testing.assert_allclose(pca.explained_variance_, variances[:5], rtol=1e-8)
    np.testing.assert_allclose(pca.explained_variance_ratio_, variances[:5] / variances.sum(), rtol=1e-8)
    np.testing.assert_allclose(pca.components_, rows[:5], atol=1e-6)
    np.testing.assert_allclose(
        pca.transform(test).x, (flat(test) - x.mean(0)) @ pca.components_.T, rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize(("samples", "features"), [(7, 20), (20, 20), (21, 20), (2, 3), (50, 1)])
def test_all_components_turn_and_turn_back(samples, features):
    x = falling(samples, features)
    pca = preprocess.PCA().fit(x)
    variances, _ = reference(x)
    assert pca.components_.shape == (min(samples, features), features)
    np.testing.assert_allclose(pca.components_ @ pca.components_.T, np.eye(min(samples, features)), atol=1e-12)
    np.testing.assert_allclose(pca.explained_variance_, variances, rtol=1e-8, atol=1e-15)
    assert (np.diff(pca.explained_variance_) <= 0).all() and abs(pca.explained_variance_ratio_.sum() - 1) < 1e-12
    np.testing.assert_allclose(pca.inverse_transform(pca.transform(x)), x, atol=1e-12)


def test_a_share_of_the_variance_takes_as_few_as_reach_it(images):
    train, _ = images
    shares = np.cumsum(reference(flat(train))[0])
    shares /= shares[-1]
    for share in (0.1, 0.5, 0.9, 0.999, 1 - 1e-16):
        pca = preprocess.PCA(share).fit(train)
        assert len(pca.components_) == min(24, int(np.searchsorted(shares, share)) + 1)


def test_randomized_finds_the_first_directions():
    x = falling(300, 80, to=1e-6)
    variances, rows = reference(x)
    pca = preprocess.PCA(6, solver="randomized").fit(x)
    np.testing.assert_allclose(pca.explained_variance_, variances[:6], rtol=1e-7)
    np.testing.assert_allclose(pca.explained_variance_ratio_, (variances / variances.sum())[:6], rtol=1e-7)
    np.testing.assert_allclose(pca.components_, rows[:6], atol=1e-4)
    again = preprocess.PCA(6, solver="randomized").fit(x)
    assert np.array_equal(again.components_, pca.components_), "the seed decides"
    other = preprocess.PCA(6, solver="randomized", seed=1, iterations=0, oversampling=0).fit(x)
    assert not np.allclose(other.components_, pca.components_, atol=1e-6)
    assert (other.explained_variance_ <= variances[:6] * (1 + 1e-12)).all(), "no projection holds more variance"


@pytest.mark.parametrize("shape", [(12, 40), (40, 12)])
def test_randomized_with_all_directions_is_exact(shape):
    x = falling(*shape)
    pca = preprocess.PCA(10, solver="randomized", oversampling=2).fit(x)
    np.testing.assert_allclose(pca.explained_variance_, reference(x)[0][:10], rtol=1e-8)


def test_the_singular_values_tell_apart_what_squares_lose():
    x = falling(200, 10, to=1e-11)
    variances, _ = reference(x)
    np.testing.assert_allclose(preprocess.PCA(solver="svd").fit(x).explained_variance_, variances, rtol=1e-4)


def test_whitening_makes_the_covariance_the_identity(images):
    train, _ = images
    x = flat(train)
    for transform in (preprocess.PCA(whiten=True, epsilon=0), preprocess.ZCA(epsilon=0)):
        np.testing.assert_allclose(np.cov(transform.fit_transform(x).T), np.eye(24), atol=1e-8)
        np.testing.assert_allclose(transform.inverse_transform(transform.transform(x)), x, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(np.cov(flat(transform.fit_transform(train)).T), np.eye(24), atol=1e-3)


def test_epsilon_is_added_to_the_variances(images):
    train, test = images
    variances, rows = reference(flat(train))
    centred = flat(test) - flat(train).mean(0)
    found = preprocess.PCA(3, whiten=True, epsilon=0.1).fit(flat(train)).transform(flat(test))
    np.testing.assert_allclose(found, centred @ rows[:3].T / np.sqrt(variances[:3] + 0.1), rtol=1e-6, atol=1e-6)
    values, vectors = np.linalg.eigh(np.cov(flat(train).T))
    root = vectors / np.sqrt(values + 0.1) @ vectors.T
    done = preprocess.ZCA(epsilon=0.1).fit(train).transform(test)
    assert done.sample_shape == (3, 2, 4)
    np.testing.assert_allclose(flat(done), centred @ root, rtol=1e-4, atol=1e-4)


def test_directions_without_variance():
    x = np.random.default_rng(0).normal(size=(9, 2)) @ np.ones((2, 3))
    for transform in (preprocess.ZCA(epsilon=0), preprocess.PCA(whiten=True, epsilon=0)):
        with pytest.raises(DataError, match="varies in 1 directions only, of 3"):
            transform.fit(x)
        with pytest.raises(DataError, match="does not vary at all"):
            transform.fit(np.ones((4, 3)))
        bounded = type(transform)(**{**transform.get_params(), "epsilon": 0.01}).fit(x)
        other = bounded.transform(x + np.array([1, -1, 0])) - bounded.transform(x)
        np.testing.assert_allclose(np.linalg.norm(other, axis=1), np.sqrt(2) / 0.1, rtol=1e-6)
        assert np.allclose(bounded.transform(np.ones((2, 3)) * x.mean(0)), 0)
    one = preprocess.PCA(1, whiten=True, epsilon=0).fit(x)
    assert abs(np.var(one.transform(x), ddof=1) - 1) < 1e-12
    assert preprocess.PCA().fit(np.ones((4, 3))).explained_variance_ratio_.tolist() == [0, 0, 0]


def test_fewer_samples_than_features_whiten_with_epsilon():
    x = np.random.default_rng(0).normal(size=(5, 8))
    with pytest.raises(DataError, match="varies in 4 directions only, of 5"):
        preprocess.PCA(whiten=True, epsilon=0).fit(x)
    np.testing.assert_allclose(
        np.cov(preprocess.PCA(4, whiten=True, epsilon=0).fit_transform(x).T), np.eye(4), atol=1e-9
    )
    white = preprocess.ZCA(epsilon=1e-9).fit_transform(x)
    np.testing.assert_allclose(np.linalg.eigvalsh(np.cov(white.T))[-4:], 1, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 30), st.integers(1, 12), st.integers(0, 1000))
def test_properties_of_any_shape(samples, features, seed):
    x = falling(samples, features, seed)
    pca = preprocess.PCA().fit(x)
    z = pca.transform(x)
    covariance = np.atleast_2d(np.cov(z.T))
    np.testing.assert_allclose(covariance, np.diag(pca.explained_variance_), atol=1e-12)
    assert abs(pca.explained_variance_.sum() - x.var(axis=0, ddof=1).sum()) < 1e-10
    signs = pca.components_[np.arange(len(pca.components_)), np.abs(pca.components_).argmax(1)]
    assert (signs > 0).all()
    zca = preprocess.ZCA(epsilon=1e-3).fit(x)
    np.testing.assert_allclose(zca.whitening_, zca.whitening_.T, atol=1e-10)
    np.testing.assert_allclose(zca.inverse_transform(zca.transform(x)), x, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: preprocess.PCA(3).fit(x), "n_components is 3; expected at most 2.* 4 samples of 2 features"),
        (lambda x: preprocess.PCA(2).fit(x[:2].repeat(2, 1)[:1]), "given 1 sample; a covariance takes 2 or more"),
        (lambda x: preprocess.PCA(3).fit(x[:2].repeat(2, 1)), "expected at most 2.* 2 samples of 4 features"),
        (lambda x: preprocess.ZCA().fit(x[:1]), "ZCA.fit was given 1 sample"),
        (lambda x: preprocess.PCA(0), "n_components is 0"),
        (lambda x: preprocess.PCA(1.0), "n_components is 1.0; expected .* a share of the variance between 0 and 1"),
        (lambda x: preprocess.PCA(True), "n_components is True"),
        (lambda x: preprocess.PCA("mle"), "n_components is 'mle'"),
        (lambda x: preprocess.PCA(solver="full"), "solver is 'full'; expected one of 'auto', 'covariance'"),
        (lambda x: preprocess.PCA(0.5, solver="randomized"), "n_components is 0.5 with solver='randomized'"),
        (lambda x: preprocess.PCA(solver="randomized"), "n_components is None with solver='randomized'"),
        (lambda x: preprocess.PCA(seed=-1), "seed is -1"),
        (lambda x: preprocess.PCA(whiten=True, epsilon=float("nan")), "epsilon is nan"),
        (lambda x: preprocess.ZCA(epsilon=-1), "epsilon is -1"),
        (lambda x: preprocess.ZCA(epsilon="small"), "epsilon is 'small'"),
        (lambda x: preprocess.PCA().fit(x * 1e200), "these samples are beyond float64"),
        (lambda x: preprocess.PCA(1, solver="svd").fit(x * 1e200), "these samples are beyond float64"),
        (lambda x: preprocess.PCA(1, solver="randomized").fit(x * 1e200), "these samples are beyond float64"),
        (lambda x: preprocess.ZCA().fit(x * 1e200), "these samples are beyond float64"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(DataError, match=message):
        call(np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0], [1.0, 0.0]]))


def test_images_of_a_data_set_come_back(images):
    train, test = images
    pca = preprocess.PCA(whiten=True).fit(train)
    back = pca.inverse_transform(pca.transform(test))
    assert isinstance(back, data.ArrayDataset) and back.sample_shape == (3, 2, 4) and back.role == "test"
    np.testing.assert_allclose(back.x, test.x, atol=1e-3)


@pytest.mark.parametrize("to", [0.1, 1e-4], ids=["large variances", "small ones"])
def test_float32_products_are_taken_where_they_are_good_enough(to, monkeypatch):
    x = falling(6000, 180, to=to).astype(np.float32)
    taken = []
    whole = eigen.by_covariance
    monkeypatch.setattr(eigen, "by_covariance", lambda s, *dtype: taken.append(dtype) or whole(s, *dtype))
    pca = preprocess.PCA(150).fit(x)
    variances, _ = reference(x.astype(np.float64))
    assert taken == [(np.float32,)] + [()] * (to < 0.1), "in float64 again where variances came out too small"
    np.testing.assert_allclose(pca.explained_variance_, variances[:150], rtol=1e-4 if to == 0.1 else 1e-9)
    assert abs(pca.explained_variance_ratio_.sum() - variances[:150].sum() / variances.sum()) < 1e-6
    taken.clear()
    for other in (preprocess.PCA(150, solver="covariance"), preprocess.PCA(5, whiten=True), preprocess.PCA(0.5)):
        other.fit(x)
    preprocess.PCA(5).fit(x.astype(np.float64))
    assert taken == [()] * 4
