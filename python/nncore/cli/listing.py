"""`nncore list`: the registered components."""

from __future__ import annotations

import warnings

import click

from nncore.cli import names
from nncore.cli.output import examples, print_json, print_table
from nncore.errors import PluginWarning, UnknownComponentError
from nncore.plugins import KINDS, current_host, kind_of

__all__ = ["list_components"]


@click.command("list", epilog=examples("nncore list", "nncore list architectures", "nncore list datasets --json"))
@click.argument("kind", required=False, shell_complete=names.kinds)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_components(kind: str | None, as_json: bool) -> None:
    """Show the registered components.

    KIND is one of those in the second column, in the plural: layers, losses, optimizers, datasets, and so on. All are shown by
    default. `nncore show NAME` tells more of one.
    """
    try:
        kinds = [kind_of(kind)] if kind else list(KINDS.values())
    except UnknownComponentError as error:
        raise click.BadParameter(str(error), param_hint="KIND") from error
    host = current_host()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)
        rows = [row for wanted in kinds for row in host.registry(wanted.name).describe()]
    if as_json:
        print_json([row.asdict() for row in rows])
    else:
        table = [(row.name, row.kind, _provider(row.provider, row.version), row.summary) for row in rows]
        print_table(("name", "kind", "provider", "summary"), table)
    broken = [record for record in host.plugins if record.status == "broken"]
    if broken:
        click.echo(f"{len(broken)} broken plugin(s) left out; see `nncore plugins`.", err=True)


def _provider(distribution: str, version: str | None) -> str:
    return f"{distribution} {version}" if version else distribution
