"""The command group. A new command is a file in this folder and one line in `COMMANDS`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from nncore import __version__
from nncore.cli.output import examples

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["COMMANDS", "main"]

COMMANDS: dict[str, tuple[str, str]] = {
    "bench": ("nncore.cli.bench:bench", "Time whole training steps on this machine."),
    "completion": ("nncore.cli.completion:completion", "Print what lets a shell complete names."),
    "compare": ("nncore.cli.compare:compare", "Show how runs differ."),
    "env": ("nncore.cli.report:env", "Show what a bug report needs."),
    "eval": ("nncore.cli.train:evaluate", "Loss and metrics of a run on its test data."),
    "list": ("nncore.cli.listing:list_components", "Show the registered components."),
    "predict": ("nncore.cli.predict:predict", "Say what a trained network makes of files."),
    "plugin": ("nncore.cli.plugin:plugin", "Check a package of components, or begin one."),
    "plugins": ("nncore.cli.plugins:plugins", "Show the plugins and how they fared."),
    "report": ("nncore.cli.report:report", "Write a run's report.html."),
    "resume": ("nncore.cli.train:resume", "Go on with a run that was stopped."),
    "show": ("nncore.cli.show:show", "Show what a component is."),
    "train": ("nncore.cli.train:train", "Train a network by name, or from a config."),
}
"""Where each command lives, and its line in `nncore --help`, so that help imports none of them."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run. Those of plugins are found by name, and then imported too."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names for `--help`."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return _plugins_command(cmd_name)
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands, from the table alone."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=COMMANDS[name][1]) for name in sorted(COMMANDS) if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command for these arguments; an unknown one is answered with near matches."""
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            command = _plugins_command(name)
            if command is None:
                from nncore.plugins.near import did_you_mean

                hint = did_you_mean(name, [*COMMANDS, *_plugins_names()])
                ctx.fail(f"No such command {name!r}.{hint} `nncore --help` shows all.")
            return name, command, args[1:]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Errors that nncore raises on purpose are shown as one line, and exit with 1."""
        # Only here: what raises such errors has imported this module anyway.
        from nncore.errors import NNCoreError

        try:
            return super().invoke(ctx)
        except NNCoreError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            raise  # click ends quietly then: `nncore list | head`
        except OSError as error:  # a full disk, a folder without permission
            if error.filename is None and error.strerror is None:
                raise
            place = f"{error.filename}: " if error.filename is not None else ""
            raise click.ClickException(f"{place}{error.strerror or error}") from error


def _plugins_names() -> list[str]:
    import warnings

    from nncore.plugins import current_host

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `nncore plugins` tells of broken ones
        return [name.replace("_", "-") for name in current_host().registry("command")]


def _plugins_command(name: str) -> click.Command | None:
    """The command of an installed plugin, under its name with hyphens or underscores."""
    if name not in _plugins_names() and name.replace("_", "-") not in _plugins_names():
        return None
    from nncore.errors import PluginError
    from nncore.plugins import current_host

    registry = current_host().registry("command")
    found = registry[name.replace("-", "_")]
    if not isinstance(found, click.Command):
        raise PluginError(
            f"command {name!r} of {registry.provider(name.replace('-', '_'))} is no click command: {found!r}"
        )
    return found


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "nncore train lenet5 --data digits --epochs 5    # a network and a data set, by name",
        "nncore predict runs/lenet5-20260101-120000 seven.png",
        "nncore list architectures                       # what there is; also data sets, losses, optimizers",
        "nncore COMMAND --help                           # what a command takes",
    ),
)
@click.version_option(__version__, "-V", "--version", prog_name="nncore", message="%(prog)s %(version)s")
def main() -> None:
    """Neural networks, fast and small.

    Train one by name, look at what came of it, and use it. What a training leaves is a folder, a RUN: its settings, its
    numbers while it goes on, its weights, and a report to open in a browser. Most commands take one.
    """
