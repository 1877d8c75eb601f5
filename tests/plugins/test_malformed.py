"""Malformed plugins: the kit finds each one's fault for its own reason, and the host goes on without them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import pytest
from malformed import GOOD, HEAD, MALFORMED

import nncore as nc
from nncore.errors import PluginWarning, UnknownComponentError
from nncore.plugins import BUILTINS, PluginHost, use_host
from nncore.testing import CheckError, check_plugin, components_of


@pytest.fixture
def whole() -> Iterator[PluginHost]:
    """A host with the built-in components, as users have it."""
    with use_host(PluginHost(BUILTINS, environ={})) as host, warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)
        yield host


@pytest.mark.parametrize("name", MALFORMED)
def test_the_kit_finds_the_fault_and_says_how_to_mend_it(name: str, install: Callable, whole: PluginHost) -> None:
    plugin = MALFORMED[name]
    plugin.install(install, f"nncore-{name}")
    report = check_plugin(f"nncore-{name}")
    assert not report.ok
    failed = {finding.check for _, finding in report.failures}
    assert plugin.check in failed
    # A wrong sign is wrong in a captured step too; noise from outside shows in whatever compares two calls.
    also = {"not-deterministic": {"gradient", "state", "copy", "capture", "modes", "strides", "float64"}}
    assert failed - {plugin.check} <= also.get(name, set()), report
    first = report.of(plugin.check)
    (finding,) = [each for each in first if each.status == "failed"][:1]
    assert plugin.says in finding.message, finding.message
    assert plugin.hint in finding.hint, finding.hint
    with pytest.raises(CheckError, match=plugin.check):
        report.raise_for_failures()


def test_the_host_goes_on_beside_all_of_them(install: Callable, whole: PluginHost) -> None:
    for name, plugin in {**MALFORMED, **GOOD}.items():
        plugin.install(install, f"nncore-{name}")
    assert nc.registry.activations["relu"] and nc.registry.activations["nncore-composed/act"]
    broken = {record.distribution for record in whole.plugins if record.status == "broken"}
    assert broken == {"nncore-raises-on-import", "nncore-wrong-record", "nncore-name-clash"}
    assert check_plugin("nncore-composed").ok
    nc.nn.Linear(2, 1)(nc.ones((1, 2)))


@pytest.mark.parametrize("name", GOOD)
def test_an_op_of_ones_own_passes(name: str, install: Callable, whole: PluginHost) -> None:
    GOOD[name].install(install, f"nncore-{name}")
    report = check_plugin(f"nncore-{name}")
    report.raise_for_failures()
    assert [f.status for f in report.of("gradient")] == ["passed"]
    assert [f.status for f in report.of("capture")] == ["passed"]


def test_a_package_is_found_by_each_of_its_names(install: Callable, whole: PluginHost) -> None:
    GOOD["composed"].install(install, "nncore-composed")
    for name in ("nncore-composed", "composed", "nncore_composed", "NNCore.Composed"):
        assert components_of(name) == ["activation:nncore-composed/act"]
    with pytest.raises(UnknownComponentError, match="Did you mean 'nncore-composed'"):
        check_plugin("nncore-compose")


def test_an_entry_module_that_imports_its_components_is_found(install: Callable, whole: PluginHost) -> None:
    plugin = GOOD["composed"]
    body = plugin.body.replace("nncore_composed", "nncore_hasty") + "import nncore_hasty.act\n"
    install("nncore-hasty", body, files={name: HEAD + text for name, text in plugin.files.items()})
    (finding,) = [each for _, each in check_plugin("nncore-hasty").failures]
    assert finding.check == "import" and "imports nncore_hasty.act, where its components are" in finding.message


def test_a_name_that_others_have_is_noted(install: Callable, whole: PluginHost) -> None:
    body = (
        "@hookimpl\ndef nncore_activations():\n    yield ActivationSpec(name='relu', target='nncore_other.act:act')\n"
    )
    install("nncore-other", body, files={"act.py": HEAD + GOOD["composed"].files["act.py"]})
    report = check_plugin("nncore-other")
    assert report.ok and "write 'nncore-other/relu'" in report.of("names")[0].message
