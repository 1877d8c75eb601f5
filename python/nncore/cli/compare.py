"""`nncore compare`: runs side by side."""

from __future__ import annotations

from pathlib import Path

import click

from nncore.cli import names
from nncore.cli.output import examples, print_json, print_table

__all__ = ["compare"]

MISSING = "no picture of the curves: it needs matplotlib; `pip install matplotlib`"


@click.command(epilog=examples("nncore compare runs/*", "nncore compare runs/adam runs/sgd --picture curves.svg"))
@click.argument(
    "folders",
    metavar="RUN RUN...",
    nargs=-1,
    required=True,
    shell_complete=names.runs,
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--picture", type=click.Path(path_type=Path), help="Where to draw the curves.  [default: compare.png]")
@click.option("--no-picture", is_flag=True, help="Draw nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and draw only where --picture says.")
def compare(folders: tuple[Path, ...], picture: Path | None, no_picture: bool, as_json: bool) -> None:
    """Show how runs differ.

    Settings that are not the same, best and last numbers, time; and one picture with the curves. Neither data nor networks are
    loaded.
    """
    from nncore.runs import pictures
    from nncore.runs.compare import Record, differing, draw, table

    if len(folders) < 2:
        raise click.UsageError("give two runs or more to compare")
    runs = [Record.read(folder) for folder in folders]
    if as_json:
        print_json({"runs": [run.asdict() for run in runs], "differing": differing(runs)})
    else:
        print_table(*table(runs))
    if no_picture or (as_json and picture is None):
        return
    if not pictures.available():
        click.echo(MISSING, err=True)
    elif any(run.columns for run in runs):
        path = picture or Path("compare.png")
        draw(runs, path)
        click.echo(f"curves in {path}", err=True)
