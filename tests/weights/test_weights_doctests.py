"""The examples in the docstrings run."""

from __future__ import annotations

import doctest

from nncore.weights import reading


def test_examples_run() -> None:
    found = doctest.testmod(reading)
    assert found.attempted and not found.failed
