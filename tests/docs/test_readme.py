"""The README's first two examples run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pages import blocks


def test_the_first_example_trains(tmp_path: Path) -> None:
    code = blocks("README.md")[0].code
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    losses = [float(loss) for loss in re.findall(r"loss (\S+)", done.stdout)]
    (accuracy,) = re.findall(r"accuracy (\S+)", done.stdout)
    # Ten classes begin at ln 10 = 2.3 and at an accuracy of 0.1.
    assert len(losses) == 5 and losses[-1] < 1, done.stdout
    assert float(accuracy) > 0.85, done.stdout


def test_the_second_example_trains_without_a_loop(tmp_path: Path) -> None:
    first, second = (block.code for block in blocks("README.md")[:2])
    code = "\n".join([*(line for line in first.splitlines() if line.startswith(("import", "from", "train,"))), second])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^epoch .* val_accuracy ", done.stderr, re.M)) == 5, done.stderr
    assert float(done.stdout.split()[-1]) > 0.9, done.stdout


def test_the_example_is_the_one_that_readers_see_first() -> None:
    first = blocks("README.md")[0]
    assert first.language == "python" and "make demo" in first.lead
    assert len(first.code.splitlines()) < 40
