"""nncore beside its peers: `make bench`, or `python benches/python/run.py --peers PYTHON`.

Each library runs in a process of its own, one at a time, in interleaved rounds. A table of medians and ratios is printed,
with the CPU, the instructions in use, and whether the losses of all libraries agree; then every op alone, and ops at the
sizes of activations beside PyTorch.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cases import CASES
from ops_beside import HEAD, beside, summary

HERE = Path(__file__).parent
PEERS = {"PyTorch": ("worker_torch.py", "torch"), "JAX": ("worker_jax.py", "jax")}
AGREE = 1e-4
"""How far the losses of the first steps may lie apart, relatively."""


def arguments() -> argparse.Namespace:
    """What the user asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable, help="Python that has PyTorch or JAX")
    parser.add_argument("--cases", metavar="NAME", nargs="+", choices=CASES, default=list(CASES), help="default: all")
    parser.add_argument("--rounds", type=int, help="processes of each library (default: 5, or 1 with --quick)")
    parser.add_argument("--threads", type=int, default=cores(), help="threads of each library (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="short and rough")
    parser.add_argument("--no-ops", action="store_true", help="leave out the tables of ops")
    parser.add_argument("--fastest", action="store_true", help="fastest blocks, not medians: for a machine in use")
    parser.add_argument("--json", metavar="FILE", help="write the raw figures there")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 5)
    return chosen


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


def run(python: str, script: str, options: list[str], threads: int) -> dict[str, Any]:
    """One process of one library."""
    env = {**os.environ, "BENCH_THREADS": str(threads), "NNCORE_NUM_THREADS": str(threads)}
    done = subprocess.run([python, str(HERE / script), *options], capture_output=True, text=True, env=env)
    if done.returncode:
        raise SystemExit(f"{script} failed:\n{done.stderr}")
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


def compare(results: dict[str, list[dict[str, Any]]], cases: list[str], pick: Pick = median) -> str:
    """The table of all libraries."""
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
    return table(head, rows)


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


def op_table(measured: list[dict[str, Any]], pick: Pick = median) -> str:
    """The table of ops."""
    rows = []
    for name in measured[0]["ops"]:
        row = [name]
        for size in ("small", "large"):
            found = [r["ops"][name][size] for r in measured if size in r["ops"][name]]
            row += [found[0]["shapes"], duration(pick(found))] if found else ["-", "-"]
        rows.append(row)
    return table(["op", "small", "time", "large", "time"], rows)


def main() -> None:
    """Measure and print."""
    chosen = arguments()
    peers = {name: script for name, (script, module) in PEERS.items() if has(chosen.peers, module)}
    pythons = {"nncore": (sys.executable, "worker_ours.py"), **{n: (chosen.peers, s) for n, s in peers.items()}}
    options = [*chosen.cases, *(["--quick"] if chosen.quick else [])]
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in pythons}
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    for number in range(chosen.rounds):
        for name, (python, script) in pythons.items():
            print(f"round {number + 1} of {chosen.rounds}: {name}", file=sys.stderr)
            results[name].append(run(python, script, options, chosen.threads))
    ours = results["nncore"][0]
    pick = fastest if chosen.fastest else median
    machine = {"cpu": cpu_model(), "path": ours["path"], "threads": chosen.threads, "system": platform.platform()}
    if busy > 0.5:
        print(f"Others were using the machine (load average {busy:.1f}): mistrust these figures.\n")
    print(f"{machine['cpu']}, instructions: {machine['path']}, threads: {machine['threads']}\n")
    print(
        f"Figures are {'the fastest blocks' if chosen.fastest else 'medians'}; ratios below 1 mean that nncore is faster.\n"
    )
    print(compare(results, chosen.cases, pick), end="\n\n")
    for missing in PEERS.keys() - peers.keys():
        print(f"{missing} is not installed in {chosen.peers}; --peers PYTHON names another environment")
    print("\n".join(agreement(results, chosen.cases)))
    measured: list[dict[str, Any]] = []
    if not chosen.no_ops:
        quick = ["--quick"] if chosen.quick else []
        measured = [run(sys.executable, "worker_ops.py", quick, chosen.threads) for _ in range(min(chosen.rounds, 3))]
        print(f"\n{op_table(measured, pick)}")
        if "PyTorch" in peers:
            seconds = 0.005 if chosen.quick else 0.03
            rows = list(beside(chosen.peers, "", chosen.rounds, seconds, chosen.threads))
            print("", HEAD, *(line for _, line in rows), "", summary([ratio for ratio, _ in rows]), sep="\n")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps({"machine": machine, "results": results, "ops": measured}, indent=1))


if __name__ == "__main__":
    main()
