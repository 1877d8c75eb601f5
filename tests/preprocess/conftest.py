"""Training and test images for the transforms' tests."""

from __future__ import annotations

import numpy as np
import pytest

from nncore import data
from nncore.preprocess import samples


@pytest.fixture(params=[1 << 20, 50], ids=["at once", "in pieces"])
def images(request, monkeypatch):
    """Training images of unlike channels, and test images; with statistics taken at once, and a few rows at a time."""
    monkeypatch.setattr(samples, "CHUNK", request.param)
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 3, 2, 4)) * [[[1]], [[5]], [[0.1]]] + [[[100]], [[0]], [[-3]]]
    return data.ArrayDataset(x[:40], role="train"), data.ArrayDataset(x[40:], role="test")
