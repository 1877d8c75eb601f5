"""An op is one file and one line in the list; its documentation is what users read."""

from __future__ import annotations

import re

import pytest
from house import ROOT, op_list

OPS = ROOT / "rust" / "nncore" / "src" / "ops"
SHARED = {"mod"}
"""Files that declare no op; those with helpers for several ops are found by their not declaring any."""
DECLARATION = re.compile(r'^\s*(?:pub )?(\w+) = "(\w+)"\(', re.MULTILINE)


def source(file: str) -> str:
    (path,) = OPS.rglob(f"{file}.rs")
    return path.read_text()


def declared(text: str) -> dict[str, str]:
    """The ops that a file declares with `op!`: struct and name."""
    return {struct: name for struct, name in DECLARATION.findall(text)}


def op_files() -> list[str]:
    names = [path.stem for path in OPS.rglob("*.rs")]
    return sorted(name for name in names if name not in SHARED and declared(source(name)))


@pytest.mark.parametrize("file", op_files())
def test_every_declared_op_is_in_the_list(file: str) -> None:
    # The other way round the compiler sees to it. What a macro of the file declares is not seen here.
    missing = set(declared(source(file))) - set(op_list().get(file, []))
    assert not missing, f"ops/{file}.rs declares {missing}, which its line in ops/mod.rs does not name"


def test_the_list_names_no_file_that_is_not_there() -> None:
    assert set(op_list()) <= {path.stem for path in OPS.rglob("*.rs")}
    assert len(op_files()) > 10


@pytest.mark.parametrize("file", op_files())
def test_the_op_is_found_under_its_own_name(file: str) -> None:
    names = {*declared(source(file)).values(), *(struct.lower() for struct in op_list()[file])}
    own = file.rstrip("_")  # `where_.rs`: where is a word of Rust
    assert any(name == own or name.startswith(own) or own in name.split("_") for name in names) or own in {
        "comparison", "loss", "optimizer",
    }, f"ops/{file}.rs declares {list(names)}, none of which a reader would look for there"  # fmt: skip


@pytest.mark.parametrize("file", op_files())
def test_documentation_is_made_of_sentences(file: str) -> None:
    text = source(file)
    for block in re.findall(r"^op! \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
        lines = [line.strip()[3:].strip() for line in block.splitlines() if line.strip().startswith("///")]
        (struct,) = declared(block)
        assert lines, f"{struct} in ops/{file}.rs has no documentation"
        prose = " ".join(line for line in lines if line)
        assert not prose[0].islower(), f"{struct}: the documentation begins with a small letter: {prose}"
        assert prose.rstrip()[-1] in ".:`)", f"{struct}: the documentation does not end with a full stop: {prose}"


def test_a_missing_line_is_seen() -> None:
    text = 'op! {\n    /// Twice.\n    pub Twice = "twice"(input: One) -> (output; 1) {}\n}\n'
    assert declared(text) == {"Twice": "twice"}
    assert set(declared(text)) != set(op_list().get("twice", []))
