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


@pytest.fixture(autouse=True)
def _no_network_and_no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A test downloads nothing, and finds nothing that was downloaded before, unless it has a server of its own."""
    from nncore.data import _cifar, _download, _named

    monkeypatch.delenv("NNCORE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    nowhere = [_download.Remote(f"http://127.0.0.1:9/{name}.gz", "md5:0") for name in _named.ALL_FILES]
    for name in ("FASHION_FILES", "MNIST_FILES"):
        monkeypatch.setattr(_named, name, nowhere)
    for name in ("TEN", "HUNDRED"):
        file = getattr(_cifar, name).file
        monkeypatch.setattr(_cifar, name, _download.Remote(f"http://127.0.0.1:9/{file}", "md5:0"))


@pytest.fixture
def host() -> Callable[[Any], np.ndarray]:
    """A batch's tensor as a NumPy array."""
    return lambda tensor: tensor if isinstance(tensor, np.ndarray) else tensor.numpy()
