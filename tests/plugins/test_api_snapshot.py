"""What plugins import, `nncore.api`, changes only on purpose: its surface is compared with the committed snapshot."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import api_surface
from api_surface import COMMAND, SNAPSHOT, differences, surface


def has_api() -> bool:
    try:
        return importlib.util.find_spec("nncore.api") is not None
    except ImportError:
        return False


@pytest.mark.skipif(not has_api(), reason="nncore.api is not part of this tree")
def test_the_surface_of_the_api_is_the_committed_one() -> None:
    current = surface(importlib.import_module("nncore.api"))
    assert SNAPSHOT.exists(), f"there is no snapshot yet; run `{COMMAND}` and commit it"
    gone, new = differences(SNAPSHOT.read_text().splitlines(), current)
    assert not gone, (
        f"gone or changed in nncore.api: {gone}. Plugins may rely on it: keep it with a DeprecationWarning for two "
        f"minor releases. If nothing can break, run `{COMMAND}`."
    )
    assert not new, f"new in nncore.api: {new}. Run `{COMMAND}` and commit the snapshot."


def sample() -> types.ModuleType:
    module = types.ModuleType("sample")
    source = """
__all__ = ["Child", "VERSION", "call", "sub"]
import types as sub
VERSION = 1
hidden = 2

class Base:
    def inherited(self, x): ...

class Child(Base, ValueError):
    limit = 3
    def __init__(self, size: int, *, scale: float = 1.0): ...
    def method(self, x, y=2): ...
    def _private(self): ...
    @property
    def shape(self): ...
    @classmethod
    def of(cls, text): ...
    @staticmethod
    def free(value): ...

def call(x, marker=object()) -> int: ...
"""
    exec(source, vars(module) | {"__name__": "sample"}, vars(module))
    return module


def test_the_surface_lists_names_with_their_signatures() -> None:
    assert surface(sample()) == [
        "Child: class(Base, ValueError)",
        "Child(size: int, *, scale: float = 1.0)",
        "Child.free(value): staticmethod",
        "Child.inherited(self, x)",
        "Child.limit: int",
        "Child.method(self, x, y=2)",
        "Child.of(text): classmethod",
        "Child.shape: property",
        "VERSION: int",
        "call(x, marker=<object object>) -> int",
        "sub: module",
    ]


def test_a_changed_signature_counts_as_gone_and_an_addition_does_not() -> None:
    before = surface(sample())
    changed = sample()
    changed.call = lambda x: 0
    changed.extra = 1
    changed.__all__ = [*changed.__all__, "extra"]
    gone, new = differences(before, surface(changed))
    assert gone == ["call(x, marker=<object object>) -> int"]
    assert new == ["call(x)", "extra: int"]


def test_a_module_without_all_has_no_surface() -> None:
    with pytest.raises(ValueError, match="has no __all__"):
        surface(types.ModuleType("empty"))


def test_one_command_writes_the_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sample()
    monkeypatch.setitem(sys.modules, "nncore.api", module)
    monkeypatch.setattr(api_surface, "SNAPSHOT", tmp_path / "snapshot.txt")
    monkeypatch.setattr(sys, "argv", ["api_surface.py", "--write"])
    api_surface.main()
    assert (tmp_path / "snapshot.txt").read_text().splitlines() == surface(module)
