"""Fixtures for the data sets' tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nncore.data import _batches, _dataset


@pytest.fixture(autouse=True)
def _arrays_for_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extension is not built, batches are the NumPy arrays that it would have wrapped."""
    if importlib.util.find_spec("nncore._core") is None:
        for module in (_batches, _dataset):
            monkeypatch.setattr(module, "tensor", lambda array: array)


@pytest.fixture
def host() -> Callable[[Any], np.ndarray]:
    """A batch's tensor as a NumPy array."""
    return lambda tensor: tensor if isinstance(tensor, np.ndarray) else tensor.numpy()
