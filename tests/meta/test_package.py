"""What users get: how much `import nncore` loads, how large the wheel is, and what it holds."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from house import ROOT, name_of

IMPORTED = {
    "nncore",
    "nncore._core",
    "nncore._core.ops",
    "nncore.errors",
    "nncore.hints",
    "nncore.ops",
    "nncore.streams",
}
"""What `import nncore` loads of the package. Everything else waits for its first use; a name that comes in here makes
every user's start slower, so it is added on purpose or not at all."""
FOREIGN = {"numpy"}
"""The other packages that it may load."""
LIMIT = 6 << 20
"""Bytes of a wheel."""


def loaded() -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; old = set(sys.modules); import nncore; print(*(set(sys.modules) - old))"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


def test_importing_nncore_loads_this_much() -> None:
    modules = loaded()
    own = {name for name in modules if name.partition(".")[0] == "nncore"}
    assert own == IMPORTED
    # Private modules of the interpreter come along under names of their own.
    others = {name.partition(".")[0] for name in modules} - {"nncore"} - sys.stdlib_module_names
    assert {name for name in others if not name.startswith("_")} <= FOREIGN


def wheels() -> list[Path]:
    """The wheels that were built since the package's files last changed."""
    changed = max(path.stat().st_mtime for path in (ROOT / "python").rglob("*.py"))
    built = [path for path in ROOT.glob("target/wheels/nncore-*.whl") if path.stat().st_mtime >= changed]
    return sorted(built, key=lambda path: path.stat().st_mtime)


@pytest.mark.skipif(not wheels(), reason="no wheel of these files was built: `make wheel`")
def test_the_wheel_is_small_and_holds_what_it_should() -> None:
    wheel = wheels()[-1]
    assert wheel.stat().st_size <= LIMIT, f"{wheel.name} has {wheel.stat().st_size / (1 << 20):.1f} MiB"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "nncore/data/digits.npz" in names
    assert any(re.fullmatch(r"nncore/_core\..*(so|pyd)", name) for name in names)
    assert {name_of(path).removeprefix("python/") for path in (ROOT / "python").rglob("*.py")} <= names
    assert not [name for name in names if name.startswith(("tests/", "benches/", "plugins/"))]


def test_the_interface_is_the_stable_one() -> None:
    """One wheel serves every Python from 3.11 on."""
    manifest = (ROOT / "Cargo.toml").read_text() + (ROOT / "rust/nncore-python/Cargo.toml").read_text()
    assert "abi3-py311" in manifest
