"""Wherever a component is expected there may stand a name, a configured spec, a class, a callable or an instance."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from nncore.errors import InvalidValueError, UnknownComponentError
from nncore.plugins import PluginHost, make, resolve

BODY = """
@hookimpl
def nncore_layers():
    yield LayerSpec(name="scale", target="nncore_a.parts:Scale")
    yield LayerSpec(name="double", target="nncore_a.parts:double")

@hookimpl
def nncore_activations():
    yield ActivationSpec(name="leaky", target="nncore_a.parts:leaky")
    yield ActivationSpec(name="leaky_class", target="nncore_a.parts:Leaky")

@hookimpl
def nncore_architectures():
    yield ArchitectureSpec(name="net", target="nncore_a.parts:net")
"""
PARTS = """
class Scale:
    def __init__(self, factor=1.0):
        self.factor = factor
    def __call__(self, input):
        return input * self.factor

def double():
    return Scale(2.0)

def leaky(input, slope=0.01):
    return input if input > 0 else slope * input

class Leaky:
    def __init__(self, slope=0.01):
        self.slope = slope
    def __call__(self, input):
        return leaky(input, self.slope)

def net(width=3):
    return Scale(width)
"""


@pytest.fixture(autouse=True)
def parts(install: Callable, host: PluginHost):
    install("nncore-a", BODY, files={"parts.py": PARTS})
    import importlib

    return importlib.import_module("nncore_a.parts")


def test_a_name_is_looked_up_and_keeps_its_qualified_name(parts) -> None:
    resolved = resolve("layer", "scale")
    assert (resolved.component, resolved.config, resolved.name) == (parts.Scale, {}, "layer:nncore-a/scale")
    assert isinstance(resolved.make(), parts.Scale) and not resolved.shared


def test_a_configured_spec_sets_the_config_and_is_not_changed(parts) -> None:
    spec = {"name": "scale", "factor": 3.0}
    assert make("layer", spec).factor == 3.0
    assert spec == {"name": "scale", "factor": 3.0}
    assert make("layer", spec, factor=9.0).factor == 3.0, "the config outdoes a default"
    assert make("layer", "scale", factor=9.0).factor == 9.0


def test_functions_are_the_component_where_the_kind_says_so(parts) -> None:
    assert make("activation", "leaky") is parts.leaky
    assert make("activation", {"name": "leaky", "slope": 0.5})(-2.0) == -1.0
    assert make("activation", {"name": "leaky_class", "slope": 0.5})(-2.0) == -1.0
    assert make("activations", parts.Leaky)(-1.0) == -0.01


def test_factories_are_called_where_the_kind_says_so(parts) -> None:
    assert make("layer", "double").factor == 2.0
    assert make("architecture", {"name": "net", "width": 5}).factor == 5
    assert make("architecture", functools.partial(parts.net, width=7)).factor == 7


def test_classes_and_callables_are_named_backwards_where_registered(parts) -> None:
    assert resolve("layer", parts.Scale).name == "layer:nncore-a/scale"
    assert resolve("activation", parts.leaky).name == "activation:nncore-a/leaky"
    assert resolve("activation", abs).name is None and make("activation", abs) is abs


def test_an_instance_is_shared(parts) -> None:
    scale = parts.Scale(4.0)
    resolved = resolve("layer", scale)
    assert resolved.shared and resolved.name == "layer:nncore-a/scale"
    assert resolved.make() is scale and make("layer", scale, factor=1.0) is scale


@pytest.mark.parametrize("value", [None, 3, ["relu"], {}, {"slope": 0.2}, {"name": 3}, {"name": "leaky", 3: 4}])
def test_anything_else_is_an_error_that_shows_a_right_one(value: object) -> None:
    with pytest.raises(InvalidValueError, match="name"):
        resolve("activation", value)


def test_unknown_names_and_kinds_offer_near_matches() -> None:
    with pytest.raises(UnknownComponentError, match="Did you mean 'leaky'"):
        resolve("activation", {"name": "leeky"})
    with pytest.raises(UnknownComponentError, match="Did you mean 'activations'"):
        resolve("activatons", "leaky")
