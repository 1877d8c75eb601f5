"""From a name to a trained network in a folder: what is written, what is read back, and what is refused."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import nncore as nc
from nncore import data
from nncore.cli import main
from nncore.errors import ConfigError, RunError
from nncore.runs import Run, RunConfig

SHORT = ["--data", "digits", "--epochs", "2", "--quiet"]


def nncore(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A run of LeNet-5 and what it printed."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    result = nncore(
        "train",
        "lenet5",
        *SHORT,
        "--lr",
        2e-3,
        "--metric",
        "accuracy",
        "--metric",
        "confusion_matrix",
        "--output",
        folder,
    )
    assert result.exit_code == 0, result.output
    return folder, result


def test_a_run_leaves_a_folder(finished: tuple[Path, Result]) -> None:
    folder, result = finished
    last = result.stdout.splitlines()[-1]
    assert last.startswith("test accuracy: ") and float(last.split()[-1].rstrip("%")) > 50
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    table = list(csv.DictReader((folder / "metrics.csv").open()))
    assert [row["epoch"] for row in rows] == [1, 2] and [float(row["loss"]) for row in table] == [
        row["loss"] for row in rows
    ]
    assert np.array(rows[1]["val_confusion_matrix"]).sum() == 144 and "val_confusion_matrix" not in table[0]
    environment = json.loads((folder / "environment.json").read_text())
    assert environment["nncore"] == nc.__version__ and environment["cpu_path"] == nc.cpu_path()
    found = json.loads((folder / "result.json").read_text())
    assert found["split"] == "test" and f"{found['accuracy']:.1%}" in last


def test_the_model_is_the_one_that_was_tested(finished: tuple[Path, Result]) -> None:
    folder, _ = finished
    model = nc.load(folder / "model.safetensors").eval()
    test = data.load("digits")[1]
    with nc.no_grad():
        right = (model(nc.tensor(test.x)).argmax(1).numpy() == test.y).mean()
    assert right == json.loads((folder / "result.json").read_text())["accuracy"]


def test_every_default_is_spelled_out_and_the_file_makes_the_same_run(
    finished: tuple[Path, Result], tmp_path: Path
) -> None:
    folder, _ = finished
    config = tomllib.loads((folder / "config.toml").read_text())
    assert config["optimizer"]["betas"] == [0.9, 0.999] and config["optimizer"]["lr"] == 2e-3
    assert config["model"] == {"name": "lenet5", "num_classes": 10, "in_channels": 1, "act": "relu"}
    assert config["training"]["batch_size"] == 64 and config["data"]["validation"] == 0.1
    again = tmp_path / "again"
    result = nncore("train", folder / "config.toml", "--quiet", "--output", again)
    assert result.exit_code == 0, result.output
    assert (again / "config.toml").read_text() == (folder / "config.toml").read_text()
    assert (again / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()


def test_options_go_over_the_file(finished: tuple[Path, Result], tmp_path: Path) -> None:
    folder, _ = finished
    changes = ["--optimizer", "sgd", "--lr", 0.05, "--set", "optimizer.momentum=0.9", "--set", "model.act=tanh"]
    result = nncore(
        "train", folder / "config.toml", *changes, "--epochs", 1, "--quiet", "--json", "--output", tmp_path / "b"
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["split"] == "test"
    config = tomllib.loads((tmp_path / "b" / "config.toml").read_text())
    assert config["optimizer"]["name"] == "sgd" and config["optimizer"]["momentum"] == 0.9
    assert "betas" not in config["optimizer"] and config["model"]["act"] == "tanh" and config["training"]["epochs"] == 1


def test_eval_says_what_the_training_said(finished: tuple[Path, Result]) -> None:
    folder, result = finished
    assert nncore("eval", folder).stdout == result.stdout


def test_resume_after_a_kill_gives_the_same_model(tmp_path: Path) -> None:
    options = [*SHORT[:2], "--epochs", "25", "--quiet", "--schedule", "cosine", "--set", "model.dropout=0.3"]
    ends = []
    for kill in (False, True):
        folder = tmp_path / f"killed {kill}"
        command = [sys.executable, "-m", "nncore", "train", "mlp", *options, "--output", str(folder)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            if kill:
                end = time.monotonic() + 60
                while not (folder / "checkpoint.safetensors").exists() and time.monotonic() < end:
                    time.sleep(0.002)
                process.send_signal(signal.SIGKILL)
        if kill:
            assert not (folder / "result.json").exists(), "it was killed before its end"
            result = nncore("resume", folder, "--quiet")
            assert result.exit_code == 0, result.output
        ends.append((folder / "model.safetensors").read_bytes())
    assert ends[0] == ends[1]
    again = nncore("resume", folder)
    assert again.exit_code == 1 and "is finished" in again.output


def test_a_run_that_was_killed_before_its_result_is_not_trained_further(
    finished: tuple[Path, Result], tmp_path: Path
) -> None:
    folder, _ = finished
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for name in ("result.json", "model.safetensors"):
        (copy / name).unlink()
    assert nncore("resume", copy, "--quiet").exit_code == 0
    for name in ("result.json", "model.safetensors"):
        assert (copy / name).read_bytes() == (folder / name).read_bytes()


def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [
        sys.executable,
        "-m",
        "nncore",
        "train",
        "mlp",
        "--data",
        "digits",
        "--epochs",
        "5000",
        "--quiet",
        "--output",
        str(folder),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 60
        while not (folder / "checkpoint.safetensors").exists() and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and f"go on with: nncore resume {folder}" in errors
    assert Run.resume(folder).trainer.place["step"] > 0


def test_data_with_other_channels_and_classes_fit_where_the_network_can(tmp_path: Path) -> None:
    config = {"model": {"name": "mlp", "hidden": 8}, "data": {"source": "digits", "size": 8}, "training": {"epochs": 1}}
    run = Run.begin(RunConfig.of(config), tmp_path / "small")
    assert run.trainer.model.config["in_features"] == 64
    run.train(progress=False)


def config(text: str) -> Any:
    def read(folder: Path) -> None:
        path = folder / "run.toml"
        path.write_text(text)
        RunConfig.read(path)

    return read


MISTAKES: dict[str, tuple[Any, str]] = {
    "no TOML": (config("[model\nname = 3"), r"run.toml is no TOML: .*line 1"),
    "an unknown section": (
        config("[model]\nname='mlp'\n[modle]\n"),
        r"line 3: modle: unknown section. Did you mean 'model'",
    ),
    "an unknown key": (
        config("[model]\nname = 'mlp'\n[data]\nsource = 'digits'\n[training]\nepoch = 3"),
        r"line 6: training.epoch: unknown key. Did you mean 'epochs'",
    ),
    "a wrong type": (
        config("[model]\nname = 'mlp'\n[data]\nsource = 'digits'\n[training]\nepochs = '3'"),
        r"line 6: training.epochs: expected a whole number, got '3'",
    ),
    "an unknown component": (
        config("[model]\nname = 'lenet6'\n[data]\nsource = 'digits'"),
        r"line 2: model.name: unknown architecture 'lenet6'. Did you mean 'lenet5'",
    ),
    "an unknown setting": (
        config("[model]\nname='mlp'\n[data]\nsource='digits'\n[optimizer]\nname='sgd'\nmomentun = 0.9"),
        r"line 7: optimizer.momentun: sgd has no such setting. Did you mean 'momentum'",
    ),
    "a setting of the wrong type": (
        config("[model]\nname='mlp'\nhidden='x'\n[data]\nsource='digits'"),
        r"line 3: model.hidden: expected a whole number, got 'x'",
    ),
    "no data": (config("[model]\nname='mlp'"), "data.source: is missing"),
    "no name": (config("[data]\nsource='digits'"), "model.name: expected the name of an architecture"),
    "no epochs": (
        config("[model]\nname='mlp'\n[data]\nsource='digits'\n[training]\nepochs=0"),
        "epochs: expected 1 or more",
    ),
    "too much validation": (
        config("[model]\nname='mlp'\n[data]\nsource='digits'\nvalidation=1.5"),
        "line 5: .*less than 1",
    ),
    "no section": (config("model = 3"), "model: expected a section, got 3"),
    "an unknown metric": (
        config("[model]\nname='mlp'\n[data]\nsource='digits'\n[training]\nmetrics=['acc']"),
        "training.metrics: unknown metric 'acc'",
    ),
    "another shape": (
        lambda folder: Run.begin(
            RunConfig.of({"model": {"name": "lenet5"}, "data": {"source": "digits", "size": 8}}), folder / "a"
        ),
        r"lenet5 cannot take inputs of shape \(1, 8, 8\)",
    ),
    "other classes": (
        lambda folder: Run.begin(
            RunConfig.of({"model": {"name": "mlp", "sizes": [784, 7]}, "data": {"source": "digits"}}), folder / "a"
        ),
        "mlp tells 7 classes, and the data has 10",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_by_line_and_key(name: str, tmp_path: Path) -> None:
    call, words = MISTAKES[name]
    with pytest.raises(ConfigError, match=words):
        call(tmp_path)
    assert not (tmp_path / "a").exists(), "nothing was begun"


def test_a_folder_that_is_in_use_is_left_alone(finished: tuple[Path, Result], tmp_path: Path) -> None:
    folder, _ = finished
    before = {path: path.read_bytes() for path in folder.iterdir()}
    result = nncore("train", "lenet5", *SHORT, "--output", folder)
    assert result.exit_code == 1 and "exists and is not empty" in result.output and "nncore resume" in result.output
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    (tmp_path / "file").write_text("")
    for path, words in ((tmp_path / "file", "exists"), (tmp_path / "file" / "below", "cannot be written to")):
        with pytest.raises(RunError, match=words):
            Run.begin(RunConfig.of({"model": {"name": "mlp"}, "data": {"source": "digits"}}), path)
    with pytest.raises(RunError, match="holds no run"):
        Run.resume(tmp_path)


@pytest.mark.parametrize(
    "arguments", [["train"], ["train", "mlp", "--data", "digits", "--set", "act=tanh"], ["resume", "/none"]]
)
def test_wrong_arguments_are_the_users(arguments: list[str]) -> None:
    assert nncore(*arguments).exit_code == 2
