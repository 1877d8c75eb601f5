"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from nncore import module
from nncore.weights import reading


@pytest.mark.parametrize("where", [module, reading])
def test_examples_run(where: ModuleType) -> None:
    found = doctest.testmod(where)
    assert found.attempted and not found.failed
