"""`nncore bench`: this machine, beside the peers that are installed."""

from __future__ import annotations

import os
import shutil
import sys

import click

from nncore.bench.cases import CASES
from nncore.cli.output import examples, print_json, print_table

__all__ = ["bench"]


@click.command(
    epilog=examples("nncore bench --quick", "nncore bench lenet5 mlp", "nncore bench --peers ~/torch/bin/python")
)
@click.argument("cases", metavar="[CASE]...", nargs=-1, type=click.Choice(list(CASES)))
@click.option("--peers", metavar="PYTHON", help="Python that has PyTorch or JAX.  [default: this one]")
@click.option(
    "--rounds", type=click.IntRange(min=1), help="Processes of each library.  [default: 3, or 1 with --quick]"
)
@click.option("--threads", type=click.IntRange(min=1), help="Threads of each library.  [default: as many as CPUs]")
@click.option("--quick", is_flag=True, help="Short and rough.")
@click.option("--json", "as_json", is_flag=True, help="Print the raw figures as JSON.")
def bench(
    cases: tuple[str, ...], peers: str | None, rounds: int | None, threads: int | None, quick: bool, as_json: bool
) -> None:
    """Time whole training steps on this machine.

    Each library runs in processes of its own that take turns; PyTorch and JAX where they are installed. Ratios below 1 mean that
    nncore is faster. CASE is one of relu_16, relu_16_grad, mlp_small, mlp, lenet5 and resnet18; all by default, which takes
    some minutes.
    """
    from nncore.bench import steps

    python = shutil.which(os.path.expanduser(peers)) if peers else sys.executable
    if python is None:
        raise click.BadParameter(f"there is no program {peers!r}", param_hint="--peers")
    chosen = list(cases or CASES)
    threads = threads or steps.cores()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    results = steps.measure(python, [*chosen, *(["--quick"] if quick else [])], rounds or (1 if quick else 3), threads)
    about = steps.machine(results, threads)
    if as_json:
        print_json({"machine": about, "results": results})
        return
    click.echo(f"{about['cpu']}, instructions: {about['path']}, threads: {about['threads']}")
    print_table(*steps.rows_of(results, chosen))
    for line in steps.agreement(results, chosen):
        click.echo(line)
    for missing in steps.PEERS.keys() - results.keys():
        click.echo(f"{missing} is not installed in {python}; --peers PYTHON names another environment", err=True)
    if busy > 0.5:
        click.echo(f"Others were using the machine (load average {busy:.1f}): mistrust these figures.", err=True)
