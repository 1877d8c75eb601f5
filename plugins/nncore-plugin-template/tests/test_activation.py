"""The activation is its formula, and takes its constant."""

import numpy as np
import pytest

import nncore as nc
from nncore import nn

NAME = "nncore-plugin-template/squareplus"


@pytest.mark.parametrize(("act", "b"), [(NAME, 4.0), ({"name": NAME, "b": 1.0}, 1.0)])
def test_it_is_its_formula(act: object, b: float) -> None:
    x = np.random.default_rng(0).standard_normal((4, 3))
    np.testing.assert_allclose(nn.Sequential(act)(nc.tensor(x)).numpy(), (x + np.sqrt(x**2 + b)) / 2, rtol=1e-12)
