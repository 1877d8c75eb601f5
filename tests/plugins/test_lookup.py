"""Names: which of them resolve, to what, and what the errors say of those that do not."""

from __future__ import annotations

import re
import sys
import threading
import warnings
from collections.abc import Callable

import pytest

from nncore import registry
from nncore.errors import PluginError, PluginWarning, UnknownComponentError
from nncore.plugins import KINDS, LayerSpec, PluginHost, hookimpl, use_host
from nncore.plugins.known import KNOWN


def layer_plugin(*specs: str) -> str:
    return "@hookimpl\ndef nncore_layers():\n" + "".join(f"    yield LayerSpec({spec})\n" for spec in specs)


def with_layer(package: str, name: str = "swiglu", more: str = "") -> tuple[str, dict[str, str]]:
    body = layer_plugin(f"name={name!r}, target='{package}.layer:Layer', summary='from {package}'{more}")
    return body, {"layer.py": f"class Layer:\n    home = {package!r}\n"}


def put(install: Callable, distribution: str, name: str = "swiglu", more: str = "", **options) -> None:
    body, files = with_layer(distribution.replace("-", "_"), name, more)
    install(distribution, body, files=files, **options)


@pytest.fixture
def builtin_host(install: Callable) -> PluginHost:
    """A host whose built-in plugin provides a layer `dense` (alias `linear`, once `affine`)."""
    body, files = with_layer("core_plugin", "dense", ", aliases=('linear',), formerly=('affine',)")
    install("core-plugin", body, files=files, entry_points="[other]\n")
    host = PluginHost(["core_plugin.plugin"], environ={})
    with use_host(host):
        yield host


def test_bare_and_qualified_names_lead_to_the_same_class(install: Callable, host: PluginHost) -> None:
    put(install, "nncore-a")
    layers = registry.layers
    assert layers["swiglu"].home == "nncore_a"
    assert layers["swiglu"] is layers["nncore-a/swiglu"] is layers["layer:nncore-a/swiglu"]
    assert layers["NNCore_A/swiglu"] is layers["swiglu"], "distribution names compare as package indexes do it"
    assert layers.qualify("swiglu") == "layer:nncore-a/swiglu"


def test_registries_are_read_only_mappings_that_import_nothing(install: Callable, host: PluginHost) -> None:
    put(install, "nncore-a", more=", aliases=('gated_silu',)")
    layers = registry.layers
    assert list(layers) == ["swiglu"] and len(layers) == 1
    assert "swiglu" in layers and "gated_silu" in layers and "other" not in layers and 3 not in layers
    assert layers.spec("gated_silu").summary == "from nncore_a"
    assert (layers.provider("swiglu").distribution, layers.provider("swiglu").version) == ("nncore-a", "1.0")
    assert [row.qualified for row in layers.describe()] == ["layer:nncore-a/swiglu"]
    assert "nncore_a.layer" not in sys.modules
    with pytest.raises(TypeError):
        layers["mine"] = object  # type: ignore[index]


def test_finding_fifty_plugins_imports_no_component(install: Callable, host: PluginHost) -> None:
    for number in range(50):
        put(install, f"nncore-p{number}", f"layer{number}")
    assert len(registry.layers) == 50

    def imported_now() -> set[str]:
        return {name for name in sys.modules if re.match(r"nncore_p\d", name)}

    imported = imported_now()
    assert {name for name in imported if name.endswith(".plugin")} == {f"nncore_p{n}.plugin" for n in range(50)}
    assert not {name for name in imported if name.endswith(".layer")}
    assert registry.layers["layer7"].home == "nncore_p7"
    assert {name for name in imported_now() if name.endswith(".layer")} == {"nncore_p7.layer"}


def test_nothing_is_found_before_the_first_look_up(install: Callable, host: PluginHost) -> None:
    put(install, "nncore-a")
    assert registry.layers is not None
    assert "nncore_a.plugin" not in sys.modules
    registry.layers.get("nothing")
    assert "nncore_a.plugin" in sys.modules


def test_a_clash_is_an_error_that_lists_the_providers(install: Callable, host: PluginHost) -> None:
    put(install, "nncore-a")
    put(install, "nncore-b")
    layers = registry.layers
    with pytest.raises(UnknownComponentError, match=r"'nncore-a/swiglu', 'nncore-b/swiglu'.*registry.layers.prefer"):
        layers["swiglu"]
    assert "swiglu" not in layers
    assert list(layers) == ["nncore-a/swiglu", "nncore-b/swiglu"]
    assert [layers[name].home for name in layers] == ["nncore_a", "nncore_b"]
    layers.prefer("nncore-b/swiglu")
    assert layers["swiglu"].home == "nncore_b"
    assert list(layers) == ["nncore-a/swiglu", "swiglu"]


