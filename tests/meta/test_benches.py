"""Every op has a bench, made from its samples; and what `make bench` prints is worked out rightly."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from house import ROOT

from nncore import _core
from nncore.bench import cases, steps
from nncore.cli import main

FOLDER = ROOT / "benches" / "python"


def test_every_op_is_benched() -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER / "worker_ops.py"), "--quick"], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)["ops"]
    assert set(measured) == {row["name"] for row in _core.op_table() if row["public"]}
    for name, sizes in measured.items():
        assert 0 < sizes["small"]["seconds"] < 1, name
    # Most ops can be grown; those that make things from numbers, say, can not.
    assert sum("large" in sizes for sizes in measured.values()) > 0.6 * len(measured)
    assert measured["relu"]["large"]["seconds"] > 10 * measured["relu"]["small"]["seconds"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("run")
    for name in ("run", "cases"):
        sys.modules.pop(name, None)


def result(library: str, losses: list[float], **seconds: float) -> dict[str, Any]:
    variants = {v: {"seconds": value, "fastest": value / 2, "losses": losses} for v, value in seconds.items()}
    return {"library": library, "version": "1", "cases": {"mlp": variants}}


def test_ratios_are_of_medians_and_of_our_best_way(run: Any) -> None:
    results = {
        "nncore": [
            result("nncore", [1.0], eager=e, captured=c) for e, c in ((4e-6, 2e-6), (5e-6, 3e-6), (90e-6, 2e-6))
        ],
        "PyTorch": [result("PyTorch", [1.0], eager=value) for value in (20e-6, 10e-6, 900e-6)],
    }
    line = run.compare(results, ["mlp"]).splitlines()[-1]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1:] == ["5 µs", "2 µs", "20 µs", "0.1"]
    line = run.compare(results, ["mlp"], run.fastest).splitlines()[-1]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1:] == ["2 µs", "1 µs", "5 µs", "0.2"]


def test_losses_that_differ_are_told(run: Any) -> None:
    ours, theirs = result("nncore", [2.0, 1.0], eager=1.0), result("PyTorch", [2.0, 1.00001], eager=1.0)
    (line,) = run.agreement({"nncore": [ours], "PyTorch": [theirs]}, ["mlp"])
    assert "agree" in line
    (line,) = run.agreement({"nncore": [ours], "PyTorch": [result("PyTorch", [2.0, 1.1], eager=1.0)]}, ["mlp"])
    assert "DIFFER" in line


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.5e-9, "2 ns"), (1.234e-7, "123 ns"), (7.1e-6, "7.1 µs"), (0.0021, "2.1 ms"), (3.0, "3 s")]
)
def test_durations_have_three_digits(run: Any, seconds: float, text: str) -> None:
    assert run.duration(seconds) == text


def test_the_workers_share_their_cases(run: Any) -> None:
    assert sum(w.size for w in cases.TRAINING["lenet5"].weights().values()) == 61_706  # as the modern LeNet-5 has
    assert cases.TRAINING["mlp"].weights()["0.weight"].shape == (512, 784)
    x, y = cases.TRAINING["lenet5"].batches()[0]
    assert x.shape == (64, 1, 28, 28) and y.min() >= 0 and y.max() <= 9
    workers = sorted(Path(cases.__file__).parent.glob("worker_*.py"))
    assert [worker.stem for worker in workers] == ["worker_jax", "worker_ours", "worker_torch"]
    for worker in workers:
        assert "from cases import" in worker.read_text(), "it runs where nncore need not be"


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["bench", *arguments])


def test_the_command_measures_this_machine() -> None:
    result = invoke("relu_16", "mlp_small", "--quick", "--threads", "1", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["machine"]["path"] == _core.cpu_path() and found["machine"]["threads"] == 1
    (ours,) = found["results"]["nncore"]
    assert set(ours["cases"]) == {"relu_16", "mlp_small"} and set(ours["cases"]["mlp_small"]) == {"eager", "captured"}


def test_the_command_sets_peers_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(python: Path, script: Path, options: list[str], threads: int) -> dict[str, Any]:
        seconds = {"worker_ours.py": {"eager": 4e-6, "captured": 2e-6}, "worker_torch.py": {"eager": 8e-6}}[script.name]
        return {**result(script.stem, [1.0], **seconds), "path": "avx2"}

    monkeypatch.setattr(steps, "run", measured)
    monkeypatch.setattr(steps, "has", lambda python, module: module == "torch")
    told = invoke("mlp")
    assert told.exit_code == 0 and "instructions: avx2" in told.stdout
    (line,) = (line for line in told.stdout.splitlines() if "train step" in line)
    assert line.split()[-7:] == ["4", "µs", "2", "µs", "8", "µs", "0.25"]
    assert "agree" in told.stdout and "JAX is not installed" in told.stderr


def test_the_command_says_what_went_wrong() -> None:
    assert invoke("relu_17").exit_code == 2
    assert "there is no program" in invoke("relu_16", "--peers", "no-such-python").stderr
    with pytest.raises(steps.BenchError, match="gone.py failed"):
        steps.run(sys.executable, steps.HERE / "gone.py", [], 1)
