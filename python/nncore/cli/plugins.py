"""`nncore plugins`: what was found, and what went wrong."""

from __future__ import annotations

import dataclasses
import sys
import warnings
from typing import Any

import click

from nncore.cli.output import examples, print_json, print_table
from nncore.errors import PluginWarning
from nncore.plugins import PluginRecord, current_host
from nncore.plugins.near import did_you_mean

__all__ = ["plugins"]


@click.command(
    epilog=examples("nncore plugins", "nncore plugins --traceback", "nncore plugins --check nncore-classics")
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--traceback", is_flag=True, help="Print the tracebacks of what failed.")
@click.option("--check", is_flag=True, help="Exit with 1 if a plugin is broken.")
def plugins(names: tuple[str, ...], as_json: bool, traceback: bool, check: bool) -> None:
    """Show the plugins and how they fared.

    NAME is a plugin or a distribution; all are shown by default. Components are not imported.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)  # the table says it all
        records = current_host().plugins
    for name in names:
        known = {record.name for record in records} | {record.distribution for record in records}
        if name not in known:
            raise click.BadParameter(f"no plugin {name!r}.{did_you_mean(name, known)}", param_hint="NAME")
    if names:
        records = tuple(record for record in records if record.name in names or record.distribution in names)
    if as_json:
        print_json([_plain(record) for record in records])
    else:
        print_table(
            ("distribution", "version", "plugin", "status", "components", "error"),
            [_row(record) for record in records],
        )
        if traceback:
            for record in records:
                for failure in record.failures:
                    click.echo(f"{failure.component or record}, at {failure.stage}:\n{failure.traceback}")
    if check and any(record.status == "broken" for record in records):
        sys.exit(1)


def _row(record: PluginRecord) -> tuple[str, ...]:
    error = record.reason or "; ".join(f"at {failure.stage}: {failure.error}" for failure in record.failures)
    return (
        record.distribution,
        record.version or "",
        record.name,
        record.status,
        str(len(record.entries)),
        error,
    )


def _plain(record: PluginRecord) -> dict[str, Any]:
    return {
        "distribution": record.distribution,
        "version": record.version,
        "plugin": record.name,
        "target": record.target,
        "builtin": record.builtin,
        "status": record.status,
        "reason": record.reason,
        "components": [entry.qualified for entry in record.entries],
        "failures": [dataclasses.asdict(failure) for failure in record.failures],
    }
