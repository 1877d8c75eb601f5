"""Random draws follow their distributions: Kolmogorov and Smirnov's test, chi-square, and exact facts.

Seeds are fixed, so a test passes or fails for good; its threshold is what a fair draw exceeds once in a million times.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from nncore import _core as nc
from nncore.errors import GradientError, InvalidValueError, NNCoreError

Array = np.ndarray[Any, Any]
RARE = 1e-6
SIZE = 50_000


def fits(values: Array, cdf: Callable[[float], float]) -> None:
    """Is the largest gap to the distribution's function one that chance explains (Massart's bound)?"""
    x = np.sort(values.astype(np.float64).ravel())
    at = np.array([cdf(v) for v in x])
    n = len(x)
    gap = max((np.arange(1, n + 1) / n - at).max(), (at - np.arange(n) / n).max())
    assert gap < math.sqrt(math.log(2 / RARE) / (2 * n))


def chances_fit(counts: Any, expected: Any = None) -> None:
    """Pearson's chi-square below its quantile (Wilson and Hilferty's approximation)."""
    seen = np.asarray(counts, np.float64)
    want = np.full(len(seen), seen.mean()) if expected is None else np.asarray(expected, np.float64)
    free, z = len(seen) - 1, NormalDist().inv_cdf(1 - RARE)
    limit = free * (1 - 2 / (9 * free) + z * math.sqrt(2 / (9 * free))) ** 3
    assert ((seen - want) ** 2 / want).sum() < limit


def normal(x: float) -> float:
    """The normal distribution's function, precise in both tails."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def drawn(dtype: str = "float32", seed: int = 7) -> tuple[nc.Tensor, nc.Tensor]:
    return nc.empty(SIZE, dtype=dtype), nc.generator(seed)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_continuous_draws_follow_their_distributions(dtype: str) -> None:
    x, g = drawn(dtype)
    fits(x.uniform_(-1.0, 3.0, generator=g).numpy(), lambda v: (v + 1) / 4)
    fits(x.normal_(2.0, 0.5, generator=g).numpy(), lambda v: normal((v - 2) / 0.5))
    fits(x.exponential_(2.5, generator=g).numpy(), lambda v: -math.expm1(-2.5 * v))
    assert g.tolist() == [7, 3]


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [
        (0.0, 1.0, -2.0, 2.0),
        (1.0, 0.5, 1.2, 4.0),
        (0.0, 1.0, 8.0, 9.0),
        (0.0, 1.0, -9.0, -8.0),
        (0.0, 3.0, 1.0, math.inf),
    ],
)
def test_truncated_normal_draws_lie_inside_and_pile_up_nowhere(mean: float, std: float, a: float, b: float) -> None:
    x, g = drawn("float64")
    y = x.trunc_normal_(mean, std, a, b, generator=g).numpy()
    assert y.min() >= a and y.max() <= b
    assert ((y == a) | (y == b)).sum() == 0
    # Mirrored where the upper tail would lose its digits.
    sign = -1.0 if a > mean else 1.0
    low, high = sorted(sign * (end - mean) / std for end in (a, b))
    mass = normal(high) - normal(low)
    fits(sign * (y - mean) / std, lambda v: (normal(v) - normal(low)) / mass)


def test_the_quantile_behind_a_truncated_draw_is_precise() -> None:
    # The same bits behind an exponential draw give the uniform number whose quantile a draw of the whole line is.
    x = nc.empty(4096, dtype="float64").trunc_normal_(0.0, 1.0, -math.inf, math.inf, generator=nc.generator(1)).numpy()
    u = np.exp(-nc.empty(4096, dtype="float64").exponential_(generator=nc.generator(1)).numpy())
    np.testing.assert_allclose([normal(v) for v in x], u, rtol=1e-12)
    tail = nc.empty(4096, dtype="float64").trunc_normal_(0.0, 1.0, -37.0, -30.0, generator=nc.generator(1)).numpy()
    low, high = normal(-37.0), normal(-30.0)
    np.testing.assert_allclose([normal(v) for v in tail], low + u * (high - low), rtol=1e-9)


@pytest.mark.parametrize(("low", "high"), [(0, 10), (-3, 4), (5, 6), (0, 1000)])
def test_integers_are_uniform(low: int, high: int) -> None:
    y = nc.randint(low, high, (SIZE,), generator=nc.generator(3)).numpy()
    assert y.dtype == np.int64 and y.min() >= low and y.max() < high
    counts = np.bincount(y - low, minlength=high - low)
    if high - low > 1:
        chances_fit(counts)
    assert counts.sum() == SIZE and len(counts) == high - low


def test_integers_in_every_form() -> None:
    def g() -> nc.Tensor:
        return nc.generator(5)

    want = nc.randint(0, 9, (2, 3), generator=g()).tolist()
    assert nc.randint(9, (2, 3), generator=g()).tolist() == want
    assert nc.randint(high=9, size=(2, 3), generator=g()).tolist() == want
    assert nc.randint(9, size=(2, 3), generator=g()).tolist() == want
    assert nc.randint(0, 9, 4, generator=g(), dtype="float32").dtype == nc.float32
    with pytest.raises(TypeError, match="randint"):
        nc.randint(3)
    with pytest.raises(InvalidValueError, match="low < high"):
        nc.randint(3, 3, (2,))


