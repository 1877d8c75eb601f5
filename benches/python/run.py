"""nncore beside its peers: `make bench`, or `python benches/python/run.py --peers PYTHON`.

Each library runs in a process of its own, one at a time, in interleaved rounds. A table of medians and ratios is printed,
with the CPU, the instructions in use, and whether the losses of all libraries agree; then every op alone, and ops at the
sizes of activations beside PyTorch.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from ops_beside import HEAD, beside, summary

from nncore.bench.cases import CASES
from nncore.bench.steps import (
    PEERS,
    Pick,
    agreement,
    compare,
    cores,
    duration,
    fastest,
    machine,
    measure,
    median,
    run,
    table,
)

HERE = Path(__file__).parent


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
    options = [*chosen.cases, *(["--quick"] if chosen.quick else [])]
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    results = measure(chosen.peers, options, chosen.rounds, chosen.threads)
    peers = results.keys() & PEERS.keys()
    pick = fastest if chosen.fastest else median
    about = machine(results, chosen.threads)
    if busy > 0.5:
        print(f"Others were using the machine (load average {busy:.1f}): mistrust these figures.\n")
    print(f"{about['cpu']}, instructions: {about['path']}, threads: {about['threads']}\n")
    print(
        f"Figures are {'the fastest blocks' if chosen.fastest else 'medians'}; ratios below 1 mean that nncore is faster.\n"
    )
    print(compare(results, chosen.cases, pick), end="\n\n")
    for missing in PEERS.keys() - peers:
        print(f"{missing} is not installed in {chosen.peers}; --peers PYTHON names another environment")
    print("\n".join(agreement(results, chosen.cases)))
    measured: list[dict[str, Any]] = []
    if not chosen.no_ops:
        quick = ["--quick"] if chosen.quick else []
        measured = [
            run(sys.executable, HERE / "worker_ops.py", quick, chosen.threads) for _ in range(min(chosen.rounds, 3))
        ]
        print(f"\n{op_table(measured, pick)}")
        if "PyTorch" in peers:
            seconds = 0.005 if chosen.quick else 0.03
            rows = list(beside(chosen.peers, "", chosen.rounds, seconds, chosen.threads))
            print("", HEAD, *(line for _, line in rows), "", summary([ratio for ratio, _ in rows]), sep="\n")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps({"machine": about, "results": results, "ops": measured}, indent=1))


if __name__ == "__main__":
    main()
