"""Every convolution of six networks beside PyTorch, layer by layer: forward, input gradient and weight gradient.

    python benches/python/conv_layers.py --peers PYTHON [--only TEXT] [--rounds N]

Both libraries stay open in processes of their own and take turns, layer by layer; of PyTorch's two layouts the faster one
counts. A table of medians and ratios is printed, and what share of the layers and of the time is at least as fast.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from conv_cases import DIRECTIONS, LAYERS, Layer
from turns import Runs, Turns, work


def ours(layer: Layer) -> list[Runs]:
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

    return [
        {
            "forward": lambda: nc.ops.conv2d(x, w, *rest),
            "input": backward("input"),
            "weight": backward("weight"),
        }
    ]


def torch(layer: Layer) -> list[Runs]:
    """PyTorch's turn, in both layouts."""
    import torch as library

    library.set_num_threads(int(os.environ["BENCH_THREADS"]))
    functional = library.nn.functional
    found: list[Runs] = []
    for layout in (library.contiguous_format, library.channels_last):

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

        found.append(
            {
                "forward": lambda x=x, w=w, rest=rest: functional.conv2d(x, w, *rest),
                "input": backward("input"),
                "weight": backward("weight"),
            }
        )
    return found


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
        make = {"ours": ours, "torch": torch}[chosen.worker]
        return work(lambda number: make(LAYERS[number]), chosen.cpu)
    turns = Turns(__file__, chosen.peers, chosen.threads, chosen.cpu)
    picked = [k for k, layer in enumerate(LAYERS) if chosen.only in layer.name]
    ratios, share, total = [], 0.0, 0.0
    titles = [f"{direction} {what}" for direction in DIRECTIONS for what in ("GFLOPS", "ratio")]
    print(f"| layer | {' | '.join(titles)} |\n|---|{'---|' * len(titles)}")
    for number in picked:
        layer = LAYERS[number]
        cells = []
        for _, mine, other in turns.medians(number, chosen.rounds, chosen.seconds):
            ratios.append(mine / other)
            total += layer.count * other
            share += layer.count * mine
            cells += [f"{layer.flops / mine / 1e9:.0f}", f"{mine / other:.2f}"]
        print(f"| {layer.name} | {' | '.join(cells)} |", flush=True)
    fast = sum(ratio <= 1 for ratio in ratios) / len(ratios)
    print(f"\n{fast:.0%} of {len(ratios)} at most 1.0; all layers together take {share / total:.2f} of PyTorch's time")
    turns.close()


if __name__ == "__main__":
    main()
