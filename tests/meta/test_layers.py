"""Who may import whom. The arrows go one way, so that every part can be read and tested without those above it."""

from __future__ import annotations

import re

import pytest
from house import ROOT, files, imports, manifest, modules, name_of

LADDER: tuple[frozenset[str], ...] = (
    frozenset({"errors", "_core"}),
    frozenset({"plugins", "registry", "hints", "ops", "linalg", "_einsum", "_recurrent"}),
    # How modules are made. Helpers whose names begin with an underscore belong here.
    frozenset({"module", "parameter", "config", "streams", "custom", "activation", "nn", "optim", "data"}),
    frozenset({"preprocess", "regularization"}),
    frozenset({"api"}),
    frozenset({"builtin", "initialization", "io", "testing", "transfer", "weights"}),
    frozenset({"training"}),
    frozenset({"runs", "sklearn"}),
    frozenset({"cli", "bench", "__main__", ""}),
)
"""From the bottom up; a module imports, when it is imported itself, only what stands on its own rung or below. The
package's `__init__` is the empty name."""
MODULE_RUNG = 2


def rung(module: str) -> int:
    """On which rung a module of nncore stands."""
    top = module.partition(".")[2].partition(".")[0]
    for height, names in enumerate(LADDER):
        if top in names:
            return height
    if top.startswith("_"):
        return MODULE_RUNG
    raise AssertionError(f"{module} has no place in the ladder of tests/meta/test_layers.py: give it one")


def climbs(module: str, imported: list[str]) -> list[str]:
    """Those of a module's imports that go up the ladder."""
    return [other for other in imported if rung(other) > rung(module)]


@pytest.mark.parametrize("module", sorted(modules()))
def test_imports_go_down_the_ladder(module: str) -> None:
    path = modules()[module]
    found = list(imports(path.read_text(), module, is_package=path.stem == "__init__"))
    upward = climbs(module, found)
    assert not upward, f"{name_of(path)} imports {upward}, which stand above it"


def test_the_ladder_names_what_is_there() -> None:
    tops = {name.partition(".")[2].partition(".")[0] for name in modules()} | {"_core"}
    assert set().union(*LADDER) <= tops, f"gone: {set().union(*LADDER) - tops}"


@pytest.mark.parametrize("module", sorted(m for m in modules() if m.startswith("nncore.builtin")))
def test_the_built_in_components_use_what_plugins_use(module: str) -> None:
    path = modules()[module]
    found = imports(path.read_text(), module, is_package=path.stem == "__init__", deferred=True)
    others = [name for name in found if name != "nncore.api" and not name.startswith("nncore.builtin")]
    assert not others, f"{name_of(path)} imports {others}; components import nncore.api alone, as a stranger's would"


@pytest.mark.parametrize("module", sorted(m for m in modules() if m.startswith("nncore.plugins")))
def test_the_plugin_host_knows_no_component(module: str) -> None:
    path = modules()[module]
    found = imports(path.read_text(), module, is_package=path.stem == "__init__", deferred=True)
    others = [name for name in found if name.split(".")[1] not in ("plugins", "errors")]
    assert not others, f"{name_of(path)} imports {others}; the host imports nothing but itself and the errors"


def plugin_sources() -> list[str]:
    return [name_of(p) for p in files(".py") if name_of(p).startswith("plugins/") and "/tests/" not in name_of(p)]


@pytest.mark.parametrize("name", plugin_sources())
def test_the_packages_in_plugins_are_like_a_strangers(name: str) -> None:
    found = imports((ROOT / name).read_text(), "stranger", deferred=True)
    others = [other for other in found if other != "nncore.api"]
    assert not others, f"{name} imports {others}; a plugin imports nncore.api alone"


def test_the_ladder_catches_each_form_of_import() -> None:
    source = """
from typing import TYPE_CHECKING
import nncore.optim
from nncore import builtin
from nncore.api import Module
from . import optim as same
from ..plugins import host
try:
    import nncore.data
except ImportError:
    pass
class A:
    from nncore.io import save
def later():
    import nncore.cli
if TYPE_CHECKING:
    import nncore.testing
"""
    found = list(imports(source, "nncore.plugins.probe"))
    assert found == [
        "nncore.optim",
        "nncore.builtin",
        "nncore.api",
        "nncore.plugins",
        "nncore.plugins",
        "nncore.data",
        "nncore.io",
    ]
    assert climbs("nncore.plugins.probe", found) == [
        "nncore.optim", "nncore.builtin", "nncore.api", "nncore.data", "nncore.io",
    ]  # fmt: skip
    assert "nncore.cli" in list(imports(source, "nncore.plugins.probe", deferred=True))
    assert climbs("nncore.cli", found) == []
    with pytest.raises(AssertionError, match="no place"):
        rung("nncore.newcomer")


CRATES = {
    "rust/nncore-kernels/Cargo.toml": set(),
    "rust/nncore/Cargo.toml": {"nncore-kernels"},
    "rust/nncore-python/Cargo.toml": {"nncore", "nncore-kernels"},
}
"""Which of the project's crates each crate may use."""


def crates() -> dict[str, dict[str, object]]:
    return {name_of(path): manifest(name_of(path)) for path in (ROOT / "rust").glob("*/Cargo.toml")}


def test_crates_go_one_way() -> None:
    for name, toml in crates().items():
        assert name in CRATES, f"{name} has no place in tests/meta/test_layers.py: give it one"
        used = {crate for crate in toml.get("dependencies", {}) if crate.startswith("nncore")}  # type: ignore[attr-defined]
        assert used <= CRATES[name], f"{name} uses {used - CRATES[name]}"
    assert len(crates()) >= 2


def test_the_kernels_stand_alone() -> None:
    toml = manifest("rust/nncore-kernels/Cargo.toml")
    assert not toml.get("dependencies"), "the kernels are numbers in slices: they depend on no crate"


# How a kernel would get memory of its own. The pool keeps its threads, and the list of paths is made once.
ALLOCATION = re.compile(r"\bvec!|\bVec::(new|with_capacity|from)|\bBox::new|\.to_vec\(\)|\balloc\(")
ALLOCATES = ("rust/nncore-kernels/src/pool", "rust/nncore-kernels/src/cpu.rs")


def allocations(text: str) -> list[str]:
    """The lines of a Rust file, its own tests aside, that allocate."""
    code = re.split(r"^#\[cfg\(test\)\]", text, flags=re.MULTILINE)[0]
    return [line.strip() for line in code.splitlines() if ALLOCATION.search(line.partition("//")[0])]


def test_kernels_do_not_allocate() -> None:
    for path in files(".rs"):
        name = name_of(path)
        if name.startswith("rust/nncore-kernels/src/") and not name.startswith(ALLOCATES):
            found = allocations(path.read_text())
            assert not found, f"{name} allocates: {found}; the caller owns outputs and scratch"


def test_allocations_are_seen() -> None:
    assert allocations("let x = vec![0; n];\n// vec![]\n#[cfg(test)]\nmod tests { vec![1] }") == ["let x = vec![0; n];"]


def test_only_the_door_knows_python() -> None:
    for name, toml in crates().items():
        uses = set(toml.get("dependencies", {}))  # type: ignore[call-overload]
        assert ("pyo3" in uses) == (name == "rust/nncore-python/Cargo.toml"), f"{name}: {uses}"