@pytest.mark.parametrize("theirs", ["dense", "linear", "affine"])
def test_a_built_in_keeps_every_name_it_ever_had(install: Callable, builtin_host: PluginHost, theirs: str) -> None:
    put(install, "nncore-a", theirs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert registry.layers[theirs].home == "core_plugin"
    assert registry.layers[f"nncore-a/{theirs}"].home == "nncore_a"


def test_only_the_user_shadows_a_built_in_and_may_go_back(install: Callable, builtin_host: PluginHost) -> None:
    put(install, "nncore-a", "dense")
    layers = registry.layers
    layers.prefer("layer:nncore-a/dense")
    assert layers["dense"].home == "nncore_a"
    assert layers["linear"].home == "core_plugin", "only the name that was said is shadowed"
    assert layers["nncore/dense"].home == "core_plugin", "qualified names mean what they always meant"
    assert list(layers) == ["dense", "nncore/dense"]
    layers.prefer("nncore/dense")
    assert layers["dense"].home == "core_plugin"


def test_prefer_refuses_what_is_not_there(builtin_host: PluginHost) -> None:
    with pytest.raises(UnknownComponentError, match="takes a qualified name such as 'nncore/dense'"):
        registry.layers.prefer("dense")
    with pytest.raises(UnknownComponentError):
        registry.layers.prefer("nncore-a/dense")


def test_a_former_name_resolves_with_a_warning_at_the_callers_line(install: Callable, host: PluginHost) -> None:
    put(install, "nncore-a", more=", formerly=('swish_glu',)")
    for name in ("swish_glu", "nncore-a/swish_glu", "layer:nncore-a/swish_glu"):
        with pytest.warns(DeprecationWarning, match="is now called 'swiglu'") as seen:
            assert registry.layers[name].home == "nncore_a"
        assert seen[0].filename == __file__
    assert "swish_glu" not in list(registry.layers)


def test_what_moved_to_another_package_is_found_under_its_old_qualified_name(
    install: Callable, builtin_host: PluginHost
) -> None:
    put(install, "nncore-a", "moved", ", formerly=('nncore/gone',)")
    with pytest.warns(DeprecationWarning, match="is now called 'moved'"):
        assert registry.layers["layer:nncore/gone"].home == "nncore_a"


def test_nobody_can_claim_what_is_still_there(install: Callable, builtin_host: PluginHost) -> None:
    put(install, "nncore-a", "thief", ", formerly=('nncore/dense',)")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert registry.layers["nncore/dense"].home == "core_plugin"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("swigul", "swiglu"),
        ("SwiGLU", "swiglu"),
        ("swi_glu", "swiglu"),
        ("layer:swigl", "swiglu"),
        ("max_pool", "max_pool2d"),
    ],
)
def test_an_unknown_name_offers_near_matches(install: Callable, host: PluginHost, wrong: str, right: str) -> None:
    put(install, "nncore-a")
    put(install, "nncore-b", "max_pool2d")
    with pytest.raises(UnknownComponentError, match=f"unknown layer '{wrong}'. Did you mean '{right}'") as caught:
        registry.layers[wrong]
    assert isinstance(caught.value, KeyError)
    assert str(caught.value).startswith("unknown layer"), "no quotes around the message, as KeyError has them"


def test_an_unknown_name_says_which_package_has_it(host: PluginHost) -> None:
    with pytest.raises(UnknownComponentError, match="`pip install nncore-classics` provides it"):
        registry.architectures["vgg16"]
    with pytest.raises(UnknownComponentError, match="`pip install nncore-classics` provides it"):
        registry.architectures["architecture:nncore-classics/vgg16"]
    with pytest.raises(UnknownComponentError) as caught:
        registry.layers["vgg16"]
    assert "pip install" not in str(caught.value)


def test_no_pip_line_for_what_is_installed(
    install: Callable, host: PluginHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KNOWN, "nncore-far", {"architecture": ("far",)})
    with pytest.raises(UnknownComponentError, match="`pip install nncore-far` provides it"):
        registry.architectures["far"]
    put(install, "nncore-far", "something")
    host.reset()
    with pytest.raises(UnknownComponentError) as caught:
        registry.architectures["far"]
    assert "pip install" not in str(caught.value)


def test_a_name_of_another_kind_is_pointed_out(install: Callable, host: PluginHost) -> None:
    put(install, "nncore-a")
    with pytest.raises(UnknownComponentError, match=r"There is one in nncore\.registry\.layers"):
        registry.losses["swiglu"]
    with pytest.raises(UnknownComponentError):
        registry.losses["layer:nncore-a/swiglu"]


def test_autoload_can_be_disabled(install: Callable) -> None:
    put(install, "nncore-a")
    host = PluginHost(environ={"NNCORE_DISABLE_PLUGIN_AUTOLOAD": "1", "NNCORE_PLUGINS": "nncore-a"})
    with pytest.raises(UnknownComponentError, match="plugin that was skipped.*NNCORE_DISABLE_PLUGIN_AUTOLOAD is set"):
        host.registry("layer")["swiglu"]
    assert "nncore_a.plugin" not in sys.modules
    assert PluginHost(environ={"NNCORE_DISABLE_PLUGIN_AUTOLOAD": "0"}).registry("layer")["swiglu"]


