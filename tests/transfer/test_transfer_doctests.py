"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "nncore._modes",
        "nncore.optim.rates",
        "nncore.training.unfreezing",
        "nncore.transfer.extraction",
        "nncore.transfer.freezing",
        "nncore.transfer.head",
        "nncore.transfer.weights",
    ],
)
def test_the_examples_run(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted and not found.failed
