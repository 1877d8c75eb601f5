"""The classic networks on another task: their heads, layers by name, and the way from the command line."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import nncore as nc
from nncore.cli import main
from nncore.errors import InvalidValueError, NNCoreError

HEADS = {
    "alexnet": {"classifier.6"},
    "vgg11_bn": {"classifier.6"},
    "googlenet": {"fc", "aux1.fc2", "aux2.fc2"},
    "resnet18": {"fc"},
    "resnet20": {"fc"},
    "nin": {"features.20"},
    "all_cnn": {"features.19"},
}
"""The layers whose outputs are classes, by the names that torchvision gives them where it has the network."""


@pytest.mark.parametrize("name", HEADS)
def test_the_head_alone_is_new_and_the_file_says_all(name: str, tmp_path: Path) -> None:
    model = nc.create(name, width=0.125, seed=0)
    new = nc.replace_head(model, 7, seed=1)
    before, after = model.state_dict(), new.state_dict()
    changed = {key.rpartition(".")[0] for key in before if before[key].shape != after[key].shape}
    assert changed == HEADS[name]
    for key, value in after.items():
        if key.rpartition(".")[0] not in changed:
            assert np.array_equal(value.numpy(), before[key].numpy()), key
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nc.save(new, tmp_path / "new.safetensors")
    again = nc.load(tmp_path / "new.safetensors").state_dict()
    assert all(np.array_equal(value.numpy(), again[key].numpy()) for key, value in after.items())


def test_a_head_of_fixed_codes_is_not_guessed() -> None:
    with pytest.raises(InvalidValueError, match="output comes after f6; give head="):
        nc.replace_head(nc.create("lenet5_original", seed=0), 7)


def test_the_stages_of_a_resnet_by_name() -> None:
    model = nc.create("resnet18", width=0.125, seed=0).eval()
    outputs = nc.features(model, "layer1", "layer3.1", "layer4.0.conv1")(nc.ones((2, 3, 64, 64)))
    assert {name: output.shape for name, output in outputs.items()} == {
        "layer1": (2, 8, 16, 16),
        "layer3.1": (2, 32, 4, 4),
        "layer4.0.conv1": (2, 64, 2, 2),
    }
    # An inception module within GoogLeNet, and a head that evaluation leaves out.
    google = nc.create("googlenet", width=0.125, seed=0).eval()
    assert nc.features(google, "inception4a")(nc.ones((1, 3, 64, 64))).shape == (1, 64, 4, 4)
    with pytest.raises(NNCoreError, match="did not call its layer 'aux1' in evaluation mode"):
        nc.features(google, "aux1")(nc.ones((1, 3, 64, 64)))


def test_a_resnet_in_two_stages_from_the_command_line(tmp_path: Path) -> None:
    source = nc.create("resnet18", width=0.0625, in_channels=1, seed=3)
    nc.save(source, tmp_path / "source.safetensors")
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=rng.random((24, 1, 32, 32), dtype="float32"), y=np.arange(24) % 3)
    for after, trained in (
        ("0", {"layer4", "fc"}),
        ("1", {"conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc"}),
    ):
        folder = tmp_path / f"run {after}"
        files = ["--data", tmp_path / "data.npz", "--pretrained", tmp_path / "source.safetensors", "--output", folder]
        settings = ["--set", "model.width=0.0625", "--epochs", 2, "--batch-size", 8, "--quiet", "--no-report"]
        stages = ["--freeze-until", "layer4", "--unfreeze-after", after]
        done = CliRunner().invoke(main, [str(each) for each in ("train", "resnet18", *files, *settings, *stages)])
        assert done.exit_code == 0, done.output
        model = nc.load(folder / "model.safetensors")
        before = source.state_dict()
        # Statistics too: those of frozen layers stay.
        moved = {
            key.partition(".")[0]
            for key, value in model.state_dict().items()
            if value.shape != before[key].shape or not np.array_equal(value.numpy(), before[key].numpy())
        }
        assert moved == trained and model.fc.weight.shape[0] == 3
