"""`nncore completion`: what a shell needs to complete commands, options and names."""

from __future__ import annotations

import os
from pathlib import Path

import click

from nncore.cli.output import examples

__all__ = ["completion"]

SHELLS = ("bash", "fish", "zsh")


@click.command(
    epilog=examples(
        'eval "$(nncore completion bash)"      # in ~/.bashrc',
        'eval "$(nncore completion zsh)"       # in ~/.zshrc, below compinit',
        "nncore completion fish > ~/.config/fish/completions/nncore.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS), required=False)
def completion(shell: str | None) -> None:
    """Print what lets a shell complete names.

    Commands, options, components, data sets and runs. SHELL is the one that you use by default. Add the line below to the
    file that your shell reads at its start.
    """
    from click.shell_completion import get_completion_class

    from nncore.cli.main import main

    name = shell or Path(os.environ.get("SHELL", "")).name
    found = get_completion_class(name) if name in SHELLS else None
    if found is None:
        raise click.UsageError(f"which shell? Give one of {', '.join(SHELLS)}")
    click.echo(found(main, {}, "nncore", "_NNCORE_COMPLETE").source())
