"""The promise of the first page: a network and a data set by name, ten epochs, and a good result without a setting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from nncore import _core
from nncore.cli import main

SYSTEM = Path("/usr/share/datasets/fashion-mnist")


@pytest.mark.skipif(not SYSTEM.is_dir(), reason="Debian's package dataset-fashion-mnist is not installed")
@pytest.mark.skipif(_core.cpu_path() == "portable", reason="minutes without vector instructions")
def test_lenet5_learns_fashion_mnist_with_the_defaults(tmp_path: Path) -> None:
    command = ["train", "lenet5", "--data", "fashion-mnist", "--epochs", "10", "--quiet", "--no-report", "--json"]
    result = CliRunner().invoke(main, [*command, "--output", str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["split"] == "test" and found["accuracy"] >= 0.895