def test_every_order_is_equally_likely() -> None:
    g, counts = nc.generator(11), dict[tuple[int, ...], int]()
    for _ in range(12_000):
        order = tuple(nc.randperm(4, generator=g).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 24
    chances_fit(list(counts.values()))
    assert sorted(nc.randperm(1000, generator=g).tolist()) == list(range(1000))
    assert nc.randperm(0).shape == (0,)


def test_chances_are_as_given() -> None:
    p = np.linspace(0, 1, 6)
    y = nc.bernoulli(nc.tensor(np.tile(p, (SIZE, 1))), generator=nc.generator(2)).numpy()
    assert set(np.unique(y)) == {0.0, 1.0} and not y[:, 0].any() and y[:, -1].all()
    # Five standard deviations of a binomial.
    assert np.all(np.abs(y.mean(0) - p) <= 5 * np.sqrt(p * (1 - p) / SIZE))
    x = nc.zeros(SIZE, dtype="int64").bernoulli_(0.25, generator=nc.generator(2))
    assert x.dtype == nc.int64 and abs(x.numpy().mean() - 0.25) <= 5 * math.sqrt(0.25 * 0.75 / SIZE)
    assert nc.zeros(2, 3).bernoulli_(nc.tensor([0.0, 1.0, 0.0])).tolist() == [[0, 1, 0]] * 2
    assert nc.bernoulli(nc.zeros(3), p=1.0).tolist() == [1, 1, 1]
    for wrong in (nc.tensor([1.5]), nc.tensor([-0.1]), nc.tensor([math.nan])):
        with pytest.raises(InvalidValueError, match=r"\[0, 1\]"):
            nc.bernoulli(wrong)


def test_draws_with_replacement_follow_the_weights() -> None:
    weights = np.array([1.0, 0.0, 3.0, 4.0, 2.0])
    y = nc.multinomial(nc.tensor(weights), SIZE, True, generator=nc.generator(4)).numpy()
    counts = np.bincount(y, minlength=5)
    assert counts[1] == 0
    kept = weights > 0
    chances_fit(counts[kept], SIZE * weights[kept] / weights.sum())


def test_draws_without_replacement_follow_the_weights_one_after_the_other() -> None:
    weights = np.array([1.0, 2.0, 3.0])
    rows = nc.tensor(np.tile(weights, (30_000, 1)))
    y = nc.multinomial(rows, 3, generator=nc.generator(4)).numpy()
    assert np.all(np.sort(y, axis=1) == np.arange(3))
    counts, expected = [], []
    for first in range(3):
        for second in {0, 1, 2} - {first}:
            counts.append(((y[:, 0] == first) & (y[:, 1] == second)).sum())
            expected.append(weights[first] / 6 * weights[second] / (6 - weights[first]) * 30_000)
    chances_fit(counts, expected)


@pytest.mark.parametrize(
    ("weights", "count", "replacement", "what"),
    [
        ([1.0, -1.0], 1, True, "-1"),
        ([math.inf, 1.0], 1, True, "inf"),
        ([0.0, 0.0], 1, True, "positive"),
        ([1.0, 0.0], 2, False, "too few"),
        ([1.0, 2.0], 3, False, "num_samples"),
        ([1.0], 0, True, "num_samples"),
    ],
)
def test_weights_that_say_nothing_are_refused(weights: list[float], count: int, replacement: bool, what: str) -> None:
    with pytest.raises(InvalidValueError, match=what):
        nc.multinomial(nc.tensor(weights), count, replacement)


def test_bits_do_not_depend_on_threads() -> None:
    before, seen = nc.get_num_threads(), set()
    try:
        for threads in (1, 2, 5):
            nc.set_num_threads(threads)
            g = nc.generator(9)
            parts = [
                nc.empty(70_001).trunc_normal_(generator=g),
                nc.empty(70_001).exponential_(generator=g),
                nc.randint(0, 1000, (70_001,), generator=g),
            ]
            seen.add(b"".join(p.numpy().tobytes() for p in parts))
    finally:
        nc.set_num_threads(before)
    assert len(seen) == 1


def test_draws_in_place_go_where_the_tensor_looks() -> None:
    x = nc.zeros(4, 6)
    x[1:3, ::2].normal_(generator=nc.generator(1))
    hit = x.numpy() != 0
    want = np.zeros((4, 6), bool)
    want[1:3, ::2] = True
    np.testing.assert_array_equal(hit, want)
    leaf = nc.zeros(3, requires_grad=True)
    with pytest.raises(GradientError):
        leaf.uniform_()
    with nc.no_grad():
        assert leaf.uniform_(1.0, 2.0).detach().numpy().min() >= 1
    with pytest.raises(NNCoreError):
        nc.zeros(3).trunc_normal_(std=-1.0)
    with pytest.raises(NNCoreError):
        nc.zeros(3).exponential_(0.0)


def test_the_global_generator_is_started_anew() -> None:
    nc.manual_seed(3)
    first = (nc.randperm(9).tolist(), nc.zeros(3).normal_().tolist())
    nc.manual_seed(3)
    assert (nc.randperm(9).tolist(), nc.zeros(3).normal_().tolist()) == first
