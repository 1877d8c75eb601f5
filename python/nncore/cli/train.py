"""`nncore train`, `resume` and `eval`."""

from __future__ import annotations

import datetime
import math
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nncore.cli import names
from nncore.cli.output import examples, print_json

if TYPE_CHECKING:
    from nncore.runs import Run

__all__ = ["evaluate", "resume", "train"]

RUN = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(
    epilog=examples(
        "nncore train lenet5 --data digits",
        "nncore train lenet5 --data fashion-mnist --epochs 10 --output runs/fashion",
        "nncore train mlp --data iris.csv --preprocess standardize --set model.hidden=16 --optimizer sgd --lr 0.1",
        "nncore train runs/fashion/config.toml --epochs 20",
        "nncore train lenet5 --data mine/ --set data.grey=true --pretrained runs/fashion --freeze-until classifier",
    )
)
@click.argument("what", metavar="NAME|CONFIG.toml", shell_complete=names.architectures_and_configs)
@click.option(
    "--data",
    "source",
    metavar="NAME|PATH",
    shell_complete=names.data_sets,
    help="Data set: a name, see `nncore list datasets`; or a file, or a folder of pictures.",
)
@click.option("--epochs", type=int, help="Epochs.  [default: 10]")
@click.option("--batch-size", type=int, help="Samples in a batch.  [default: 64]")
@click.option(
    "--optimizer", metavar="NAME", shell_complete=names.components("optimizer"), help="Optimizer.  [default: adam]"
)
@click.option("--lr", type=float, help="Learning rate.")
@click.option(
    "--schedule",
    metavar="NAME",
    shell_complete=names.components("schedule"),
    help="Schedule of the learning rate.  [default: constant]",
)
@click.option("--loss", metavar="NAME", shell_complete=names.components("loss"), help="Loss.  [default: cross_entropy]")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    shell_complete=names.components("metric"),
    help="Metric; may be given several times.",
)
@click.option("--validation", type=float, help="Part of the training data put aside.  [default: 0.1]")
@click.option(
    "--preprocess",
    multiple=True,
    metavar="NAME",
    shell_complete=names.components("transform"),
    help="Prepare inputs by what the training part tells, such as standardize; may be given several times.",
)
@click.option("--seed", type=int, help="Seed of weights, order and dropout.  [default: 0]")
@click.option(
    "--pretrained",
    metavar="FILE|RUN",
    help="Begin with these weights: a file, or a run. A head of other classes is left out.",
)
@click.option("--new-head", is_flag=True, help="Leave the head of --pretrained out in any case.")
@click.option("--freeze-until", metavar="LAYER", help="Keep all layers before this one as they are.")
@click.option(
    "--freeze",
    multiple=True,
    metavar="PATTERN",
    help="Keep layers or parameters of this name as they are, such as 'layer1' or '*.bn?'; may be given several times.",
)
@click.option(
    "--unfreeze-after", type=int, metavar="EPOCHS", help="Train what was frozen after so many epochs.  [default: never]"
)
@click.option("--lr-factor", type=float, help="Its learning rate then, as a part of the others'.  [default: 0.1]")
@click.option(
    "--set", "settings", multiple=True, metavar="SECTION.KEY=VALUE", help="Any setting, such as model.act=tanh."
)
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the run.  [default: runs/NAME-DATE]")
@click.option("--tensorboard", is_flag=True, help="Write event files for TensorBoard, too.")
@click.option("--no-report", is_flag=True, help="Write no report.html at the end; `nncore report` still can.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def train(
    what: str,
    source: str | None,
    epochs: int | None,
    batch_size: int | None,
    optimizer: str | None,
    lr: float | None,
    schedule: str | None,
    loss: str | None,
    metrics: tuple[str, ...],
    validation: float | None,
    preprocess: tuple[str, ...],
    seed: int | None,
    pretrained: str | None,
    new_head: bool,
    freeze_until: str | None,
    freeze: tuple[str, ...],
    unfreeze_after: int | None,
    lr_factor: float | None,
    settings: tuple[str, ...],
    output: Path | None,
    tensorboard: bool,
    no_report: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Train a network by name, or from a config.

    NAME is an architecture, see `nncore list architectures`; CONFIG.toml is a file as a run writes it. What comes of it is kept
    in a folder: settings, numbers, weights and a report. Ctrl-C stops after the current step; `nncore resume` goes on.

    The last line tells how well the network does on samples that it has not seen.
    """
    from nncore.runs import Run, RunConfig

    changes: dict[str, dict[str, Any]] = {
        "data": {"source": source, "validation": validation, "preprocess": list(preprocess) or None},
        "training": {
            "epochs": epochs,
            "batch_size": batch_size,
            "seed": seed,
            "metrics": list(metrics) or None,
            "tensorboard": tensorboard or None,
        },
        "loss": {"name": loss},
        "optimizer": {"name": optimizer, "lr": lr},
        "schedule": {"name": schedule},
        "transfer": {
            "pretrained": pretrained,
            "new_head": new_head or None,
            "freeze_until": freeze_until,
            "freeze": list(freeze) or None,
            "unfreeze_after": unfreeze_after,
            "lr_factor": lr_factor,
        },
    }
    changes = {name: {k: v for k, v in section.items() if v is not None} for name, section in changes.items()}
    for setting in settings:
        section, key, value = _setting(setting)
        changes.setdefault(section, {})[key] = value
    if what.endswith(".toml"):
        config = RunConfig.read(what, changes)
    else:
        changes["model"] = {"name": what, **changes.get("model", {})}
        config = RunConfig.of({name: section for name, section in changes.items() if section})
    now = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    run = Run.begin(config, output or Path("runs") / f"{config['model']['name'].rpartition('/')[2]}-{now}")
    if run.drawn is not None:
        but = f", but {', '.join(run.drawn)}, which were drawn" if run.drawn else ""
        click.echo(f"all weights from {config['transfer']['pretrained']}{but}", err=True)
    _go(run, quiet, as_json, report=not no_report)


@click.command(epilog=examples("nncore resume runs/lenet5-20260101-120000"))
@click.argument("folder", metavar="RUN", shell_complete=names.runs, type=RUN)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def resume(folder: Path, quiet: bool, as_json: bool) -> None:
    """Go on with a run that was stopped.

    It ends with the same bits as one that was not.
    """
    from nncore.runs import Run

    run = Run.resume(folder)
    if run.finished and run.folder.result.exists():
        raise click.ClickException(
            f"{folder} is finished; `nncore train {shlex.quote(str(run.folder.config))} --epochs N` trains anew"
        )
    _go(run, quiet, as_json)


@click.command("eval", epilog=examples("nncore eval runs/lenet5-20260101-120000 --json"))
@click.argument("folder", metavar="RUN", shell_complete=names.runs, type=RUN)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def evaluate(folder: Path, as_json: bool) -> None:
    """Loss and metrics of a run on its test data.

    The network is the one of its checkpoint.
    """
    from nncore.runs import Run

    _report(Run.resume(folder).evaluate(), as_json)


def _go(run: Run, quiet: bool, as_json: bool, report: bool = True) -> None:
    click.echo(
        f"{run.trainer.model.num_parameters():,} parameters, {len(run.train_set)} samples, in {run.folder.path}",
        err=True,
    )
    if run.unseen_classes:
        listed = ", ".join(run.unseen_classes[:5]) + (", …" if len(run.unseen_classes) > 5 else "")
        click.echo(f"no training sample is of these classes, which cannot be learned: {listed}", err=True)
    try:
        found = run.train(progress=not quiet)
    except KeyboardInterrupt as stop:
        said = str(stop.args[0]).partition("; fit()")[0] if stop.args else "stopped"
        click.echo(f"{said}; go on with: nncore resume {shlex.quote(str(run.folder.path))}", err=True)
        raise SystemExit(130) from None
    except OSError as error:
        # Every file is written whole or not at all, so what was saved before is in order.
        why = f"{error.filename or run.folder.path}: {error.strerror or error}"
        raise click.ClickException(
            f"{why}; what was saved before is whole: mend that, then go on with: nncore resume {shlex.quote(str(run.folder.path))}"
        ) from error
    if report:
        _write_page(run)
    _report(found, as_json)


def _write_page(run: Run) -> None:
    """The report is an extra: whatever keeps it from being written is told, and the run has ended well."""
    from nncore.runs.report import MISSING, write_report

    try:
        if write_report(run) is None:
            click.echo(MISSING.replace("RUN", shlex.quote(str(run.folder.path))), err=True)
    except Exception as error:
        click.echo(f"no report.html: {type(error).__name__}: {error}", err=True)


def _report(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    split = found["split"]
    numbers = {name: value for name, value in found.items() if isinstance(value, float)}
    # What people look for comes last.
    for name in sorted(numbers, key=lambda name: name == "accuracy"):
        value = numbers[name]
        text = f"{value:.1%}" if name == "accuracy" and not math.isnan(value) else f"{value:.4f}"
        click.echo(f"{split} {name.replace('_', ' ')}: {text}")


def _setting(text: str) -> tuple[str, str, Any]:
    """`section.key=value`, where the value is TOML, or else a text."""
    name, equals, value = text.partition("=")
    section, dot, key = name.strip().partition(".")
    if not (equals and dot and section and key):
        raise click.BadParameter(
            f"{text!r} is not of the form SECTION.KEY=VALUE, such as model.act=tanh", param_hint="--set"
        )
    try:
        return section, key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return section, key, value.strip()
