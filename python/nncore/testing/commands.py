"""Checks of commands of the command line."""

from __future__ import annotations

from typing import Any

from nncore.testing.case import Case
from nncore.testing.report import Fault

__all__ = ["check_help", "check_slips"]


def _run(case: Case, *arguments: str) -> Any:
    import click
    from click.testing import CliRunner

    command = case.component
    if not isinstance(command, click.Command):
        raise Fault(f"it is a {type(command).__name__}; expected a click command", "Decorate it with @click.command().")
    return CliRunner().invoke(command, list(arguments))


def check_help(case: Case) -> str:
    """`--help` says what it does, and what each option does."""
    result = _run(case, "--help")
    if result.exit_code != 0:
        raise Fault(f"--help ends with {result.exit_code}: {result.output.strip() or result.exception!r}")
    import click

    silent = [
        "/".join(parameter.opts)
        for parameter in case.component.params
        if isinstance(parameter, click.Option) and not parameter.help and not parameter.hidden
    ]
    if silent:
        raise Fault(f"--help does not say what {', '.join(silent)} does", "Give each option `help=`.")
    return f"{len(case.component.params)} options and arguments"


def check_slips(case: Case) -> None:
    """An unknown option is refused, before anything is done."""
    result = _run(case, "--no-such-option")
    if result.exit_code != 2:
        raise Fault(f"an unknown option ends with {result.exit_code}; expected 2", "Let click read the arguments.")
