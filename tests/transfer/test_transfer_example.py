"""The example runs, and what was learned before helps: a tiny version of it, on the digits."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from nncore import data

PATH = Path(__file__).resolve().parents[2] / "examples" / "transfer.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("transfer_example", PATH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_prints_a_table(tmp_path: Path) -> None:
    options = ["--data", "digits", "--samples", "2", "5", "--seeds", "1", "--first-steps", "40", "--steps", "12"]
    picture = tmp_path / "transfer.png"
    done = subprocess.run(
        [sys.executable, PATH, *options, "--picture", picture], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "from scratch" in done.stdout and "digits, 1 seeds" in done.stdout
    assert picture.exists() or "matplotlib is not installed" in done.stdout


def test_what_was_learned_before_helps_in_few_steps(example: ModuleType) -> None:
    train, test = data.load("digits")
    options = argparse.Namespace(samples=[10], seeds=2, first_steps=300, steps=15, lr=3e-3)
    found = example.measured(options, train, test)
    assert {way: values.shape for way, values in found.items()} == dict.fromkeys(example.WAYS, (1, 2))
    assert (found["two stages"] > found["from scratch"] + 0.1).all()
    assert (found["new head"] > found["from scratch"]).all()


def test_the_classes_are_apart_and_numbered_anew(example: ModuleType) -> None:
    train, _ = data.load("digits")
    first = example.of_classes(train, example.SOURCE)
    assert first.num_classes == 5 and sorted(np.unique(first.y)) == [0, 1, 2, 3, 4]
    assert np.array_equal(first.x[first.y == 1], train.x[train.y == sorted(example.SOURCE)[1]])
    chosen = example.few(first, 4, 0)
    assert np.bincount(chosen.y).tolist() == [4] * 5
    assert not np.array_equal(chosen.x, example.few(first, 4, 1).x)
