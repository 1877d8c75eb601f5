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
    assert "The learning rate was 0.001 throughout." in text, "a level line would say no more"
    assert len(page.images) == 5 and all(image["alt"] for image in page.images)
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


def page_of(tmp_path: Path, *arguments: str) -> str:
    """The page of a short run, or of one whose arguments are given."""
    result = CliRunner().invoke(main, ["train", *arguments, "--quiet", "--output", str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    text = (tmp_path / "run" / "report.html").read_text()
    page = Page(text)
    assert not page.open and all(image["alt"] for image in page.images)
    return text


def test_numbers_to_come_close_to_have_a_page_of_their_own(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    x = np.random.default_rng(0).standard_normal((120, 3))
    np.savetxt(tmp_path / "a.csv", np.c_[x, x.sum(1)], delimiter=",", header="a,b,c,y", comments="")
    options = ["--loss", "mse", "--metric", "mae", "--epochs", "1", "--batch-size", "8"]
    text = page_of(tmp_path, "mlp", "--data", str(tmp_path / "a.csv"), *options)
    assert "<h2>Predictions</h2>" in text and "12 predictions over the true numbers" in text
    assert "<h2>Confusions</h2>" not in text and "<h2>First-layer filters</h2>" not in text
    assert "over 1 epoch: " in text and "num_classes = 1" in text
    found = json.loads((tmp_path / "run" / "result.json").read_text())
    assert f"<td>mean absolute error</td><td>{found['mae']:.4g}</td>" in text


def test_the_wrong_loss_for_the_data_is_told_before_there_is_a_folder(tmp_path: Path) -> None:
    x = np.random.default_rng(0).standard_normal((40, 3))
    np.savetxt(tmp_path / "a.csv", np.c_[x, x.sum(1)], delimiter=",", header="a,b,c,y", comments="")
    for options, words in (
        ([], "loss.name: cross_entropy cannot compare"),
        (["--loss", "mse"], "--loss mse --metric mae"),
    ):
        command = ["train", "mlp", "--data", str(tmp_path / "a.csv"), *options, "--output", str(tmp_path / "run")]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 1 and words in result.output, result.output
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("values", [[float("nan")], [1.0, float("nan"), 3.0], [None, 2.0], [2.0, 2.0], [0.0], [-1.0]])
def test_curves_of_odd_numbers(values: list[Any]) -> None:
    pytest.importorskip("matplotlib")
    assert f"over {len(values)} epoch" in pictures.curves({"training": values}, "loss")


def test_the_page_of_several_outputs_looks_at_the_main_one(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from nncore.runs import Run, RunConfig
    from nncore.runs.report import write_report

    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.flat, self.main, self.aux = nn.Flatten(), nn.Linear(64, 10), nn.Linear(64, 10)

        def forward(self, input: nc.Tensor) -> Any:
            flat = self.flat(input)
            return {"aux": self.aux(flat), "main": self.main(flat)}

    run = Run.begin(RunConfig.of({"model": {"name": "mlp"}, "data": {"source": "digits", "size": 8}}), tmp_path / "run")
    losses = {"main": "cross_entropy", "aux": "cross_entropy"}
    run.trainer = nc.Trainer(Heads(), losses, metrics={"main": ["accuracy"], "aux": ["accuracy"]}, seed=0)
    run.trainer.fit(run.train_set, 2, run.validation_set, progress=False)
    path = write_report(run)
    assert path is not None
    text = path.read_text()
    for title in ("main_loss over 2 epochs", "aux_accuracy over 2 epochs", "Confusion matrix of 10 classes"):
        assert title in text


def test_a_level_line_has_its_value_alone_at_the_axis() -> None:
    pytest.importorskip("matplotlib")
    drawn: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "image", lambda figure, *_: drawn.append(figure) or "")
        pictures.curves({"training": [0.25, 0.25]}, "accuracy")
    axes = drawn[0].axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["0.25"]
    low, high = axes.get_ylim()
    assert low < 0.25 < high
