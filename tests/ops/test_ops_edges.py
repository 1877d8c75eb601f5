"""Edges that no reference reaches: nothing to sum, numbers beyond the machine, NaN that must not vanish."""

from __future__ import annotations

import numpy as np
import pytest

import nncore as nc
from nncore import nn, ops
from nncore.errors import InvalidValueError, NNCoreError, ShapeError

NAN = float("nan")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_convolutions_without_channels_give_the_bias(dtype: str) -> None:
    x, w = nc.zeros((1, 0, 8, 8), dtype=dtype), nc.zeros((3, 0, 3, 3), dtype=dtype)
    x.requires_grad_(True)
    w.requires_grad_(True)
    y = ops.conv2d(x, w, nc.tensor([1.0, 2.0, 3.0], dtype=dtype))
    assert y.shape == (1, 3, 6, 6)
    np.testing.assert_array_equal(y.detach().numpy()[0, :, 5, 0], [1, 2, 3])
    y.sum().backward()
    assert x.grad is not None and x.grad.shape == x.shape
    assert ops.conv_transpose1d(nc.zeros((3, 0, 6), dtype=dtype), nc.zeros((0, 1, 4), dtype=dtype)).shape == (3, 1, 9)
    # No image: the gradient of the weights is a sum of nothing.
    w = nc.ones((2, 1, 3, 3), dtype=dtype, requires_grad=True)
    ops.conv2d(nc.zeros((0, 1, 5, 5), dtype=dtype), w).sum().backward()
    assert w.grad is not None
    np.testing.assert_array_equal(w.grad.numpy(), np.zeros((2, 1, 3, 3)))


def test_maxima_of_no_channels_have_no_places() -> None:
    y, places = ops.max_pool2d(nc.zeros((2, 0, 4, 4)), 2, return_indices=True)
    assert y.shape == places.shape == (2, 0, 2, 2)
    assert ops.adaptive_max_pool1d(nc.zeros((2, 0, 4)), 1, return_indices=True)[1].shape == (2, 0, 1)


def test_numbers_beyond_the_machine_are_refused_or_harmless() -> None:
    with pytest.raises(NNCoreError):
        ops.one_hot(nc.tensor([2**63 - 1]))
    with pytest.raises(ShapeError, match="below 2"):
        ops.pixel_shuffle(nc.ones((1, 4, 2, 2)), 2**32)
    assert ops.diagonal(nc.ones((4, 4)), -(2**63)).shape == (0,)
    with pytest.raises(InvalidValueError, match="below 2"):
        ops.local_response_norm(nc.ones((2, 4, 4)), 2**62)
    x = nc.tensor(np.random.default_rng(0).standard_normal((2, 3, 4)))
    wide = ops.local_response_norm(x, 2**30, alpha=1.0, average=False)
    np.testing.assert_array_equal(wide.numpy(), ops.local_response_norm(x, 7, alpha=1.0, average=False).numpy())


def test_a_crop_takes_no_more_than_there_is() -> None:
    x = nc.tensor([0.0, 1.0, 2.0, 3.0])
    for pad in ([-6, 5], [5, -6], [-9, 8], [-3, -2]):
        with pytest.raises(ShapeError, match="can not be cropped"):
            ops.pad(x, pad)
    np.testing.assert_array_equal(ops.pad(x, [-4, 2]).numpy(), [0, 0])


def test_nan_does_not_become_a_number() -> None:
    assert np.isnan(ops.normalize(nc.tensor([[NAN, 3.0, 4.0]])).numpy()).all()
    assert np.isnan(ops.normalize(nc.tensor([[NAN, 3.0, 4.0]]), p=1.0).numpy()).all()
    for p in (1.0, 2.0, 3.0):
        assert np.isnan(ops.pairwise_distance(nc.tensor([NAN, 1.0, 2.0]), nc.ones(3), p=p).item())


def test_an_empty_batch_leaves_the_running_statistics() -> None:
    norm = nn.BatchNorm1d(3)
    norm(nc.zeros((0, 3)))
    np.testing.assert_array_equal(norm.running_mean.numpy(), [0, 0, 0])
    np.testing.assert_array_equal(norm.running_var.numpy(), [1, 1, 1])


@pytest.mark.parametrize("learned", [False, True])
def test_a_query_that_sees_nothing_has_no_gradient(learned: bool) -> None:
    q, k, v = (nc.ones((n, 2), requires_grad=True) for n in (2, 3, 3))
    mask = nc.tensor([[-np.inf], [0.0]], requires_grad=learned)
    ops.scaled_dot_product_attention(q, k, v, mask).sum().backward()
    for t in (q, k, v, *([mask] if learned else [])):
        assert t.grad is not None and np.isfinite(t.grad.numpy()).all()
    np.testing.assert_allclose(v.grad.numpy(), np.full((3, 2), 1 / 3), rtol=1e-6)
