"""The loss is its formula, also where that overflows."""

import numpy as np
import pytest

import nncore as nc


def test_it_is_its_formula() -> None:
    loss = nc.registry.losses["nncore-plugin-template/log_cosh"]
    x, y = np.random.default_rng(0).standard_normal((2, 4, 3))
    np.testing.assert_allclose(loss(nc.tensor(x), nc.tensor(y)).numpy(), np.log(np.cosh(x - y)).mean(), rtol=1e-10)
    assert loss(nc.tensor([1000.0]), nc.tensor([0.0])).item() == pytest.approx(1000 - np.log(2))
