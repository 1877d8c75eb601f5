"""One broken plugin harms nobody: it is left out whole, recorded, warned of once, and the others work."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

import pytest

from nncore.errors import ComponentLoadError, NNCoreError, PluginError, PluginWarning, UnknownComponentError
from nncore.plugins import PluginHost, PluginRecord

GOOD = """
@hookimpl
def nncore_layers():
    yield LayerSpec(name="good", target="nncore_good.layer:Good", summary="A good one")
"""
GOOD_FILES = {"layer.py": "class Good:\n    pass\n"}

# Body, stage, and what the record must say.
BROKEN = {
    "raises at import": ("import no_such_module_anywhere", "import", "no_such_module_anywhere"),
    "syntax error": ("def broken(:", "import", "SyntaxError"),
    "exits at import": ("import sys; sys.exit(3)", "import", "SystemExit: 3"),
    "raises at registration": (
        "@hookimpl\ndef nncore_layers():\n    raise RuntimeError('no licence found')",
        "registration",
        "RuntimeError: no licence found",
    ),
    "yields, then raises": (
        "@hookimpl\ndef nncore_layers():\n"
        "    yield LayerSpec(name='half', target='x.y:Z')\n"
        "    raise RuntimeError('half way')",
        "registration",
        "RuntimeError: half way",
    ),
    "second hook raises": (
        "@hookimpl\ndef nncore_layers():\n    yield LayerSpec(name='half', target='x.y:Z')\n"
        "@hookimpl\ndef nncore_losses():\n    raise RuntimeError('second')",
        "registration",
        "RuntimeError: second",
    ),
    "yields the wrong record": (
        "@hookimpl\ndef nncore_layers():\n    yield LossSpec(name='half', target='x.y:Z')",
        "registration",
        "nncore_layers must yield LayerSpecs, but it yielded LossSpec(name='half'",
    ),
    "returns one spec bare": (
        "@hookimpl\ndef nncore_layers():\n    return LayerSpec(name='half', target='x.y:Z')",
        "registration",
        "nncore_layers must yield LayerSpecs, but it returned LayerSpec(name='half'",
    ),
    "bad name": (
        "@hookimpl\ndef nncore_layers():\n    yield LayerSpec(name='SwiGLU', target='x.y:Z')",
        "registration",
        "'SwiGLU' is not a registry name; write it in snake case",
    ),
    "bad target": (
        "@hookimpl\ndef nncore_layers():\n    yield LayerSpec(name='half', target='x.y.Z')",
        "registration",
        "not of the form 'package.module:Name'",
    ),
    "one name twice": (
        "@hookimpl\ndef nncore_layers():\n"
        "    yield LayerSpec(name='half', target='x.y:Z')\n"
        "    yield LayerSpec(name='other', target='x.y:Z', aliases=('half',))",
        "registration",
        "two components of nncore-broken are called 'half'",
    ),
    "never ends": (
        "@hookimpl\ndef nncore_layers():\n    while True:\n        yield LayerSpec(name='half', target='x.y:Z')",
        "registration",
        "does not end",
    ),
    "hook takes arguments": ("@hookimpl\ndef nncore_layers(config):\n    yield None", "registration", "config"),
    "unknown hook": ("@hookimpl\ndef nncore_layer():\n    yield None", "registration", "Did you mean 'nncore_layers'"),
    "unknown hook, nothing near": (
        "@hookimpl\ndef nncore_zzz():\n    yield None",
        "registration",
        "there is no hook 'nncore_zzz'. If only later releases have it",
    ),
    "no mark": ("def nncore_layers():\n    yield None", "registration", "write @hookimpl above it"),
    "no hook at all": ("", "registration", "implements no hook"),
    "looks up while being found": (
        "from nncore import registry\nregistry.layers['good']",
        "import",
        "a plugin looked up a component while plugins were being found",
    ),
}


def by_distribution(host: PluginHost, name: str) -> PluginRecord:
    (record,) = (record for record in host.plugins if record.distribution == name)
    return record


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_left_out_whole_and_the_others_work(install: Callable, host: PluginHost, case: str) -> None:
    body, stage, message = BROKEN[case]
    install("nncore-broken", body)
    install("nncore-good", GOOD, files=GOOD_FILES)
    with pytest.warns(PluginWarning, match=f"nncore-broken 1.0.*failed at {stage}"):
        layers = host.registry("layers")
        assert list(layers) == ["good"]
    record = by_distribution(host, "nncore-broken")
    assert (record.status, record.entries, record.failures[0].stage) == ("broken", [], stage)
    assert message in record.failures[0].error
    assert "Traceback" in record.failures[0].traceback
    assert layers["good"].__name__ == "Good"
    with pytest.raises(UnknownComponentError, match="plugin that failed to load.*nncore-broken"):
        layers["half"]


# The plugin that looks things up looks into the default host, which is another one in the test of strict mode.
@pytest.mark.parametrize("case", [case for case in BROKEN if not case.startswith("looks up")])
def test_strict_mode_raises_what_would_be_recorded(install: Callable, case: str) -> None:
    body, stage, message = BROKEN[case]
    install("nncore-broken", body)
    host = PluginHost(environ={"NNCORE_STRICT_PLUGINS": "1"})
    for _ in range(2):  # nothing half-done may hide the error from the second look-up
        with pytest.raises(PluginError, match=f"failed at {stage}") as caught:
            host.registry("layer")["good"]
        assert message in str(caught.value)
        assert isinstance(caught.value, NNCoreError)
        assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("api", "advice"),
    [
        ("api_version = 2", "upgrade nncore"),
        ("api_version = 0", "upgrade the plugin"),
        ("api_version = '1'", "must be an integer"),
        ("api_version = True", "must be an integer"),
        ("", "add `api_version = 1`"),
    ],
)
def test_another_api_version_is_refused_with_advice(install: Callable, host: PluginHost, api: str, advice: str) -> None:
    install("nncore-good", GOOD, api=api, files=GOOD_FILES)
    with pytest.warns(PluginWarning):
        assert len(host.registry("layer")) == 0
    assert advice in by_distribution(host, "nncore-good").failures[0].error


def test_a_plugin_may_serve_a_hook_that_only_later_releases_have(install: Callable, host: PluginHost) -> None:
    later = "@hookimpl(optionalhook=True)\ndef nncore_layerings():\n    raise RuntimeError('never called')\n"
    install("nncore-good", GOOD + later, files=GOOD_FILES)
    assert list(host.registry("layer")) == ["good"]


def test_a_broken_plugin_is_warned_of_once_at_the_line_that_looked(install: Callable, host: PluginHost) -> None:
    install("nncore-broken", "1 / 0")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(3):
            host.registry("layer").get("good")
            host.registry("loss").get("good")
    assert [warning.category for warning in seen] == [PluginWarning]
    assert seen[0].filename == __file__


def test_warnings_turned_into_errors_do_not_undo_the_discovery(install: Callable, host: PluginHost) -> None:
    install("nncore-broken", "1 / 0")
    install("nncore-good", GOOD, files=GOOD_FILES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(PluginWarning):
            host.registry("layer")["good"]
        assert host.registry("layer")["good"].__name__ == "Good"


def test_ctrl_c_is_not_swallowed(install: Callable, host: PluginHost) -> None:
    install("nncore-broken", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        host.plugins  # noqa: B018 - the look-up is the test


FIRST_USE = {
    "missing module": ("nncore_good.nowhere:Good", "No module named 'nncore_good.nowhere'"),
    "missing attribute": ("nncore_good.layer:Goood", "no attribute 'Goood'. Did you mean 'Good'?"),
    "raises": ("nncore_good.raises:Good", "OSError: no such library"),
    "exits": ("nncore_good.exits:Good", "SystemExit"),
    "not callable": ("nncore_good.layer:CONSTANT", "which cannot be called"),
}


@pytest.mark.parametrize("case", FIRST_USE)
def test_a_failure_at_first_use_names_plugin_target_and_cause(install: Callable, host: PluginHost, case: str) -> None:
    target, message = FIRST_USE[case]
    files = {
        "layer.py": "CONSTANT = 3\nclass Good:\n    pass\n",
        "raises.py": "raise OSError('no such library')",
        "exits.py": "raise SystemExit",
    }
    install("nncore-good", GOOD + f"    yield LayerSpec(name='bad', target={target!r})\n", files=files)
    layers = host.registry("layer")
    for _ in range(2):
        with pytest.raises(ComponentLoadError) as caught:
            layers["bad"]
    text = str(caught.value)
    assert "layer 'bad' of plugin 'good' (nncore_good.plugin, from nncore-good 1.0)" in text
    assert target in text and message in text
    assert isinstance(caught.value, ImportError) and caught.value.__cause__ is not None
    record = by_distribution(host, "nncore-good")
    assert record.status == "loaded"
    assert [(f.stage, f.component) for f in record.failures] == [("first use", "layer:nncore-good/bad")]
    assert layers["good"].__name__ == "Good", "its other components still work"


def test_what_is_mended_works_at_the_next_use(install: Callable, host: PluginHost, tmp_path) -> None:
    install("nncore-good", GOOD)
    layers = host.registry("layer")
    with pytest.raises(ComponentLoadError):
        layers["good"]
    (tmp_path / "site" / "nncore_good" / "layer.py").write_text(GOOD_FILES["layer.py"])
    sys.path_importer_cache.clear()
    assert layers["good"].__name__ == "Good"
    assert by_distribution(host, "nncore-good").failures == []


def test_damaged_metadata_of_one_distribution_hides_no_other(install: Callable, host: PluginHost) -> None:
    install("nncore-bad", GOOD, entry_points="[nncore]\nthis line has no equals sign\n[[[\n")
    install("nncore-good", GOOD, files=GOOD_FILES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)
        assert list(host.registry("layer")) == ["good"]
