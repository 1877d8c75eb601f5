"""The initializer fills a layer's weight."""

import numpy as np

from nncore import nn


def test_it_alternates() -> None:
    weight = nn.Linear(4, 3, init="nncore-plugin-template/alternating").weight.detach().numpy()
    np.testing.assert_array_equal(abs(weight), np.full((3, 4), 0.5))
    assert (weight.ravel()[::2] == -weight.ravel()[1::2]).all()
