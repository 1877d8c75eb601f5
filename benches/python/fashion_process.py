"""From the start of Python to a tested network: two epochs of LeNet-5 on Fashion-MNIST at batch 64, whole processes.

    python benches/python/fashion_process.py --peers PYTHON

`nncore train`, the same by a loop written by hand, and PyTorch with slices of one tensor and with a DataLoader take turns, each
in a process of its own. Medians of the wall time, and of the CPU time, which a machine in use disturbs less.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from nncore.data import _named
from nncore.data._folders import search

HERE = Path(__file__).parent


@dataclass
class Program:
    """One that takes its turn, and what it took."""

    command: list[str]
    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    said: str = ""

    def run(self, env: dict[str, str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            before, start = os.times(), time.perf_counter()
            done = subprocess.run(self.command, cwd=folder, env=env, capture_output=True, text=True)
            self.walls.append(time.perf_counter() - start)
            after = os.times()
        if done.returncode:
            raise SystemExit(f"{' '.join(self.command)} failed:\n{done.stderr}")
        self.cpus.append(after.children_user - before.children_user + after.children_system - before.children_system)
        (self.said,) = re.findall(r"test accuracy: (\S+)", done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable, help="Python that has PyTorch")
    parser.add_argument("--rounds", type=int, default=5, help="processes of each (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=2, help="default: %(default)s")
    chosen = parser.parse_args()
    folder = search("fashion-mnist", ("fashion-mnist",), None, _named.FASHION_SYSTEM).resolve()
    common = [str(folder), str(chosen.epochs)]
    train = f"train lenet5 --data fashion-mnist --set data.root={folder} --epochs {chosen.epochs} --batch-size 64"
    programs = {
        "nncore train": Program([sys.executable, "-m", "nncore", *f"{train} --validation 0 --no-report".split()]),
        "nncore, by hand": Program([sys.executable, str(HERE / "fashion_ours.py"), *common]),
        "PyTorch, slices": Program([chosen.peers, str(HERE / "fashion_torch.py"), *common]),
        "PyTorch, DataLoader": Program([chosen.peers, str(HERE / "fashion_torch.py"), *common, "--loader"]),
    }
    roots = [str(HERE.parents[1] / "python"), os.environ.get("PYTHONPATH", "")]
    for number in range(chosen.rounds):
        for name, program in programs.items():
            print(f"round {number + 1} of {chosen.rounds}: {name}", file=sys.stderr)
            ours = name.startswith("nncore")
            # Each environment has its own packages: what is ours is no business of the peers'.
            env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, roots))} if ours else dict(os.environ)
            if not ours:
                env.pop("PYTHONPATH", None)
            program.run(env)
    slices, loader = (programs[f"PyTorch, {kind}"] for kind in ("slices", "DataLoader"))
    print(f"load average {os.getloadavg()[0]:.1f}\n")
    print(f"{'':22}{'wall':>9}{'CPU':>9}{'of slices':>11}{'of loader':>11}{'accuracy':>11}")
    for name, program in programs.items():
        wall, cpu = statistics.median(program.walls), statistics.median(program.cpus)
        shares = [wall / statistics.median(other.walls) for other in (slices, loader)]
        print(f"{name:22}{wall:8.2f}s{cpu:8.2f}s{shares[0]:11.2f}{shares[1]:11.2f}{program.said:>11}")


if __name__ == "__main__":
    main()
