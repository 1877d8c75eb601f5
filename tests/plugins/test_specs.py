"""Specs are frozen, checked when they are made, and name a right form when they refuse a wrong one."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from nncore.errors import PluginError
from nncore.plugins import LayerSpec


def test_specs_are_frozen_comparable_and_hashable() -> None:
    spec = LayerSpec("swiglu", "a.b:C", aliases=["gated_silu"])
    assert spec == LayerSpec("swiglu", "a.b:C", aliases=("gated_silu",)) and spec.aliases == ("gated_silu",)
    assert len({spec, LayerSpec("swiglu", "a.b:C", aliases=("gated_silu",))}) == 1
    assert pickle.loads(pickle.dumps(spec)) == spec
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["relu", "max_pool2d", "lenet5_original", "a", "resnet50"])
def test_names_in_snake_case_are_taken(name: str) -> None:
    assert LayerSpec(name, "a:B").name == name


@pytest.mark.parametrize(
    "name", ["", "ReLU", "max-pool", "2d", "_relu", "relu_", "a__b", "a/b", "rélu", "relu\n", 3, None]
)
def test_other_names_are_refused(name: object) -> None:
    with pytest.raises(PluginError, match="name .* is not a registry name; write it in snake case"):
        LayerSpec(name, "a:B")  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["a:B", "a.b.c:D", "a.b:C.make", "_a._b:_c"])
def test_targets_name_a_module_and_an_attribute(target: str) -> None:
    assert LayerSpec("x", target).target_path == target


@pytest.mark.parametrize("target", ["", "a.b.C", "a:", ":B", "a:b:c", "a b:C", "a..b:C", ".a:B", "a:B()", "a:B\n"])
def test_other_targets_are_refused(target: str) -> None:
    with pytest.raises(PluginError, match=r"is not of the form 'package\.module:Name'"):
        LayerSpec("x", target)


def test_an_object_as_target_has_a_path_if_an_import_finds_it() -> None:
    assert LayerSpec("x", dict).target_path == "builtins:dict"
    assert LayerSpec("x", lambda: None).target_path is None
    with pytest.raises(PluginError, match="target is None"):
        LayerSpec("x", None)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"aliases": "glorot"}, r"aliases must be a sequence of names such as \('glorot',\)"),
        ({"aliases": {"a", "b"}}, "aliases must be a sequence"),
        ({"aliases": ("Glorot",)}, "aliases 'Glorot' is not a registry name"),
        ({"aliases": ("nncore/glorot",)}, "is not a registry name"),
        ({"formerly": ("bad dist/glorot",)}, "is not a registry name"),
        ({"aliases": ("x",)}, "a name appears twice"),
        ({"formerly": ("y",), "aliases": ("y",)}, "a name appears twice"),
        ({"summary": "two\nlines"}, "summary must be one line"),
        ({"summary": None}, "summary must be one line"),
    ],
)
def test_other_fields_are_checked(fields: dict, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        LayerSpec("x", "a:B", **fields)


def test_former_names_may_be_of_another_distribution() -> None:
    assert LayerSpec("x", "a:B", formerly=("nncore/x", "y")).names == ("x", "nncore/x", "y")
