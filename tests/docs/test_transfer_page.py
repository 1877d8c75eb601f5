"""The examples of the page about transfer learning run as they stand, and its defaults are the real ones."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from pages import blocks

import nncore as nc
from nncore.runs.config import TRANSFER

PAGE = "docs/transfer.md"


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for block in blocks(PAGE):
        if block.language == "python":
            exec(compile(block.code, PAGE, "exec"), scope)
    trainer = scope["trainer"]
    assert isinstance(trainer, nc.Trainer) and trainer.history.last["accuracy"] > 0.5
    assert nc.load("model.safetensors").config["num_classes"] == 10
    probe = scope["probe"]
    assert isinstance(probe, nc.nn.Sequential) and probe(nc.ones((2, 1, 28, 28))).shape == (2, 10)
    assert [name for name, p in probe.named_parameters() if p.requires_grad] == ["2.weight", "2.bias"]


def test_the_section_has_the_defaults() -> None:
    (toml,) = (block.code for block in blocks(PAGE) if block.language == "toml")
    assert tomllib.loads(toml)["transfer"] == TRANSFER
