"""The command group. A new command is a file in this folder and one line in `COMMANDS`."""

from __future__ import annotations

import importlib
from typing import Any

import click

from nncore.errors import NNCoreError
from nncore.plugins.near import did_you_mean

__all__ = ["COMMANDS", "main"]

COMMANDS: dict[str, tuple[str, str]] = {
    "compare": ("nncore.cli.compare:compare", "Show how runs differ."),
    "env": ("nncore.cli.report:env", "Show what a bug report needs."),
    "eval": ("nncore.cli.train:evaluate", "Loss and metrics of a run on its test data."),
    "list": ("nncore.cli.listing:list_components", "Show the registered components."),
    "predict": ("nncore.cli.predict:predict", "Say what a trained network makes of files."),
    "plugins": ("nncore.cli.plugins:plugins", "Show the plugins and how they fared."),
    "report": ("nncore.cli.report:report", "Write a run's report.html."),
    "resume": ("nncore.cli.train:resume", "Go on with a run that was stopped."),
    "show": ("nncore.cli.show:show", "Show what a component is."),
    "train": ("nncore.cli.train:train", "Train a network by name, or from a config."),
}
"""Where each command lives, and its line in `nncore --help`, so that help imports none of them."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names for `--help`."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command for these arguments; an unknown one is answered with near matches."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}.{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Errors that nncore raises on purpose are shown as one line, and exit with 1."""
        try:
            return super().invoke(ctx)
        except NNCoreError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Neural networks, fast and small: what is installed, and what it does."""
