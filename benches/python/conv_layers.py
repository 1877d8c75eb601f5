"""Every convolution of six networks beside PyTorch, layer by layer: forward, input gradient and weight gradient.

    python benches/python/conv_layers.py --peers PYTHON [--only TEXT] [--rounds N]

Both libraries stay open in processes of their own and take turns, layer by layer; of PyTorch's two layouts the faster one
counts. A table of medians and ratios is printed, and what share of the layers and of the time is at least as fast.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from conv_cases import DIRECTIONS, LAYERS, Layer

HERE = Path(__file__).parent
Runs = dict[str, Callable[[], Any]]
"""For each direction, what runs it once."""


def ours(layer: Layer) -> dict[str, Runs]:
    """nncore's turn."""
    import nncore as nc

    rng = np.random.default_rng(1)
    shape = (layer.outputs, layer.inputs // layer.groups, layer.kernel, layer.kernel)

    def tensor(*size: int) -> nc.Tensor:
        return nc.tensor(rng.standard_normal(size, dtype=np.float32)).contiguous("channels_last")

    x, w = tensor(layer.batch, layer.inputs, layer.size, layer.size), tensor(*shape)
    dy = tensor(layer.batch, layer.outputs, layer.output, layer.output)
    rest = (None, layer.stride, layer.padding, 1, layer.groups)

    def backward(of: str) -> Callable[[], Any]:
        given = {"input": x, "weight": w}[of].detach()
        given.requires_grad = True
        y = nc.ops.conv2d(given, w, *rest) if of == "input" else nc.ops.conv2d(x, given, *rest)

        def run() -> None:
            given.grad = None
            y.backward(dy, retain_graph=True)

        return run

    return {
        "": {
            "forward": lambda: nc.ops.conv2d(x, w, *rest),
            "input": backward("input"),
            "weight": backward("weight"),
        }
    }


def torch(layer: Layer) -> dict[str, Runs]:
    """PyTorch's turn, in both layouts."""
    import torch as library

    library.set_num_threads(int(os.environ["BENCH_THREADS"]))
    functional = library.nn.functional
    found = {}
    for name, layout in (("nchw", library.contiguous_format), ("last", library.channels_last)):

        def tensor(*size: int, layout: Any = layout) -> Any:
            return library.randn(*size).contiguous(memory_format=layout)

        x = tensor(layer.batch, layer.inputs, layer.size, layer.size)
        w = tensor(layer.outputs, layer.inputs // layer.groups, layer.kernel, layer.kernel)
        dy = tensor(layer.batch, layer.outputs, layer.output, layer.output)
        rest = (None, layer.stride, layer.padding, 1, layer.groups)

        def backward(of: str, x: Any = x, w: Any = w, dy: Any = dy, rest: Any = rest) -> Callable[[], Any]:
            given = {"input": x, "weight": w}[of].detach().requires_grad_()
            y = functional.conv2d(given, w, *rest) if of == "input" else functional.conv2d(x, given, *rest)
            return lambda: library.autograd.grad(y, given, dy, retain_graph=True)

        found[name] = {
            "forward": lambda x=x, w=w, rest=rest: functional.conv2d(x, w, *rest),
            "input": backward("input"),
            "weight": backward("weight"),
        }
    return found


def timed(run: Callable[[], Any], seconds: float, clock: Callable[[], float]) -> float:
    """Seconds of one call: the fastest of several, after one to warm up."""
    run()
    best, end = float("inf"), clock() + seconds
    while True:
        start = clock()
        run()
        stop = clock()
        best = min(best, stop - start)
        if stop > end:
            return best


def work(library: str, cpu: bool) -> None:
    """The program of a worker: a layer's number and a time a line, and figures back."""
    make, clock = {"ours": ours, "torch": torch}[library], time.process_time if cpu else time.perf_counter
    for line in sys.stdin:
        number, seconds = json.loads(line)
        layouts = make(LAYERS[number])
        times = {d: min(timed(runs[d], seconds, clock) for runs in layouts.values()) for d in DIRECTIONS}
        print(json.dumps(times), flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable, help="Python that has PyTorch")
    parser.add_argument("--only", metavar="TEXT", default="", help="layers whose names contain it")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each library")
    parser.add_argument("--seconds", type=float, default=0.05, help="for each direction in each turn")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of each library")
    parser.add_argument("--cpu", action="store_true", help="one thread's time on the CPU: for a machine in use")
    parser.add_argument("--worker", choices=("ours", "torch"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        return work(chosen.worker, chosen.cpu)
    threads = "1" if chosen.cpu else str(chosen.threads)
    env = {**os.environ, "BENCH_THREADS": threads, "NNCORE_NUM_THREADS": threads}
    workers = {
        library: subprocess.Popen(
            [python, __file__, "--worker", library, *(["--cpu"] if chosen.cpu else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )
        for library, python in (("ours", sys.executable), ("torch", chosen.peers))
    }

    def ask(library: str, number: int) -> dict[str, float]:
        process = workers[library]
        print(json.dumps([number, chosen.seconds]), file=cast(IO[str], process.stdin), flush=True)
        answer: dict[str, float] = json.loads(cast(IO[str], process.stdout).readline())
        return answer

    picked = [k for k, layer in enumerate(LAYERS) if chosen.only in layer.name]
    ratios, share, total = [], 0.0, 0.0
    titles = [f"{direction} {what}" for direction in DIRECTIONS for what in ("GFLOPS", "ratio")]
    print(f"| layer | {' | '.join(titles)} |\n|---|{'---|' * len(titles)}")
    for number in picked:
        layer = LAYERS[number]
        turns = [{library: ask(library, number) for library in workers} for _ in range(chosen.rounds)]
        cells = []
        for direction in DIRECTIONS:
            mine, other = (statistics.median(t[library][direction] for t in turns) for library in workers)
            ratios.append(mine / other)
            total += layer.count * other
            share += layer.count * mine
            cells += [f"{layer.flops / mine / 1e9:.0f}", f"{mine / other:.2f}"]
        print(f"| {layer.name} | {' | '.join(cells)} |", flush=True)
    fast = sum(ratio <= 1 for ratio in ratios) / len(ratios)
    print(f"\n{fast:.0%} of {len(ratios)} at most 1.0; all layers together take {share / total:.2f} of PyTorch's time")
    for process in workers.values():
        cast(IO[str], process.stdin).close()
        process.wait()


if __name__ == "__main__":
    main()
