"""What the house rules look at: the files under version control, and who imports whom."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "nncore"

# Folders that hold no source, for a tree without git.
_SKIP = {".git", ".venv", "target", "__pycache__", "node_modules", "build", "dist", ".mypy_cache", ".ruff_cache"}


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """The project's files with one of these endings: what git tracks or would track, or all where git is not there."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        found = {ROOT / name for name in listed.stdout.decode().split("\0") if name}
    except (OSError, subprocess.CalledProcessError):
        found = {path for path in ROOT.rglob("*") if not _SKIP & set(path.relative_to(ROOT).parts)}
    return tuple(sorted(path for path in found if path.suffix in suffixes and path.is_file()))


def name_of(path: Path) -> str:
    """The path as messages give it."""
    return path.relative_to(ROOT).as_posix()


def modules() -> dict[str, Path]:
    """The package's modules by their dotted name."""
    found = {}
    for path in files(".py"):
        if path.is_relative_to(PACKAGE):
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(source: str, module: str, *, is_package: bool = False, deferred: bool = False) -> Iterator[str]:
    """What a module imports from nncore, by dotted name: `from nncore import x` is `nncore.x`.

    Imports for type checkers do not count. Those inside functions count where `deferred` is set.
    """
    package = module if is_package else module.rpartition(".")[0]
    for node in _statements(ast.parse(source), deferred):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == "nncore")
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base]) if base else ".".join(above)
            if base == "nncore":
                yield from (f"nncore.{alias.name}" for alias in node.names)
            elif base.startswith("nncore."):
                yield base


def _statements(node: ast.AST, deferred: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield other
                yield from _statements(other, deferred)
        elif deferred or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _statements(child, deferred)


def manifest(folder: str) -> dict[str, object]:
    """A crate's or a package's TOML file."""
    return tomllib.loads((ROOT / folder).read_text())


def op_list() -> dict[str, list[str]]:
    """The one list of ops in the core: the files, and the ops that each declares there."""
    text = (ROOT / "rust" / "nncore" / "src" / "ops" / "mod.rs").read_text()
    block = re.search(r"^ops! \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    assert block, "rust/nncore/src/ops/mod.rs has no list `ops! { ... }`"
    rows = re.findall(r"^\s*(\w+): ([\w\s]+);", block[1], re.MULTILINE)
    return {file: names.split() for file, names in rows}
