"""`nncore plugin`: check a package of components, or begin one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from nncore.cli import names
from nncore.cli.new import new
from nncore.cli.output import examples, print_json, print_table
from nncore.errors import UnknownComponentError

if TYPE_CHECKING:
    from nncore.testing import Finding, Report

__all__ = ["plugin"]

_MARKS = {"passed": "ok", "failed": "FAILED", "skipped": "-", "noted": "note"}


@click.group()
def plugin() -> None:
    """Check a package of components, or begin one."""


plugin.add_command(new)


@plugin.command(
    epilog=examples("nncore plugin check nncore-swiglu", "nncore plugin check nncore --only linear --verbose")
)
@click.argument("package", shell_complete=names.distributions)
@click.option("--only", metavar="TEXT", help="Check the components alone whose qualified name has this in it.")
@click.option("-v", "--verbose", is_flag=True, help="Show what every check found.")
@click.option("--traceback", is_flag=True, help="Print the tracebacks of what failed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(package: str, only: str | None, verbose: bool, traceback: bool, as_json: bool) -> None:
    """Check all components of a package.

    PACKAGE is a distribution that is installed, such as nncore-swiglu, or what is imported of it. Shapes and dtypes, gradients
    against differences, determinism, saving and loading, copies, captured steps, memory, docstrings and what importing costs:
    what fails is shown with how to mend it, and the command exits with 1.
    """
    from nncore.testing import check_plugin

    try:
        report = check_plugin(package, only=only)
    except UnknownComponentError as error:
        raise click.BadParameter(str(error), param_hint="PACKAGE") from error
    if as_json:
        print_json(report.asdict())
    else:
        print_table(("component", "passed", "failed", "skipped", "what failed"), [*_rows(report)])
        if verbose:
            print_table(
                ("component", "check", "", "found"),
                [(subject, _name(each), _MARKS[each.status], each.message) for subject, each in report.walk()],
            )
        _explain(report, traceback)
    if not report.ok:
        sys.exit(1)


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for part in (type(report)(report.subject, report.findings), *report.parts):
        counts = [sum(each.status == status for each in part.findings) for status in ("passed", "failed", "skipped")]
        failed = dict.fromkeys(each.check for each in part.findings if each.status == "failed")
        yield (part.subject, *(str(count) if count else "" for count in counts), ", ".join(failed))


def _name(finding: Finding) -> str:
    return f"{finding.check} [{finding.example}]" if finding.example > 1 else finding.check


def _explain(report: Report, traceback: bool) -> None:
    """What failed, and how to mend it; then how it went as a whole."""
    for subject, finding in report.walk():
        if finding.status == "noted":
            click.echo(f"note, {subject}: {finding.message}\n")
    for subject, finding in report.failures:
        click.echo(f"{subject}, {_name(finding)}: {finding.message}")
        if finding.hint:
            click.echo(f"    to mend it: {finding.hint}")
        if traceback and finding.traceback:
            click.echo(finding.traceback)
        click.echo()
    count = len(report.parts)
    said = f"{count} component{'s' if count != 1 else ''} of {report.subject}"
    failed = len({subject for subject, _ in report.failures})
    click.echo(f"{said}: all is well." if report.ok else f"{said}: something failed in {failed}.")
