"""Shifts, scales and one-hot rows against their formulas in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nncore as nc
from nncore import data, preprocess
from nncore.errors import DataError, InvalidValueError, NotFittedError

PER = [("feature", 0), ("pixel", 0), ("channel", (0, 2, 3)), ("all", (0, 1, 2, 3))]


@pytest.mark.parametrize(("per", "axes"), PER)
def test_formulas(images, per, axes):
    train, test = images
    x, other = train.x.astype(np.float64), test.x.astype(np.float64)
    mean, std = x.mean(axes, keepdims=True), x.std(axes, keepdims=True)
    low, high = x.min(axes, keepdims=True), x.max(axes, keepdims=True)
    for transform, expected in (
        (preprocess.MeanSubtraction(per=per), other - mean),
        (preprocess.Standardize(per=per), (other - mean) / std),
        (preprocess.MinMax(per=per), 2 * (other - low) / (high - low) - 1),
        (preprocess.MinMax(-1, 3, per=per), -1 + (other - low) / (high - low) * 4),
    ):
        done = transform.fit(train).transform(test)
        np.testing.assert_allclose(done.x, expected, rtol=1e-6, atol=1e-6)
        assert done.x.dtype == np.float32 and done.role == "test" and np.array_equal(test.x, other.astype(np.float32))
        back = transform.inverse_transform(done)
        assert isinstance(back, data.ArrayDataset)
        np.testing.assert_allclose(back.x, other, rtol=1e-5, atol=1e-5)


def test_imagenets_numbers():
    x = np.random.default_rng(0).random((2, 3, 4, 5))
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    expected = (x - mean[:, None, None]) / std[:, None, None]
    normalize = preprocess.Normalize()
    np.testing.assert_allclose(normalize.transform(x), expected, rtol=1e-13)
    np.testing.assert_allclose(normalize.inverse_transform(expected), x, rtol=1e-13)
    assert normalize.fit(x) is normalize
    np.testing.assert_allclose(preprocess.Normalize(0.5, [0.5]).transform([[0.0], [1.0]]), [[-1], [1]])


def test_constant_features_are_not_blown_up():
    x = np.stack([np.full(7, 0.1), np.arange(7.0)], axis=1)
    standardize = preprocess.Standardize().fit(x)
    assert standardize.scale_[0] == 1 and standardize.transform(x)[:, 0].tolist() == [0] * 7
    assert standardize.transform([[1.1, 3.0]]).tolist() == [[1.0, 0.0]]
    assert preprocess.MinMax(2, 3).fit_transform(x)[:, 0].tolist() == [2] * 7
    assert standardize.inverse_transform(standardize.transform(x))[:, 0].tolist() == [0.1] * 7


def test_pixels_with_a_scale():
    train = data.ArrayDataset(np.array([[0], [255]], np.uint8), [0, 1], scale=255, role="train")
    done = preprocess.MeanSubtraction().fit_transform(train)
    assert done.x.tolist() == [[-0.5], [0.5]] and done.scale is None and done.num_classes == 2


@pytest.mark.parametrize(
    ("given", "expected"), [("float32", "float32"), ("float64", "float64"), ("uint8", "float32"), ("int64", "float32")]
)
def test_arrays_and_tensors_come_out_as_what_they_were(given, expected):
    x = np.array([[1, 5], [3, 9]], dtype=given)
    kept = x.copy()
    done = preprocess.Standardize().fit(x).transform(x)
    assert type(done) is np.ndarray and done.dtype == expected and done.tolist() == [[-1, -1], [1, 1]]
    tensor = preprocess.Standardize().fit_transform(nc.from_numpy(x))
    assert isinstance(tensor, nc.Tensor) and tensor.dtype.name == expected and tensor.tolist() == done.tolist()
    assert np.array_equal(x, kept), "the samples themselves were changed"


def test_no_samples_are_transformed_to_none():
    pca = preprocess.PCA(1).fit([[1.0, 2.0], [3.0, 5.0]])
    assert pca.transform(np.zeros((0, 2))).shape == (0, 1) and pca.inverse_transform(np.zeros((0, 1))).shape == (0, 2)


FINITE = st.floats(-1e6, 1e6, allow_subnormal=False)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=6), elements=FINITE))
def test_properties_of_any_samples(x):
    per = "channel" if x.ndim > 2 else "feature"
    axes = (0, 2) if x.ndim > 2 else (0,)
    scale = np.abs(x).max(initial=1.0)
    for transform in (preprocess.MeanSubtraction(per=per), preprocess.Standardize(per=per), preprocess.MinMax(per=per)):
        z = transform.fit_transform(x)
        np.testing.assert_allclose(transform.inverse_transform(z), x, rtol=1e-9, atol=1e-9 * scale)
        if isinstance(transform, preprocess.MinMax):
            assert z.min() >= -1 - 1e-9 and z.max() <= 1 + 1e-9
            continue
        assert (
            np.abs(transform.transform(x).mean(axes) * getattr(transform, "scale_", np.ones(1)).ravel()).max()
            <= 1e-9 * scale
        )
        if isinstance(transform, preprocess.Standardize):
            # Where the deviation is but rounding, dividing by it gives no exact 1.
            wide = x.std(axes) > 1e-6 * scale
            np.testing.assert_allclose(z.std(axes)[wide], 1, rtol=1e-6)


def test_one_hot():
    train = data.ArrayDataset(np.zeros((3, 1)), [2, 0, 1], role="train", name="t")
    one_hot = preprocess.OneHot()
    done = one_hot.fit_transform(train)
    assert np.array_equal(done.y, np.eye(3, dtype=np.float32)[[2, 0, 1]]) and done.num_classes is None
    back = one_hot.inverse_transform(done)
    assert back.y.tolist() == [2, 0, 1] and back.num_classes == 3 and back.role == "train"
    assert one_hot.transform(nc.tensor([1])).tolist() == [[0, 1, 0]]
    assert preprocess.OneHot(4).fit([1, 0]).transform([3]).tolist() == [[0, 0, 0, 1]]
    with pytest.raises(DataError, match=r"y\[1\] = 3; the training data has 3 classes"):
        one_hot.transform(data.ArrayDataset(np.zeros((2, 1)), [0, 3]))
    with pytest.raises(DataError, match=r"rows of shape \(2, 2\); expected \(N, 3\)"):
        one_hot.inverse_transform(np.eye(2))
    with pytest.raises(DataError, match="3 classes; expected at most 2"):
        preprocess.OneHot(2).fit(train)
    for call in (one_hot.fit, one_hot.transform):
        with pytest.raises(DataError, match="without labels"):
            call(data.ArrayDataset(np.zeros((2, 1))))


NAN = np.array([[0.0, 1.0], [2.0, np.nan]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: preprocess.Standardize(per="row"), "per is 'row'; expected 'feature', 'pixel', 'channel' or 'all'"),
        (lambda t: preprocess.Standardize(per="channel").fit(t), r"shape \(2,\); expected \(C, ...\)"),
        (lambda t: preprocess.Standardize(per="pixel").fit(t), r"shape \(2,\); expected images \(C, H, W\)"),
        (lambda t: preprocess.MinMax(1, 1), "low is 1 and high is 1; expected .*low < high"),
        (lambda t: preprocess.MinMax("a", 1), "low is 'a'"),
        (lambda t: preprocess.MinMax(0, np.inf), "high is inf"),
        (lambda t: preprocess.MinMax().fit(NAN), r"MinMax.fit was given x\[1, 1\] = nan; expected finite"),
        (
            lambda t: preprocess.Standardize().fit(t).transform(-NAN / 0),
            r"Standardize.transform was given x\[0, 0\] = nan",
        ),
        (lambda t: preprocess.Standardize().fit([[1e200], [-1e200]]), "scale_ of these samples is beyond float64.*inf"),
        (lambda t: preprocess.MinMax().fit([[1.7e308], [-1.7e308]]), "max - min .* beyond float64"),
        (lambda t: preprocess.Standardize().fit(np.zeros((0, 2))), "given no samples"),
        (lambda t: preprocess.Standardize().fit(3.0), "single value"),
        (lambda t: preprocess.Standardize().fit([["a"]]), "holds strings; expected numbers"),
        (lambda t: preprocess.Standardize().fit("digits"), "given str; expected a data set, an array or a tensor"),
        (lambda t: preprocess.Normalize(std=0), "std is 0; expected .* above 0"),
        (lambda t: preprocess.Normalize([1, 2], [1, 2, 3]), "as many of each as channels"),
        (lambda t: preprocess.Normalize([1, 2], "b"), "a number for each channel"),
        (lambda t: preprocess.Normalize().transform(t), r"3 channels, and was given samples of shape \(2,\)"),
        (lambda t: preprocess.Normalize().fit(t), r"3 channels, and was given samples of shape \(2,\)"),
        (lambda t: preprocess.OneHot(0), "num_classes is 0"),
        (lambda t: preprocess.OneHot().fit([0.5]), "not a whole number"),
        (
            lambda t: preprocess.Standardize().fit(t).transform(np.zeros((4, 3))),
            r"Standardize was fitted to samples of shape \(2,\) \(2 features\), and was given 4 of shape \(3,\)",
        ),
        (
            lambda t: preprocess.PCA(1).fit(t).inverse_transform(np.zeros((4, 2))),
            r"PCA makes samples of shape \(1,\) \(1 features\), and was given 4 of shape \(2,\)",
        ),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(DataError, match=message), np.errstate(divide="ignore", invalid="ignore"):
        call(data.ArrayDataset([[1.0, 2.0], [3.0, 5.0]], role="train"))


def test_before_fit():
    x = np.zeros((2, 2))
    for transform in (preprocess.Standardize(), preprocess.PCA(), preprocess.OneHot(), preprocess.Pipeline(["zca"])):
        for method in ("transform", "inverse_transform"):
            with pytest.raises(NotFittedError, match=f"{type(transform).__name__}.{method} was called before fit"):
                getattr(transform, method)(x)
        with pytest.raises(NotFittedError):
            transform.state()


def test_a_fit_that_fails_leaves_what_was_learned():
    scaler = preprocess.Standardize().fit([[1.0], [3.0]])
    with pytest.raises(DataError):
        scaler.fit([[1.0], [np.inf]])
    assert scaler.transform([[3.0]]).tolist() == [[1.0]]


class Halved(preprocess.Transform):
    """One way only."""

    def __init__(self, by=2):
        self.by = by

    def learn(self, samples):
        return {}

    def change(self, x):
        return x / self.by


def test_a_transform_of_ones_own():
    halved = Halved().fit([[4.0]])
    assert halved.transform([[4.0]]).tolist() == [[2.0]]
    with pytest.raises(InvalidValueError, match="Halved has no inverse"):
        halved.inverse_transform([[4.0]])
    assert halved.get_params() == {"by": 2} and repr(halved) == "Halved()" and repr(Halved(4)) == "Halved(by=4)"
    assert halved.set_params(by=4).transform([[4.0]]).tolist() == [[1.0]]
    with pytest.raises(InvalidValueError, match="Halved has no argument 'to'; it has: by"):
        halved.set_params(to=1)
    with pytest.raises(DataError, match="epsilon is -1"):
        preprocess.ZCA().set_params(epsilon=-1)
