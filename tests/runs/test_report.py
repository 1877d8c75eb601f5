"""A run's page: whole, alone, and right about networks that are ill."""

from __future__ import annotations

import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import nncore as nc
from nncore import nn
from nncore.cli import main
from nncore.runs import pictures
from nncore.runs.signals import look, verdicts

VOID = ("meta", "img")


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[dict[str, Any]] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def train(folder: Path) -> Any:
    arguments = ["train", "lenet5", "--data", "digits", "--epochs", "2", "--quiet", "--output", str(folder)]
    return CliRunner().invoke(main, arguments)


def test_the_page_is_whole_and_refers_to_nothing_outside(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert train(tmp_path / "run").exit_code == 0
    text = (tmp_path / "run" / "report.html").read_text()
    page = Page(text)
    assert not page.open
    assert len(page.images) == 6 and all(image["alt"] for image in page.images)
    assert all(link.startswith("data:image/png;base64,") for link in page.links) and "url(" not in text
    for title in ("Result", "Curves", "Confusions", "First-layer filters", "Signals and gradients", "What was run"):
        assert f"<h2>{title}</h2>" in text
    assert "61,706 parameters" in text and "[optimizer]" in text and "cpu_path" in text
    (tmp_path / "run" / "report.html").unlink()
    assert CliRunner().invoke(main, ["report", str(tmp_path / "run")]).exit_code == 0
    assert (tmp_path / "run" / "report.html").read_text() == text


def test_without_matplotlib_a_run_ends_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert not pictures.available()
    result = train(tmp_path / "run")
    assert result.exit_code == 0 and result.stderr.count("pip install matplotlib") == 1
    assert not (tmp_path / "run" / "report.html").exists()


def said(model: nn.Sequential) -> dict[str, str]:
    x = nc.tensor(np.random.default_rng(0).standard_normal((32, 8)).astype(np.float32))
    layers = look(model, lambda output, target: (output * output).mean(), x, None)
    assert all(parameter.grad is None for parameter in model.parameters())
    return verdicts(layers)


def network(act: Any, depth: int, scale: float | None) -> nn.Sequential:
    model = nn.Sequential(*(layer for _ in range(depth) for layer in (nn.Linear(8, 8), act())))
    model.initialize(0)
    if scale is not None:
        state = {name: value * scale for name, value in model.state_dict().items()}
        model.load_state_dict(state)
    return model


def test_verdicts_on_ill_networks() -> None:
    well = said(network(nn.Tanh, 2, None))
    assert "do not vanish" in well["signals"] and "do not vanish" in well["gradients"] and "No layer" in well["units"]
    assert "Dead units: 100%" in said(network(nn.ReLU, 2, 0.0))["units"]
    ill = said(network(nn.Sigmoid, 6, 1e-2))
    assert ill["signals"].startswith("Signals vanish") and ill["gradients"].startswith("Gradients vanish")


def test_env_says_what_a_bug_report_needs() -> None:
    found = json.loads(CliRunner().invoke(main, ["env", "--json"]).stdout)
    assert {"nncore", "python", "numpy", "platform", "cpu_path", "threads", "plugins"} <= set(found)
    assert "cpu path: " in CliRunner().invoke(main, ["env"]).stdout
