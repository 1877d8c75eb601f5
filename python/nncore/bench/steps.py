"""Whole steps of nncore and its peers, each library in processes of its own that take turns: `nncore bench` and `make bench`."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nncore.bench.cases import CASES
from nncore.errors import NNCoreError

__all__ = [
    "PEERS",
    "BenchError",
    "Pick",
    "agreement",
    "compare",
    "cores",
    "duration",
    "fastest",
    "has",
    "machine",
    "measure",
    "median",
    "rows_of",
    "run",
    "table",
]

HERE = Path(__file__).parent
PEERS = {"PyTorch": ("worker_torch.py", "torch"), "JAX": ("worker_jax.py", "jax")}
"""The peers: what measures each, and the module that tells whether it is there."""
AGREE = 1e-4
"""How far the losses of the first steps may lie apart, relatively."""


class BenchError(NNCoreError, RuntimeError):
    """A process that was to be measured failed."""


def cores() -> int:
    """The CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_model() -> str:
    """The CPU's name."""
    try:
        listed = subprocess.run(["lscpu"], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout
    except OSError:
        listed = ""
    found = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in listed.splitlines())}
    if "Model name" not in found:
        return platform.processor() or platform.machine()
    # Virtual machines shorten the name; the family tells the generation then.
    family = f" (family {found['CPU family']}, model {found.get('Model')})" if "CPU family" in found else ""
    return found["Model name"] + family


def has(python: str, module: str) -> bool:
    """Whether that Python can import the module, found without importing it."""
    probe = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", probe], capture_output=True).returncode == 0


def run(python: str, script: Path, options: list[str], threads: int) -> dict[str, Any]:
    """One process of one library."""
    env = {**os.environ, "BENCH_THREADS": str(threads), "NNCORE_NUM_THREADS": str(threads)}
    done = subprocess.run([python, str(script), *options], capture_output=True, text=True, env=env)
    if done.returncode:
        raise BenchError(f"{script.name} failed in {python}:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


Pick = Callable[[list[dict[str, Any]]], float]
"""One figure from what several processes measured."""


def median(measured: list[dict[str, Any]]) -> float:
    """The median of the processes' medians."""
    return float(statistics.median(m["seconds"] for m in measured))


def fastest(measured: list[dict[str, Any]]) -> float:
    """The fastest block of all."""
    return float(min(m["fastest"] for m in measured))


def variants(rounds: list[dict[str, Any]], case: str, pick: Pick) -> dict[str, float]:
    """Seconds by variant."""
    found: dict[str, list[dict[str, Any]]] = {}
    for result in rounds:
        for variant, measured in result["cases"].get(case, {}).items():
            found.setdefault(variant, []).append(measured)
    return {variant: pick(measured) for variant, measured in found.items()}


def duration(seconds: float | None) -> str:
    """With three digits and a unit."""
    if seconds is None:
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def ratio(ours: float | None, peer: float | None) -> str:
    """Our time over theirs."""
    return "-" if ours is None or peer is None else f"{ours / peer:.2g}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table whose columns line up."""
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]

    def line(row: list[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"

    return "\n".join([line(head), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, rows)])


def rows_of(
    results: dict[str, list[dict[str, Any]]], cases: list[str], pick: Pick = median
) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table of all libraries."""
    peers = [name for name in results if name != "nncore"]
    head = ["case", "nncore eager", "nncore captured"]
    for name in peers:
        head += [f"{name} {results[name][0]['version']}", f"ours / {name}"]
    rows = []
    for case in cases:
        ours = variants(results["nncore"], case, pick)
        row = [CASES[case], duration(ours.get("eager")), duration(ours.get("captured"))]
        for name in peers:
            theirs = min(variants(results[name], case, pick).values(), default=None)
            row += [duration(theirs), ratio(ours.get("captured", ours.get("eager")), theirs)]
        rows.append(row)
    return head, rows


def compare(results: dict[str, list[dict[str, Any]]], cases: list[str], pick: Pick = median) -> str:
    """The table of all libraries."""
    return table(*rows_of(results, cases, pick))


def agreement(results: dict[str, list[dict[str, Any]]], cases: list[str]) -> list[str]:
    """For each training case, how far the losses of the first steps lie apart."""
    lines = []
    for case in cases:
        losses = {
            f"{name} {variant}": measured["losses"]
            for name, rounds in results.items()
            for variant, measured in rounds[0]["cases"].get(case, {}).items()
            if "losses" in measured
        }
        if len(losses) < 2:
            continue
        apart = max((max(at) - min(at)) / abs(min(at)) for at in zip(*losses.values(), strict=True))
        verdict = "agree" if apart < AGREE else "DIFFER"
        lines.append(f"{case}: losses of {', '.join(losses)} {verdict} within {apart:.1e}")
    return lines


def measure(peers: str, options: list[str], rounds: int, threads: int) -> dict[str, list[dict[str, Any]]]:
    """What each library measured, round by round; which one it is goes to the error output.

    Args:
        peers: The Python that may have PyTorch or JAX.
        options: Names of cases, and maybe `--quick`.
        rounds: Processes of each library.
        threads: Threads of each.

    Raises:
        BenchError: A process failed.
    """
    found = {name: script for name, (script, module) in PEERS.items() if has(peers, module)}
    pythons = {
        "nncore": (sys.executable, "worker_ours.py"),
        **{name: (peers, script) for name, script in found.items()},
    }
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in pythons}
    for number in range(rounds):
        for name, (python, script) in pythons.items():
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr)
            results[name].append(run(python, HERE / script, options, threads))
    return results


def machine(results: dict[str, list[dict[str, Any]]], threads: int) -> dict[str, Any]:
    """What the figures are of."""
    path = results["nncore"][0]["path"]
    return {"cpu": cpu_model(), "path": path, "threads": threads, "system": platform.platform()}
