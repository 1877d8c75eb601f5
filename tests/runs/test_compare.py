"""Runs side by side: what differs, what was best, and a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nncore.cli import main
from nncore.runs import RunConfig, pictures


def nncore(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def written(folder: Path, rows: list[dict[str, Any]], result: dict[str, Any] | None = None, **sections: Any) -> Path:
    """A run's folder as it would be, with these numbers."""
    folder.mkdir()
    config = {"model": {"name": "mlp"}, "data": {"source": "digits"}, "training": {"epochs": 3}, **sections}
    (folder / "config.toml").write_text(RunConfig.of(config).toml())
    if rows:
        (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if result is not None:
        (folder / "result.json").write_text(json.dumps(result))
    return folder


def epoch(number: int, loss: float, accuracy: float, seconds: float) -> dict[str, Any]:
    val = {"val_loss": loss + 0.1, "val_accuracy": accuracy}
    return {"epoch": number, "loss": loss, "accuracy": accuracy, **val, "lr": 0.1, "seconds": seconds}


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    first = written(
        tmp_path / "first",
        [epoch(1, 0.9, 0.5, 2.0), epoch(2, 0.4, 0.75, 1.0), epoch(3, 0.6, 0.625, 1.5)],
        {"split": "test", "loss": 0.5, "accuracy": 0.7},
    )
    second = written(
        tmp_path / "second", [epoch(1, 0.8, 0.25, 4.0)], optimizer={"name": "sgd"}, model={"name": "mlp", "hidden": 7}
    )
    return first, second


def test_the_table_tells_what_differs_and_what_was_best(two: tuple[Path, Path]) -> None:
    result = nncore("compare", *two, "--no-picture")
    assert result.exit_code == 0, result.output
    rows = {}
    for line in filter(str.strip, result.stdout.splitlines()):
        name, *cells = (part for part in line.strip().split("  ") if part.strip())
        rows[name.strip()] = [cell.strip() for cell in cells]
    assert rows["model.hidden"] == ["100", "7"] and rows["optimizer.name"] == ["adam", "sgd"]
    assert rows["optimizer.momentum"][0] == "–" and "data.source" not in rows and "loss.name" not in rows
    assert rows["epochs"] == ["3 of 3", "1 of 3"]
    assert rows["best loss"] == ["0.4 (epoch 2)", "0.8 (epoch 1)"] and rows["last loss"] == ["0.6", "0.8"]
    assert rows["best val_accuracy"] == ["0.75 (epoch 2)", "0.25 (epoch 1)"], "the best accuracy is the largest"
    assert rows["test accuracy"] == ["0.7", "–"]
    assert rows["seconds"] == ["4.5", "4.0"] and rows["seconds an epoch"] == ["1.5", "4"]


def test_json_is_whole(two: tuple[Path, Path]) -> None:
    found = json.loads(nncore("compare", *two, "--json").stdout)
    assert found["differing"]["model.hidden"] == [100, 7]
    first, second = found["runs"]
    assert first["best"]["val_loss"] == {"value": 0.5, "epoch": 2} and first["finished"] and not second["finished"]
    assert second["config"]["optimizer"]["name"] == "sgd" and second["last"]["accuracy"] == 0.25


def test_the_picture_is_drawn_where_matplotlib_is_there(
    two: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pictures, "available", lambda: False)
    result = nncore("compare", *two)
    assert result.exit_code == 0 and "pip install matplotlib" in result.stderr and "best loss" in result.stdout
    monkeypatch.undo()
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    result = nncore("compare", *two)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "compare.png").read_bytes().startswith(b"\x89PNG")
    result = nncore("compare", *two, "--picture", tmp_path / "curves.svg")
    assert "<svg" in (tmp_path / "curves.svg").read_text()
    result = nncore("compare", *two, "--picture", tmp_path / "none" / "curves.png")
    assert result.exit_code == 1 and "cannot be written" in result.stderr


def test_what_is_no_run_is_named(two: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for arguments, words, code in (
        ([two[0]], "give two runs or more", 2),
        ([two[0], tmp_path / "empty"], "holds no run", 1),
        ([two[0], tmp_path / "none"], "does not exist", 2),
    ):
        result = nncore("compare", *arguments)
        assert result.exit_code == code and words in result.stderr
    (two[1] / "metrics.jsonl").write_text('{"epoch": 1')
    result = nncore("compare", *two)
    assert result.exit_code == 1 and "metrics.jsonl is damaged" in result.stderr
    (two[1] / "metrics.jsonl").unlink()
    result = nncore("compare", *two, "--no-picture")
    assert result.exit_code == 0 and "0 of 3" in result.stdout, "a run without an epoch is shown as it is"
