"""The examples in the docstrings of built-in components run, and there is one for each activation and loss."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from nncore import nn
from nncore.builtin.catalogue.activations import ACTIVATIONS
from nncore.builtin.catalogue.losses import LOSSES

KINDS = ("activations", "initializers", "layers", "losses")
FILES = [
    f"nncore.builtin.{kind}.{module.name}"
    for kind in KINDS
    for module in pkgutil.iter_modules(importlib.import_module(f"nncore.builtin.{kind}").__path__)
]


@pytest.mark.parametrize("name", FILES)
def test_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


@pytest.mark.parametrize("target", [spec.target for spec in (*ACTIVATIONS, *LOSSES)])
def test_each_says_its_shape_its_source_and_an_example(target: str) -> None:
    doc = getattr(nn, target.partition(":")[2]).__doc__
    assert doctest.DocTestParser().get_examples(doc)
    assert "Shape: " in doc and "Source: " in doc
