"""Random draws have a distribution instead of values: they are functions of the generator's state, and count themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncore import _core as nc
from nncore import ops
from nncore.errors import NNCoreError


def generator(seed: int = 3, draws: int = 0) -> nc.Tensor:
    """A generator's state: the seed, and how many draws it has made."""
    return nc.tensor(np.array([seed, draws]))


def drop(x: Any, state: nc.Tensor, **options: Any) -> np.ndarray[Any, Any]:
    return nc.ops.random_dropout(nc.tensor(x), state, **options).numpy()


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_what_is_kept_is_scaled_and_how_much_is_kept_is_chance(p: float) -> None:
    x = np.linspace(1, 2, 40_000)
    y = drop(x, generator(), p=p)
    kept = y != 0
    np.testing.assert_allclose(y[kept], x[kept] / (1 - p), rtol=1e-12)
    # Five standard deviations of a binomial: one run in two million would fail, and the seed is fixed.
    assert abs(kept.mean() - (1 - p)) <= 5 * np.sqrt(p * (1 - p) / x.size)


def test_neighbours_are_dropped_independently() -> None:
    kept = drop(np.ones(40_000), generator(), p=0.5) != 0
    both = (kept[1:] & kept[:-1]).mean()
    assert abs(both - 0.25) < 5 * np.sqrt(0.25 * 0.75 / kept.size) * 1.5  # pairs overlap, so they count for less


def test_each_call_counts_one_draw_and_draws_anew() -> None:
    state, x = generator(), np.ones(256)
    first, second = drop(x, state), drop(x, state)
    assert state.numpy().tolist() == [3, 2]
    assert not np.array_equal(first, second)
    # The second draw is a function of the state alone.
    np.testing.assert_array_equal(drop(x, generator(draws=1)), second)
    assert not np.array_equal(drop(x, generator(seed=4)), first)


def test_nothing_is_dropped_outside_training() -> None:
    x, state = np.arange(12.0).reshape(3, 4), generator()
    np.testing.assert_array_equal(drop(x, state, training=False), x)
    assert state.numpy().tolist() == [3, 0]


def test_the_gradient_passes_where_the_value_did() -> None:
    x = nc.tensor(np.ones(500), requires_grad=True)
    y = nc.ops.random_dropout(x, generator(), p=0.3)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), y.detach().numpy(), rtol=1e-12)


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5, float("nan")])
def test_other_probabilities_are_refused(p: float) -> None:
    with pytest.raises(NNCoreError, match="p"):
        drop(np.ones(3), generator(), p=p)


def channels(y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """For each channel of each sample the one value it holds where ones went in."""
    flat = y.reshape(*y.shape[:2], -1)
    assert (flat == flat[..., :1]).all(), "a channel is dropped as a whole"
    return flat[..., 0]


@pytest.mark.parametrize(
    ("name", "shape"), [("dropout1d", (300, 40, 3)), ("dropout2d", (300, 40, 2, 2)), ("dropout3d", (300, 40, 2, 1, 2))]
)
def test_channels_are_dropped_as_a_whole(name: str, shape: tuple[int, ...]) -> None:
    function = getattr(ops, name)
    kept = channels(function(nc.tensor(np.ones(shape)), 0.3, generator=generator()).numpy())
    np.testing.assert_allclose(np.unique(kept), [0, 1 / 0.7])
    assert abs((kept != 0).mean() - 0.7) < 5 * np.sqrt(0.21 / kept.size)
    x = nc.tensor(np.ones(shape), requires_grad=True)
    y = function(x, 0.3, generator=generator())
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), y.detach().numpy())


def test_one_sample_may_lack_the_batch() -> None:
    y = ops.dropout1d(nc.tensor(np.ones((1000, 4))), 0.5, generator=generator()).numpy()
    assert (y == y[:, :1]).all() and 400 < (y[:, 0] != 0).sum() < 600
    with pytest.raises(NNCoreError, match="dropout3d"):
        ops.dropout3d(nc.tensor(np.ones((3, 4))))


@pytest.mark.parametrize("features", [False, True])
def test_alpha_dropout_keeps_mean_and_variance(features: bool) -> None:
    function = ops.feature_alpha_dropout if features else ops.alpha_dropout
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2000, 100, 1))
    y = function(nc.tensor(x), 0.2, training=True, generator=generator()).numpy()
    # 200,000 numbers of variance 1: five standard errors of either.
    assert abs(y.mean()) < 5 / np.sqrt(y.size) and abs(y.var() - 1) < 5 * np.sqrt(4 / y.size)
    np.testing.assert_array_equal(function(nc.tensor(x)).numpy(), x)


def test_alpha_dropout_drops_to_the_limit_of_selu() -> None:
    p, limit = 0.25, -1.7580993408473766
    a = ((1 - p) * (1 + p * limit**2)) ** -0.5
    b = -a * p * limit
    y = ops.alpha_dropout(nc.tensor(np.full(50_000, 3.0)), p, training=True, generator=generator()).numpy()
    np.testing.assert_allclose(np.unique(y), sorted([a * limit + b, 3 * a + b]), rtol=1e-12)
    assert abs((y < 0).mean() - p) < 5 * np.sqrt(p * (1 - p) / y.size)


@pytest.mark.parametrize("hard", [False, True])
def test_gumbel_draws_follow_the_logits(hard: bool) -> None:
    p = np.array([0.1, 0.2, 0.7])
    logits = nc.tensor(np.tile(np.log(p), (40_000, 1)))
    y = ops.gumbel_softmax(logits, tau=0.5, hard=hard, generator=generator()).numpy()
    np.testing.assert_allclose(y.sum(1), 1, rtol=1e-12)
    share = np.bincount(y.argmax(1), minlength=3) / len(y)
    assert (np.abs(share - p) < 5 * np.sqrt(p * (1 - p) / len(y))).all()
    if hard:
        assert set(np.unique(y.round(12))) == {0, 1}


def test_a_hard_draw_has_the_slopes_of_the_soft_one() -> None:
    rng = np.random.default_rng(1)
    values, weights = rng.standard_normal((4, 5)), nc.tensor(rng.standard_normal((4, 5)))
    grads = []
    for hard in (False, True):
        x = nc.tensor(values, requires_grad=True)
        (ops.gumbel_softmax(x, hard=hard, generator=generator()) * weights).sum().backward()
        grads.append(x.grad.numpy())
    np.testing.assert_allclose(grads[0], grads[1], rtol=1e-12)


def test_attention_drops_weights() -> None:
    # Keys that are all alike give equal weights, and values of the unit matrix show them.
    q, k = nc.tensor(np.ones((50, 4))), nc.tensor(np.ones((40, 4)))
    state = generator()
    y = ops.scaled_dot_product_attention(q, k, nc.tensor(np.eye(40)), dropout_p=0.3, generator=state).numpy()
    np.testing.assert_allclose(np.unique(y.round(12)), [0, round(1 / 40 / 0.7, 12)])
    assert abs((y != 0).mean() - 0.7) < 5 * np.sqrt(0.21 / y.size)
    assert state.numpy().tolist() == [3, 1]
    with pytest.raises(NNCoreError, match="generator"):
        nc.ops.scaled_dot_product_attention(q, k, k, dropout_p=0.3)
