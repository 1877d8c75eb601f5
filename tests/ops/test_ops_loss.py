"""What a loss refuses by its values."""

from __future__ import annotations

import numpy as np
import pytest

import nncore as nc
from nncore.errors import InvalidValueError


@pytest.mark.parametrize("value", [np.nan, -np.nan, -1e-30, -1.0, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layout", ["dense", "turned", "every second"])
def test_a_target_of_no_probabilities_is_refused(value: float, dtype: str, layout: str) -> None:
    logits = nc.tensor(np.zeros((17, 5), dtype=dtype), requires_grad=True)
    for row, column in ((0, 0), (16, 4), (7, 3)):
        target = np.full((17, 5), 0.2, dtype=dtype)
        target[row, column] = value
        given = nc.tensor(target)
        if layout == "turned":
            given = nc.tensor(target.T.copy()).transpose(0, 1)
        if layout == "every second":
            given = nc.tensor(np.repeat(target, 2, axis=1))[:, ::2]
        with pytest.raises(InvalidValueError, match="target holds .*not negative") as caught:
            nc.ops.cross_entropy(logits, given)
        assert caught.value.op == "cross_entropy"


def test_zeros_and_more_than_one_are_probabilities_enough() -> None:
    """As in PyTorch, rows need not add up to 1."""
    logits = np.array([[0.5, -1.0, 2.0]])
    target = np.array([[0.0, -0.0, 3.0]])
    want = 3 * (np.log(np.exp(logits).sum()) - 2.0)
    got = nc.ops.cross_entropy(nc.tensor(logits), nc.tensor(target))
    np.testing.assert_allclose(got.item(), want, rtol=1e-12)
    assert nc.ops.cross_entropy(nc.tensor(np.zeros((0, 3))), nc.tensor(np.zeros((0, 3))), reduction="sum").item() == 0