def test_an_allow_list_takes_plugins_or_distributions(install: Callable) -> None:
    for letter in "abc":
        put(install, f"nncore-{letter}", f"layer_{letter}")
    host = PluginHost(environ={"NNCORE_PLUGINS": "a, NNCORE_B"})
    assert list(host.registry("layer")) == ["layer_a", "layer_b"]
    assert "nncore_c.plugin" not in sys.modules
    assert [record.status for record in host.plugins] == ["loaded", "loaded", "skipped"]


def test_an_empty_allow_list_allows_nothing(install: Callable) -> None:
    put(install, "nncore-a")
    assert len(PluginHost(environ={"NNCORE_PLUGINS": ""}).registry("layer")) == 0


def test_an_allow_list_warns_of_what_is_not_installed(install: Callable) -> None:
    put(install, "nncore-a")
    with pytest.warns(PluginWarning, match="names 'nncore-z', but no such plugin"):
        assert len(PluginHost(environ={"NNCORE_PLUGINS": "a,nncore-z"}).registry("layer")) == 1
    with pytest.raises(PluginError, match="not installed: nncore-z"):
        PluginHost(environ={"NNCORE_PLUGINS": "nncore-z", "NNCORE_STRICT_PLUGINS": "1"}).registry("layer").get("x")


def test_the_process_environment_counts(install: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    put(install, "nncore-a")
    monkeypatch.setenv("NNCORE_DISABLE_PLUGIN_AUTOLOAD", "1")
    assert "swiglu" not in PluginHost().registry("layer")


def test_components_are_named_backwards_without_imports(install: Callable, host: PluginHost) -> None:
    put(install, "nncore-a")
    put(install, "nncore-b", "other")
    Layer = registry.layers["swiglu"]
    assert host.qualified_name(Layer) == "layer:nncore-a/swiglu"
    assert host.qualified_name(Layer()) == "layer:nncore-a/swiglu"
    assert host.qualified_name(type("Layer", (), {"__module__": "nncore_a.layer"})) is None, "a namesake"
    assert host.qualified_name(type("Sub", (Layer,), {})) is None, "a subclass is another class"
    assert host.qualified_name(None) is None and host.qualified_name(3) is None
    assert "nncore_b.layer" not in sys.modules


def test_a_re_exported_class_is_named_backwards_too(install: Callable, host: PluginHost) -> None:
    files = {"layer.py": "from nncore_a._impl import Layer\n", "_impl.py": "class Layer:\n    pass\n"}
    body, _ = with_layer("nncore_a")
    install("nncore-a", body, files=files)
    import nncore_a.layer

    assert host.qualified_name(nncore_a.layer.Layer) == "layer:nncore-a/swiglu"


class Local:
    """A plugin made of an object, as a test or a notebook would write it."""

    api_version = 1

    @hookimpl
    def nncore_layers(self):
        yield LayerSpec(name="swiglu", target=dict, summary="An object as target")


def test_a_plugin_can_be_registered_by_hand() -> None:
    host = PluginHost(autoload=False)
    record = host.register(Local(), name="mine")
    assert host.registry("layer")["swiglu"] is dict and host.registry("layer")["local/swiglu"] is dict
    assert record.entries[0].qualified == "layer:local/swiglu"
    with pytest.raises(PluginError, match="two components of local are called 'swiglu'"):
        host.register(Local(), name="again")
    assert len(host.plugins) == 1, "what was refused leaves nothing behind"


def test_reset_finds_what_was_installed_meanwhile(install: Callable, host: PluginHost) -> None:
    assert len(registry.layers) == 0
    put(install, "nncore-a")
    assert len(registry.layers) == 0
    host.reset()
    assert registry.layers["swiglu"].home == "nncore_a"


def test_threads_that_look_up_at_once_discover_once(install: Callable, host: PluginHost) -> None:
    body, files = with_layer("nncore_a")
    count = "import sys, time\nsys.nncore_test_count = getattr(sys, 'nncore_test_count', 0) + 1\ntime.sleep(0.05)\n"
    install("nncore-a", count + body, files=files)
    found: list[str] = []
    start = threading.Barrier(8)

    def look() -> None:
        start.wait()
        found.append(registry.layers["swiglu"].home)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["nncore_a"] * 8
    assert sys.__dict__.pop("nncore_test_count") == 1


def test_the_registry_module_has_one_mapping_per_kind(host: PluginHost) -> None:
    assert dir(registry) == sorted(kind.plural for kind in KINDS.values())
    for kind in KINDS.values():
        assert getattr(registry, kind.plural) is host.registry(kind.name)
    with pytest.raises(AttributeError, match="Did you mean 'layers'"):
        registry.layer  # noqa: B018
