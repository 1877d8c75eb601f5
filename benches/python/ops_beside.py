"""Ops at the sizes of activations beside PyTorch, one by one: `--peers PYTHON [--only REGEX] [--cpu] [--worst]`.

Both libraries stay open in processes of their own and take turns, op by op; where PyTorch has two layouts, or two ways to
step, the faster one counts. A table of medians and ratios is printed, and what share of the ops is at least as fast.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from typing import Any

from op_cases import OPS, OPTIMIZERS, RESNET18, OpCase
from turns import Runs, Turns, work

STEPS = list(OPTIMIZERS)
NAMES = [case.name for case in OPS] + [f"{name} step, ResNet-18" for name in STEPS]
HEAD = "| op | ours, µs | PyTorch, µs | ratio |\n|---|---|---|---|"


def call_of(case: OpCase, find: Callable[[str], Any], tensors: dict[str, Any]) -> Callable[[], Any]:
    """The case's call with names bound to tensors and functions."""
    words = set(re.findall(r"(?<!\.)\b[a-z]\w*\b(?!=[^=])", re.sub(r"'.*?'", "", case.call)))
    bound = {word: find(word) for word in words - tensors.keys() - {"lambda"}}
    run: Callable[[], Any] = eval(f"lambda: {case.call}", {**bound, **tensors})
    return run


def first(result: Any) -> Any:
    """What carries the gradient: values, without indices."""
    return result[0] if isinstance(result, tuple) else result


def ours(number: int) -> list[Runs]:
    """nncore's turn."""
    import nncore as nc
    from nncore import ops, optim

    def find(name: str) -> Any:
        return getattr(ops, name, None) or getattr(nc, name)

    if number >= len(OPS):
        name = STEPS[number - len(OPS)]
        parameters = []
        for shape in RESNET18:
            layout = "channels_last" if len(shape) == 4 else "contiguous"  # where convolutions keep their weights
            p = nc.randn(shape).contiguous(layout)
            p.requires_grad = True
            p.grad = nc.full(shape, 0.01).contiguous(layout)
            parameters.append(p)
        return [{"": getattr(optim, name.split()[0])(parameters, **OPTIMIZERS[name]).step}]
    case = OPS[number]
    tensors = {name: nc.tensor(array) for name, array in case.arrays().items()}
    tensors = {k: t.contiguous(case.layout) if t.ndim == 4 else t for k, t in tensors.items()}
    for name in case.grads.split():
        tensors[name].requires_grad = True
    run = call_of(case, find, tensors)
    if not case.grads:
        return [{"": run}]
    y = first(run())
    dy = nc.ops.mul(y.detach(), 0.0).add(0.5).contiguous("channels_last" if y.ndim == 4 else "contiguous")
    leaves = [tensors[name] for name in case.grads.split()]

    def backward() -> None:
        for leaf in leaves:
            leaf.grad = None
        y.backward(dy, retain_graph=True)

    return [{"": backward}]


def torch(number: int) -> list[Runs]:
    """PyTorch's turn."""
    import torch as library

    library.set_num_threads(int(os.environ["BENCH_THREADS"]))
    functional = library.nn.functional

    def find(name: str) -> Any:
        return getattr(functional, name, None) or getattr(library, name)

    found: list[Runs] = []
    if number >= len(OPS):
        name = STEPS[number - len(OPS)]
        make = getattr(library.optim, name.split()[0])
        for more in ({}, {"foreach": True}, {"fused": True}):
            if name == "RMSprop" and "fused" in more:
                continue
            parameters = [library.nn.Parameter(library.randn(shape)) for shape in RESNET18]
            for p in parameters:
                p.grad = library.full_like(p, 0.01)
            found.append({"": make(parameters, **OPTIMIZERS[name], **more).step})
        return found
    case = OPS[number]
    for layout in (library.contiguous_format, library.channels_last):
        tensors = {name: library.from_numpy(array) for name, array in case.arrays().items()}
        flat = all(t.ndim != 4 for t in tensors.values())
        tensors = {k: t.contiguous(memory_format=layout) if t.ndim == 4 else t for k, t in tensors.items()}
        for name in case.grads.split():
            tensors[name].requires_grad_()
        run = call_of(case, find, tensors)
        if case.grads:
            y = first(run())
            dy, leaves = library.full_like(y, 0.5), [tensors[name] for name in case.grads.split()]
            run = lambda y=y, dy=dy, leaves=leaves: library.autograd.grad(y, leaves, dy, retain_graph=True)  # noqa: E731
        found.append({"": run})
        if flat:
            break
    return found


def shown(seconds: float) -> str:
    """Microseconds with three digits."""
    return f"{seconds * 1e6:.3g}" if seconds < 1e-3 else f"{seconds * 1e6:.0f}"


def beside(
    peers: str, only: str = "", rounds: int = 3, seconds: float = 0.03, threads: int = 1, cpu: bool = False
) -> Iterator[tuple[float, str]]:
    """For each op whose name matches: our time over theirs, and a line of the table."""
    turns = Turns(__file__, peers, threads, cpu)
    for number, name in enumerate(NAMES):
        if re.search(only, name):
            ((_, mine, other),) = turns.medians(number, rounds, seconds)
            yield mine / other, f"| {name} | {shown(mine)} | {shown(other)} | {mine / other:.2f} |"
    turns.close()


def summary(ratios: list[float]) -> str:
    """How many are at least as fast, and how fast they are together."""
    fast = sum(ratio <= 1 for ratio in ratios) / len(ratios)
    return f"{fast:.0%} of {len(ratios)} at most 1.0; geometric mean {statistics.geometric_mean(ratios):.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable, help="Python that has PyTorch")
    parser.add_argument("--only", metavar="REGEX", default="", help="ops whose names match it")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each library")
    parser.add_argument("--seconds", type=float, default=0.03, help="for each op in each turn")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of each library")
    parser.add_argument("--cpu", action="store_true", help="one thread's time on the CPU: for a machine in use")
    parser.add_argument("--worst", action="store_true", help="slowest ratios first, at the end")
    parser.add_argument("--worker", choices=("ours", "torch"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        return work({"ours": ours, "torch": torch}[chosen.worker], chosen.cpu)
    print(HEAD)
    rows = []
    for row in beside(chosen.peers, chosen.only, chosen.rounds, chosen.seconds, chosen.threads, chosen.cpu):
        rows.append(row)
        if not chosen.worst:
            print(row[1], flush=True)
    if chosen.worst:
        print("\n".join(line for _, line in sorted(rows, reverse=True)))
    print(f"\n{summary([ratio for ratio, _ in rows])}")


if __name__ == "__main__":
    main()
