"""Norms, attention and resampling beyond the samples: what they promise whatever the numbers are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nncore as nn
from nncore import _core as nc
from nncore.errors import NNCoreError

Array = np.ndarray[Any, Any]


def normal(*shape: int, seed: int = 0, dtype: Any = np.float64) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_normalized_rows_have_mean_0_and_variance_1(offset: float) -> None:
    x = normal(64, 300, dtype=np.float32) + np.float32(offset)
    y = nc.ops.layer_norm(nc.tensor(x), (300,), eps=0.0).numpy().astype(np.float64)
    # float32 rounds numbers near 1e4 at 1e-3, but the statistics are those of what came out.
    np.testing.assert_allclose(y.mean(1), 0, atol=1e-5 + offset * 2e-7)
    np.testing.assert_allclose(y.var(1), 1, rtol=1e-4)


def test_a_group_of_all_channels_is_a_row_and_a_group_of_one_an_instance() -> None:
    x = nc.tensor(normal(3, 4, 5, 6))
    rows = nc.ops.layer_norm(x, (4, 5, 6))
    np.testing.assert_allclose(nc.ops.group_norm(x, 1).numpy(), rows.numpy(), rtol=1e-12, atol=1e-12)
    alone = nc.ops.instance_norm(x)
    np.testing.assert_allclose(nc.ops.group_norm(x, 4).numpy(), alone.numpy(), rtol=1e-12, atol=1e-12)


def test_group_norm_keeps_the_order_of_memory() -> None:
    x = nc.tensor(normal(2, 6, 3, 4, dtype=np.float32))
    last = nc.ops.copy(x, "channels_last")
    y = nc.ops.group_norm(last, 3)
    assert y.strides == last.strides != nc.ops.group_norm(x, 3).strides
    np.testing.assert_allclose(y.numpy(), nc.ops.group_norm(x, 3).numpy(), rtol=1e-5, atol=1e-6)


def test_instance_norm_follows_means_and_unbiased_variances() -> None:
    x = normal(5, 3, 7)
    mean, var = nc.tensor(np.zeros(3)), nc.tensor(np.ones(3))
    nc.ops.instance_norm(nc.tensor(x), mean, var, momentum=0.25)
    np.testing.assert_allclose(mean.numpy(), 0.25 * x.mean(2).mean(0), rtol=1e-12)
    np.testing.assert_allclose(var.numpy(), 0.75 + 0.25 * x.var(2, ddof=1).mean(0), rtol=1e-12)


def test_a_momentum_of_none_averages_all_batches() -> None:
    mean, var = nc.tensor(np.zeros(3)), nc.tensor(np.ones(3))
    batches = [normal(8, 3, seed=seed) for seed in range(4)]
    for count, x in enumerate(batches, 1):
        nc.ops.batch_norm(nc.tensor(x), mean, var, None, None, True, None, num_batches_tracked=nc.tensor(count))
    np.testing.assert_allclose(mean.numpy(), np.mean([x.mean(0) for x in batches], 0), rtol=1e-12)
    np.testing.assert_allclose(var.numpy(), np.mean([x.var(0, ddof=1) for x in batches], 0), rtol=1e-12)


def test_a_captured_average_counts_on() -> None:
    mean, var = nc.tensor(np.zeros(2)), nc.tensor(np.ones(2))

    def step(x: nc.Tensor, count: nc.Tensor) -> nc.Tensor:
        return nc.ops.batch_norm(x, mean, var, None, None, True, None, num_batches_tracked=count)

    captured = nn.capture(step)
    batches = [normal(8, 2, seed=seed) for seed in range(5)]
    for count, x in enumerate(batches, 1):
        captured(nc.tensor(x), nc.tensor(count))
    np.testing.assert_allclose(mean.numpy(), np.mean([x.mean(0) for x in batches], 0), rtol=1e-12)


def test_responses_of_alexnet_take_the_sum() -> None:
    x = normal(1, 96, 3, 3, dtype=np.float32)
    paper = nc.ops.local_response_norm(nc.tensor(x), 5, 1e-4, 0.75, 2.0, average=False).numpy()
    torch = nc.ops.local_response_norm(nc.tensor(x), 5, 5e-4, 0.75, 2.0).numpy()
    np.testing.assert_allclose(paper, torch, rtol=1e-6)


@pytest.mark.parametrize(("queries", "keys"), [(1, 1), (130, 520), (257, 90)])
@pytest.mark.parametrize("kind", ["plain", "causal", "bool", "added"])
def test_attention_over_several_blocks(queries: int, keys: int, kind: str) -> None:
    q, k, v = (normal(2, 3, n, 8, seed=n, dtype=np.float32) for n in (queries, keys, keys))
    scores = q.astype(np.float64) @ k.astype(np.float64).swapaxes(-1, -2) / np.sqrt(8)
    mask: Any = None
    if kind == "causal":
        scores = np.where(np.tril(np.ones((queries, keys), bool)), scores, -np.inf)
    if kind == "bool":
        mask = normal(2, 1, queries, keys, seed=5) > 0
        mask[..., 0] = True
        scores = np.where(mask, scores, -np.inf)
    if kind == "added":
        mask = normal(queries, keys, seed=5, dtype=np.float32)
        scores = scores + mask
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    want = weights / weights.sum(-1, keepdims=True) @ v
    given = None if mask is None else nc.tensor(mask)
    got = nc.ops.scaled_dot_product_attention(*map(nc.tensor, (q, k, v)), given, is_causal=kind == "causal")
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-5, atol=1e-6)


def test_a_query_that_sees_nothing_gets_zeros_and_gives_no_gradient() -> None:
    mask = np.ones((3, 4), bool)
    mask[1] = False
    leaves = [nc.tensor(normal(n, 2, seed=n), requires_grad=True) for n in (3, 4, 4)]
    y = nc.ops.scaled_dot_product_attention(*leaves, nc.tensor(mask))
    shown = y.detach().numpy()
    assert (shown[1] == 0).all() and (shown[0] != 0).all()
    y.sum().backward()
    assert (leaves[0].grad.numpy()[1] == 0).all()
    assert all(np.isfinite(t.grad.numpy()).all() for t in leaves)


def test_a_mask_may_be_learned() -> None:
    q, k, v = (nc.tensor(normal(n, 2, seed=n)) for n in (3, 4, 4))
    bias = nc.tensor(normal(3, 4), requires_grad=True)
    nc.ops.scaled_dot_product_attention(q, k, v, bias).sum().backward()
    step = 1e-6
    for at in [(0, 0), (2, 3)]:
        sides = []
        for sign in (1, -1):
            moved = bias.detach().numpy().copy()
            moved[at] += sign * step
            sides.append(nc.ops.scaled_dot_product_attention(q, k, v, nc.tensor(moved)).sum().item())
        assert abs(bias.grad.numpy()[at] - (sides[0] - sides[1]) / (2 * step)) < 1e-7


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_a_plane_stays_a_plane(mode: str) -> None:
    h, w = np.arange(6.0)[:, None], np.arange(5.0)
    plane = (2 * h - 3 * w + 1)[None, None]
    got = nc.ops.interpolate(nc.tensor(plane), (11, 9), mode=mode, align_corners=True).numpy()[0, 0]
    want = 2 * np.linspace(0, 5, 11)[:, None] - 3 * np.linspace(0, 4, 9) + 1
    inner = (
        (slice(4, -4), slice(4, -4)) if mode == "bicubic" else (slice(None), slice(None))
    )  # taps past the edge repeat it
    np.testing.assert_allclose(got[inner], want[inner], atol=1e-12)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic", "area"])
def test_a_constant_stays_itself_in_either_order(mode: str) -> None:
    x = nc.tensor(np.full((2, 3, 5, 4), 1.5, np.float32))
    np.testing.assert_allclose(nc.ops.interpolate(x, (7, 3), mode=mode).numpy(), 1.5, rtol=1e-6)
    y = nc.tensor(normal(2, 3, 5, 4, dtype=np.float32))
    rows, last = (nc.ops.interpolate(t, (7, 3), mode=mode).numpy() for t in (y, nc.ops.copy(y, "channels_last")))
    np.testing.assert_allclose(rows, last, rtol=1e-5, atol=1e-6)


def test_factors_may_differ() -> None:
    x = nc.tensor(np.arange(6.0).reshape(1, 1, 2, 3))
    y = nc.ops.interpolate(x, scale_factor=(2, 1.0))
    np.testing.assert_array_equal(y.numpy(), np.repeat(x.numpy(), 2, 2))
    with pytest.raises(TypeError, match="scale_factor"):
        nc.ops.interpolate(x, scale_factor="2")
    with pytest.raises(NNCoreError, match="antialias"):
        nc.ops.interpolate(x, 4, mode="bilinear", antialias=True)


def test_pixels_come_back() -> None:
    x = nc.tensor(normal(2, 8, 3, 5))
    y = nc.ops.pixel_shuffle(x, 2)
    assert y.shape == (2, 2, 6, 10)
    np.testing.assert_array_equal(nc.ops.pixel_unshuffle(y, 2).numpy(), x.numpy())
