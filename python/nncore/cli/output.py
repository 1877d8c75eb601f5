"""What the listing commands share: tables for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from nncore._json import json_text

__all__ = ["examples", "print_json", "print_table"]

# Where the output goes into a pipe there is no terminal's width to respect, and `grep` wants one line a row.
_PIPE_WIDTH = 400


def examples(*lines: str) -> str:
    """The end of a command's help: lines to copy."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table. Cells are plain text: what a plugin says of itself is not read as markup."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def print_json(value: Any) -> None:
    """Print a value as JSON, for programs; arrays as lists, and what is no number as null."""
    click.echo(json_text(value, indent=2))
