"""What the files must not hold: unfinished code, paths of somebody's machine, lints switched off wholesale."""

from __future__ import annotations

import re

import pytest
from house import files, name_of

THIS = "tests/meta/test_words.py"
RULES: dict[str, tuple[tuple[str, ...], str]] = {
    "unfinished Rust": ((".rs",), r"\b(todo|unimplemented|dbg)!"),
    "unfinished code": ((".rs", ".py"), r"\b(TODO|FIXME|XXX|HACK)\b"),
    "a path of one machine": (
        (".rs", ".py", ".md", ".toml", ".yaml", ".yml"),
        r"(?<![\w.])/(work|opt|root|home|tmp)/\w",
    ),
    "a whole file without lints": ((".py",), r"^# (ruff|mypy|flake8): ?(noqa|ignore-errors)\b"),
    "a whole crate without lints": ((".rs",), r"#!\[allow\((warnings|clippy::all|unused)\b"),
    "a conflict of merging": ((".rs", ".py", ".md", ".toml"), r"^(<{7}|>{7}) "),
}
EXAMPLES = {
    "unfinished Rust": "    todo!()",
    "unfinished code": "# TODO later",
    "a path of one machine": 'open("/home/somebody/x")',
    "a whole file without lints": "# ruff: noqa",
    "a whole crate without lints": "#![allow(warnings)]",
    "a conflict of merging": "<<<<<<< HEAD",
}


@pytest.mark.parametrize("rule", RULES)
def test_no_file_holds(rule: str) -> None:
    suffixes, pattern = RULES[rule]
    find = re.compile(pattern, re.MULTILINE)
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in files(*suffixes)
        if name_of(path) != THIS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if find.search(line)
    ]
    assert not found, f"{rule}:\n" + "\n".join(found)


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_sees_an_offender(rule: str) -> None:
    assert re.search(RULES[rule][1], EXAMPLES[rule], re.MULTILINE)
