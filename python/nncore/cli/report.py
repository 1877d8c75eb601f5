"""`nncore report` and `env`."""

from __future__ import annotations

from pathlib import Path

import click

from nncore.cli import names
from nncore.cli.output import examples, print_json

__all__ = ["env", "report"]


@click.command(epilog=examples("nncore report runs/lenet5-20260101-120000"))
@click.argument(
    "folder", metavar="RUN", shell_complete=names.runs, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
def report(folder: Path) -> None:
    """Write a run's report.html.

    One page that needs no network: curves, confusions, filters, how signals fare, and what was run.
    """
    from nncore.runs import Run
    from nncore.runs.report import MISSING, write_report

    path = write_report(Run.resume(folder))
    if path is None:
        raise click.ClickException(MISSING.replace("RUN", str(folder)))
    click.echo(path)


@click.command(epilog=examples("nncore env", "nncore env --json > environment.json"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def env(as_json: bool) -> None:
    """Show what a bug report needs.

    Versions, instructions, threads and plugins.
    """
    from nncore.runs.folder import environment

    found = {name: value for name, value in environment().items() if name != "command"}
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if isinstance(value, dict):
            value = ", ".join(" ".join(item) for item in value.items()) or "none"
        click.echo(f"{name.replace('_', ' ')}: {value}")
