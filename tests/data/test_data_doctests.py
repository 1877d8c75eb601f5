"""Each example in the documentation runs and gives what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from nncore import data

MODULES = [data.__name__, *(f"{data.__name__}.{info.name}" for info in pkgutil.iter_modules(data.__path__))]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


@pytest.mark.parametrize(
    "name", ["ArrayDataset", "ArrayDataset.split", "ArrayDataset.map", "Batches", "load", "read_idx"]
)
def test_there_are_examples(name):
    thing = data
    for part in name.split("."):
        thing = getattr(thing, part)
    assert doctest.DocTestParser().get_examples(thing.__doc__)
