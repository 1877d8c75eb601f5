"""The examples of the page about data print what they say that they print."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from pages import blocks

from nncore import data, preprocess

EXAMPLES = [block.code for block in blocks("docs/data.md") if block.language == "python"]


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_prints_what_it_says(code: str) -> None:
    said = re.findall(r"^print\(.*\)  # (.*)$", code, re.M)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "docs/data.md", "exec"), {})
    assert said and out.getvalue().splitlines() == said


def test_the_page_names_every_data_set() -> None:
    page = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
    assert all(f"`{name}`" in page for name in data.available() if "/" not in name)


def test_what_the_page_calls_is_there() -> None:
    page = (Path(__file__).parents[2] / "docs/data.md").read_text()
    called = re.findall(r"\b(data|preprocess)\.([A-Z]\w+)", page)
    assert len(called) > 4
    for module, name in called:
        assert hasattr({"data": data, "preprocess": preprocess}[module], name), f"{module}.{name}"
