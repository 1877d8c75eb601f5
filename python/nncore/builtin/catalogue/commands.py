"""The built-in commands: those of `nncore.cli.main`, which have a table of their own, so that `--help` looks for no plugin."""

from nncore.api import CommandSpec

COMMANDS: list[CommandSpec] = []
