"""Transfer on the command line: what is begun with, what is trained when, and that a stopped run goes on to the same bits."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import nncore as nc
from nncore import data, training
from nncore.cli import main
from nncore.errors import ConfigError
from nncore.runs import Run, RunConfig

TRANSFER = {
    "pretrained": "",
    "new_head": False,
    "freeze_until": "",
    "freeze": [],
    "unfreeze_after": 0,
    "lr_factor": 0.1,
}


def nncore(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a few digits of three classes."""
    train, _ = data.load("digits")
    chosen = np.flatnonzero(train.y < 3)[:96]
    path = tmp_path_factory.mktemp("data") / "three.npz"
    np.savez(path, x=train.x[chosen], y=train.y[chosen])
    return path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of a network for ten classes."""
    path = tmp_path_factory.mktemp("source") / "source.safetensors"
    nc.save(nc.create("lenet5", seed=7), path)
    return path


def weights(path: Path) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in nc.load(path).state_dict().items()}


def test_frozen_layers_are_those_of_the_file_and_the_head_is_for_the_classes_of_the_data(
    digits: Path, source: Path, tmp_path: Path
) -> None:
    options = ["--data", digits, "--epochs", 2, "--quiet", "--pretrained", source, "--freeze-until", "classifier.3"]
    result = nncore("train", "lenet5", *options, "--output", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert f"all weights from {source}, but classifier.5.weight, classifier.5.bias, which were drawn" in result.stderr
    before, after = weights(source), weights(tmp_path / "run" / "model.safetensors")
    same = {
        name for name in before if before[name].shape == after[name].shape and np.array_equal(before[name], after[name])
    }
    assert same == {
        f"{layer}.{kind}" for layer in ("features.0", "features.3", "classifier.1") for kind in ("weight", "bias")
    }
    assert after["classifier.5.weight"].shape == (3, 84)
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert config["transfer"] == {**TRANSFER, "pretrained": str(source), "freeze_until": "classifier.3"}
    again = nncore("train", tmp_path / "run" / "config.toml", "--quiet", "--output", tmp_path / "again")
    assert again.exit_code == 0, again.output
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == (
        tmp_path / "run" / "model.safetensors"
    ).read_bytes()
    # A run as what another begins with; and a head that fits, left out all the same.
    more = ["--data", digits, "--epochs", 1, "--quiet", "--pretrained", tmp_path / "run", "--freeze", "*", "--json"]
    refused = nncore("train", "lenet5", *more, "--new-head", "--output", tmp_path / "more")
    assert refused.exit_code == 1 and "transfer.freeze: that is all of the network" in refused.output
    for new in (False, True):
        flags = ["--new-head"] if new else []
        config = RunConfig.of(
            {
                "model": {"name": "lenet5"},
                "data": {"source": str(digits)},
                "transfer": {"pretrained": str(tmp_path / "run"), "new_head": bool(flags)},
            }
        )
        run = Run.begin(config, tmp_path / f"new head {new}")
        head = run.trainer.model.state_dict()["classifier.5.weight"].numpy()
        assert np.array_equal(head, after["classifier.5.weight"]) is not new


def test_without_any_of_it_every_default_is_spelled_out(digits: Path) -> None:
    config = RunConfig.of({"model": {"name": "lenet5"}, "data": {"source": str(digits)}})
    assert config["transfer"] == TRANSFER
    assert RunConfig.of(tomllib.loads(config.toml())).sections == config.sections


def two_stages(digits: Path, source: Path) -> RunConfig:
    return RunConfig.of(
        {
            "model": {"name": "lenet5"},
            "data": {"source": str(digits)},
            "training": {"epochs": 4, "batch_size": 32, "seed": 3},
            "schedule": {"name": "cosine"},
            "transfer": {
                "pretrained": str(source),
                "freeze_until": "classifier.5",
                "unfreeze_after": 2,
                "lr_factor": 0.25,
            },
        }
    )


class Stop(training.Callback):
    def __init__(self, at: int) -> None:
        self.at = at

    def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
        if step == self.at:
            trainer.stop("enough")


def test_two_stages_and_their_rates(digits: Path, source: Path, tmp_path: Path) -> None:
    run = Run.begin(two_stages(digits, source), tmp_path / "run")
    head, body = run.trainer.optimizer.param_groups
    assert len(head.params) == 2 and len(body.params) == 8 and body["lr"] == 0.25 * head["lr"]
    trained: list[int] = []

    class Look(training.Callback):
        def on_epoch_end(self, trainer: nc.Trainer, row: dict[str, Any]) -> None:
            trained.append(sum(p.requires_grad for p in trainer.model.parameters()))

    run.trainer.callbacks.append(Look())
    run.train(progress=False)
    assert trained == [2, 2, 10, 10]


@pytest.mark.parametrize("stopped_at", [0, 2, 6, 8, 9])
def test_a_stopped_run_goes_on_to_the_same_bits_without_the_file(
    stopped_at: int, digits: Path, source: Path, tmp_path: Path
) -> None:
    """Three steps an epoch, two epochs before the body is trained: stopped before the first step, in the middle, and at the
    seam. What it began with is deleted meanwhile."""
    there = tmp_path / "source.safetensors"
    shutil.copy(source, there)
    whole = Run.begin(two_stages(digits, there), tmp_path / "whole")
    whole.train(progress=False)
    stopped = Run.begin(two_stages(digits, there), tmp_path / "stopped")
    if stopped_at:
        stopped.trainer.callbacks.insert(0, Stop(stopped_at))
        stopped.trainer.fit(stopped.train_set, 4, stopped.validation_set, batch_size=32, progress=False)
        stopped.trainer.callbacks.pop(0)
        stopped.trainer.save(stopped.folder.checkpoint)
    there.unlink()
    resumed = Run.resume(tmp_path / "stopped")
    assert resumed.trainer.place["step"] == stopped_at and not resumed.finished
    resumed.train(progress=False)
    assert resumed.folder.model.read_bytes() == whole.folder.model.read_bytes()


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"freeze_untill": "fc"}, "transfer.freeze_untill: unknown key. Did you mean 'freeze_until'"),
        ({"freeze_until": "classifer"}, "transfer.freeze_until: .* Did you mean 'classifier'"),
        ({"freeze": ["featres"]}, "transfer.freeze: .* Did you mean 'features'"),
        ({"freeze": [3]}, "transfer.freeze: expected a list of names"),
        ({"freeze": "fc"}, "transfer.freeze: expected a list, got 'fc'"),
        ({"freeze": ["*"]}, "transfer.freeze: that is all of the network"),
        ({"unfreeze_after": 2}, "transfer.unfreeze_after: nothing is frozen"),
        ({"unfreeze_after": 10, "freeze": ["features"]}, "transfer.unfreeze_after: expected fewer than the 10 epochs"),
        ({"unfreeze_after": -1}, "transfer.unfreeze_after: expected a number of at least 0"),
        ({"lr_factor": "small"}, "transfer.lr_factor: expected a number, got 'small'"),
        ({"new_head": 1}, "transfer.new_head: expected true or false, got 1"),
        ({"new_head": True}, "transfer.new_head: there is no other head"),
        (
            {"pretrained": "nowhere.safetensors"},
            "transfer.pretrained: nowhere.safetensors cannot be read: No such file",
        ),
    ],
)
def test_settings_that_make_no_sense_are_named_before_there_is_a_folder(
    section: dict[str, Any], message: str, digits: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        Run.begin(
            RunConfig.of({"model": {"name": "lenet5"}, "data": {"source": str(digits)}, "transfer": section}),
            tmp_path / "run",
        )
    assert not (tmp_path / "run").exists()


def test_weights_of_another_network_are_told_by_name(digits: Path, tmp_path: Path) -> None:
    nc.save(nc.create("lenet5", in_channels=3, seed=0), tmp_path / "colour.safetensors")
    (tmp_path / "text").write_text("no weights")
    for file, message in (
        ("colour.safetensors", r"features.0.weight has shape \(6, 3, 5, 5\), expected \(6, 1, 5, 5\)"),
        ("text", "transfer.pretrained: .*text"),
    ):
        result = nncore(
            "train", "lenet5", "--data", digits, "--pretrained", tmp_path / file, "--output", tmp_path / "run"
        )
        assert result.exit_code == 1 and result.exception is not None
        assert re.search(message, result.output), result.output
        assert not (tmp_path / "run").exists()
