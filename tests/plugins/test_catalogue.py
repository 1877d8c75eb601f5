"""The lists of built-in components: sorted, whole, and free of imports."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import nncore.builtin
from nncore.builtin import plugin
from nncore.plugins import KINDS, ComponentSpec


def listed(kind: str) -> list[ComponentSpec]:
    return list(getattr(plugin, KINDS[kind].hook.__name__)())


ELSEWHERE = ("optimizer", "penalty", "constraint", "callback", "dataset", "transform", "command")
"""Kinds whose components have modules of their own, outside of `nncore.builtin`."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_is_sorted_and_each_line_tells_what_its_component_is(kind: str) -> None:
    specs = listed(kind)
    names = [spec.name for spec in specs]
    assert names == sorted(set(names)), "sort the lines by name, each once"
    assert all(spec.summary and not spec.summary.endswith(".") for spec in specs)


@pytest.mark.parametrize("kind", KINDS)
def test_each_target_is_there(kind: str) -> None:
    for spec in listed(kind):
        module, _, name = spec.target.partition(":")
        found = getattr(importlib.import_module(module), name, None)
        assert callable(found), f"{spec} has the target {spec.target}, which is not there"


@pytest.mark.parametrize(
    "folder",
    [kind.plural for kind in KINDS.values() if kind.name not in ELSEWHERE],
)
def test_no_file_of_a_component_is_left_out(folder: str) -> None:
    package = importlib.import_module(f"nncore.builtin.{folder}")
    files = {module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")}
    used = {
        spec.target.partition(":")[0].rpartition(".")[2]
        for kind in KINDS
        for spec in listed(kind)
        if spec.target.startswith(f"nncore.builtin.{folder}.")
    }
    assert files == used, f"files without a line in nncore.builtin.catalogue: {files - used}"


def test_there_is_a_list_for_each_kind() -> None:
    package = importlib.import_module("nncore.builtin.catalogue")
    assert {module.name for module in pkgutil.iter_modules(package.__path__)} == {
        kind.plural for kind in KINDS.values()
    }
    assert nncore.builtin.__path__


def test_reading_the_lists_imports_no_component() -> None:
    script = """
import sys
import nncore.builtin.plugin
lists = ("nncore.builtin.catalogue", "nncore.builtin.plugin")
print([m for m in sys.modules if m.startswith("nncore.builtin.") and not m.startswith(lists)])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
