"""`nncore predict`: what a trained network says of pictures and rows."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nncore.cli import names
from nncore.cli.output import examples, print_json, print_table

if TYPE_CHECKING:
    from nncore.runs.predict import Failure, Prediction

__all__ = ["predict"]


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """`28`, or height and width as `28x32`."""
    if value is None:
        return None
    height, cross, width = value.lower().partition("x")
    try:
        size = int(height), int(width if cross else height)
    except ValueError:
        size = (0, 0)
    if min(size) < 1:
        raise click.BadParameter(f"{value!r} is no size; write 28, or height and width as 28x32", ctx, param)
    return size


@click.command(
    epilog=examples(
        "nncore predict runs/lenet5-20260101-120000 seven.png",
        "nncore predict runs/lenet5-20260101-120000 scans/ --invert --csv",
        "nncore predict model.safetensors shirt.jpg --size 28 --classes shirt,shoe",
    )
)
@click.argument("network", metavar="RUN|MODEL", shell_complete=names.runs, type=click.Path(exists=True, path_type=Path))
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--top", type=click.IntRange(min=1), default=3, show_default=True, help="Classes to name for each file.")
@click.option("--best", is_flag=True, help="Take the weights of the run's best epoch, not those of its end.")
@click.option("--invert", is_flag=True, help="Turn pictures' light and dark around, for dark ink on white paper.")
@click.option(
    "--size", callback=_size, metavar="N|HxW", help="Pixels of the network's inputs, where its file does not say."
)
@click.option("--classes", metavar="A,B,...", help="Names of the classes, where the network's file does not say.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: a line for each sample.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def predict(
    network: Path,
    files: tuple[Path, ...],
    top: int,
    best: bool,
    invert: bool,
    size: tuple[int, int] | None,
    classes: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Say what a trained network makes of files.

    FILE is a picture, a folder of pictures, or rows of numbers in an .npy, .npz or .csv file. Pictures are brought to the size
    and the channels that the network was trained on. A file that cannot be read is told, the others go on, and the exit code
    is 1.
    """
    from nncore.runs.predict import Failure, Predictor, files_in

    predictor = Predictor.open(network, best=best)
    if size is not None or classes is not None:
        called = None if classes is None else [name.strip() for name in classes.split(",")]
        predictor = predictor.with_form(size, called)
    said: list[Prediction] = []
    failed: list[Failure] = []
    for each in predictor.look_at(files_in(files), top=top, invert=invert):
        if isinstance(each, Failure):
            failed.append(each)
        else:
            said.append(each)
    if as_json:
        print_json({"predictions": [_plain(each) for each in said], "failed": [_why(each) for each in failed]})
    elif as_csv:
        _print_csv(said)
    elif said:
        print_table(*_table(said))
    for failure in failed:
        click.echo(f"{failure.file}: {failure.error}", err=True)
    if failed:
        click.echo(f"{len(failed)} of {len(failed) + len({each.file for each in said})} files were left out", err=True)
        sys.exit(1)


def _name(each: Prediction) -> str:
    return str(each.file) if each.row is None else f"{each.file}[{each.row}]"


def _table(said: list[Prediction]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    if not said[0].ranked:
        return ("file", "output"), [(_name(each), ", ".join(f"{v:.6g}" for v in each.values)) for each in said]
    rows: list[tuple[str, ...]] = []
    for each in said:
        (first, share), *others = each.ranked
        rows.append((_name(each), first, f"{share:.1%}", ", ".join(f"{name} {p:.1%}" for name, p in others)))
    head: tuple[str, ...] = ("file", "class", "probability", "then")
    return (head, rows) if any(row[3] for row in rows) else (head[:3], [row[:3] for row in rows])


def _print_csv(said: list[Prediction]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if not said:
        return
    if not said[0].ranked:
        writer.writerow(["file", "row", *(f"output_{k}" for k in range(len(said[0].values)))])
        writer.writerows([each.file, "" if each.row is None else each.row, *each.values] for each in said)
        return
    places = range(1, len(said[0].ranked) + 1)
    endings = ["" if place == 1 else f"_{place}" for place in places]
    writer.writerow(["file", "row", *(f"{word}{end}" for end in endings for word in ("class", "probability"))])
    for each in said:
        cells = [cell for name, share in each.ranked for cell in (name, f"{share:.6f}")]
        writer.writerow([each.file, "" if each.row is None else each.row, *cells])


def _plain(each: Prediction) -> dict[str, Any]:
    found: dict[str, Any] = {"file": str(each.file), "row": each.row}
    if each.ranked:
        found["classes"] = [{"class": name, "probability": share} for name, share in each.ranked]
    else:
        found["output"] = list(each.values)
    return found


def _why(each: Failure) -> dict[str, str]:
    return {"file": str(each.file), "error": each.error}
