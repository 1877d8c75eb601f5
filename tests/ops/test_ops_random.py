"""Random draws have a distribution instead of values: they are functions of the generator's state, and count themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncore import _core as nc
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
