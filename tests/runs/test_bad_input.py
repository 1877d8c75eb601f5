"""What a clumsy user gives on the command line: one line that says what is wrong, no traceback, and nothing lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from nncore import _core
from nncore.cli import main
from nncore.runs import report as report_page

SHORT = ("--epochs", "2", "--quiet", "--no-report")


def nncore(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "first"
    assert nncore("train", "mlp", "--data", "digits", *SHORT, "--output", folder).exit_code == 0
    return folder


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of a run that has not told its result yet."""
    shutil.copytree(finished, tmp_path / "run")
    (tmp_path / "run" / "result.json").unlink()
    return tmp_path / "run"


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with data sets that are no good."""
    draw = np.random.default_rng(0)
    x = draw.standard_normal((60, 4)).astype(np.float32)
    kinds = np.arange(60) % 3
    pixels = draw.integers(0, 255, (60, 2, 28, 28), np.uint8)
    np.savez(tmp_path / "channels.npz", x=pixels, y=kinds)
    np.savez(tmp_path / "words.npz", x=x, y=np.array(["cat", "dog", "cow"] * 20))
    np.savez(tmp_path / "nan.npz", x=np.full_like(x, np.nan), y=kinds)
    np.savez(tmp_path / "bare.npz", x=x)
    np.savez(tmp_path / "tiny.npz", x=x[:3], y=kinds[:3])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(result: Result, *words: str, code: int = 1) -> None:
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit), "an error that nobody meant to raise"
    for word in words:
        assert word in result.stderr, result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.toml"], ["none.toml cannot be read: No such file"]),
        (["mlp", "--data", "bare.npz"], ["bare.npz holds inputs alone"]),
        (["mlp", "--data", "words.npz"], ["y holds strings; expected numbers; number the classes"]),
        (["mlp", "--data", "tiny.npz"], ["data.validation: 0.1 of 3 samples", "set it to 0"]),
        (
            ["mlp", "--data", "digits", "--loss", "mse"],
            ["loss.name: mse cannot compare", "labels of digits", "(2, 10)"],
        ),
        (["mlp", "--data", "digits", "--set", "model.num_classes=7"], ["7 classes, and the data has 10"]),
        (
            ["lenet5", "--data", "channels.npz", "--set", "model.in_channels=3"],
            ["cannot take inputs of shape (2, 28, 28)"],
        ),
        (["mlp", "--data", "nowhere"], ["no data set, no folder and no file is called 'nowhere'"]),
        (["mlp", "--data", "digits", "--optimizer", "adm"], ["unknown optimizer 'adm'. Did you mean 'adam'"]),
        (["mlp", "--data", "digits", "--set", "optimizer.betas=3"], ["betas are two numbers, got 3"]),
    ],
)
def test_what_does_not_fit_is_told_before_there_is_a_folder(
    there: Path, arguments: list[str], words: list[str]
) -> None:
    told(nncore("train", *arguments, *SHORT, "--output", "out"), *words)
    assert not (there / "out").exists()


def test_a_loss_that_is_no_number_ends_the_training(there: Path) -> None:
    told(
        nncore("train", "mlp", "--data", "nan.npz", *SHORT, "--output", "out"),
        "the loss is nan at step 1",
        "input holds NaN",
    )


def test_checkpoints_that_are_no_good_are_named(run: Path, finished: Path) -> None:
    checkpoint = run / "checkpoint.safetensors"
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[:1000])
    for command in ("resume", "eval"):
        told(nncore(command, run), "checkpoint.safetensors", "cut off")
    checkpoint.write_bytes((finished / "model.safetensors").read_bytes())
    told(nncore("resume", run), "checkpoint.safetensors holds no training")
    checkpoint.write_bytes(whole)
    config = (run / "config.toml").read_text()
    (run / "config.toml").write_text(config.replace("hidden = 100", "hidden = 7"))
    told(nncore("resume", run), "of another model", "layers.0.weight")
    (run / "config.toml").write_text(config + "[")
    told(nncore("eval", run), "config.toml is no TOML")


def test_a_folder_in_use_is_told_in_one_sentence(run: Path) -> None:
    result = nncore("train", "mlp", "--data", "digits", *SHORT, "--output", run)
    told(result, f"Error: {run} exists and is not empty; give another --output")
    assert "cannot be written" not in result.stderr


def test_a_full_disk_says_how_to_go_on_and_leaves_what_was_saved(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, count = _core.save_file, iter(range(100))

    def full(path: str, *rest: Any) -> None:
        if path.endswith("checkpoint.safetensors") and next(count) >= 1:
            raise OSError(28, os.strerror(28), path)
        write(path, *rest)

    monkeypatch.setattr(_core, "save_file", full)
    result = nncore("train", "mlp", "--data", "digits", *SHORT, "--output", "out")
    told(result, "No space left on device", "go on with: nncore resume out")
    monkeypatch.undo()
    monkeypatch.chdir(there)
    result = nncore("resume", "out", "--quiet")
    assert result.exit_code == 0 and "test accuracy" in result.stdout, result.output
    assert len((there / "out" / "metrics.csv").read_text().splitlines()) == 3


def test_a_damaged_result_is_no_traceback(run: Path, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (run / "result.json").write_text("{")
    told(nncore("compare", finished, run), "result.json is damaged")
    pytest.importorskip("matplotlib")
    told(nncore("report", run), "result.json is damaged")
    monkeypatch.setattr(report_page.pictures, "available", lambda: False)
    told(nncore("report", run), f"pip install matplotlib`, then `nncore report {run}`")


def test_what_the_system_refuses_is_one_line(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, *_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_text", refused)
    told(nncore("compare", run, run), "Permission denied", str(run))


def test_a_folder_without_pictures_is_told(finished: Path) -> None:
    told(nncore("predict", finished, finished), "there are no pictures in this folder", "1 of 1 files")
