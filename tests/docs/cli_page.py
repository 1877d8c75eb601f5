"""The page of the command line, out of the commands themselves.

python tests/docs/cli_page.py --write
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
COMMAND = "python tests/docs/cli_page.py --write"
TOP = f"""\
# The command line

<!-- Written by `{COMMAND}` from the commands' own help: change that, not this. -->

`nncore` trains networks by name, and looks at what came of it. Everything that is registered can be named, what plugins bring
too; `nncore list` shows it. A new shell learns to complete names from [`nncore completion`](#nncore-completion).

A training leaves a **run**: a folder with `config.toml` (every setting, enough to run it again), `environment.json`,
`samples.json` (what the data are like), with `--preprocess` `preprocess.safetensors` (what was learned of them), `metrics.csv` and `metrics.jsonl` (a row an epoch, written while it goes on),
`checkpoint.safetensors` (to go on from), `best.safetensors` and `model.safetensors` (the weights of the best epoch and of the
end), `result.json` and `report.html`.

**Exit codes.** 0: it went well. 1: it did not, and one line says why; or `predict` left files out, or `plugins --check` or
`plugin check` found something broken. 2: the command line itself is wrong. 130: Ctrl-C, with everything saved.

**`--json`** prints for programs what is else printed for people; progress and warnings go to the error output.
"""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command, by the name that one types."""
    from nncore.cli.main import COMMANDS, main

    context = click.Context(main, info_name="nncore")
    for name in sorted(COMMANDS):
        command = main.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", command.commands[below]) for below in sorted(command.commands))
        else:
            yield name, command


def examples(command: click.Command) -> list[str]:
    """The lines of a command's examples."""
    lines = (command.epilog or "").splitlines()
    return [line.strip() for line in lines if line.startswith("  ")]


def options(command: click.Command) -> Iterator[tuple[str, str]]:
    """Each option, and what it does."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            kinds = {"integer": "N", "integer range": "N", "float": "X", "path": "PATH", "text": "TEXT"}
            taken = "" if parameter.is_flag else f" {parameter.metavar or kinds.get(parameter.type.name, 'VALUE')}"
            text = re.sub(r"\s+\[default: (.*)\]$", r" Default: \1.", parameter.help or "")
            if parameter.show_default and parameter.default is not None:
                text += f" Default: {parameter.default}."
            yield f"{', '.join(parameter.opts)}{taken}", text


def section(name: str, command: click.Command) -> str:
    """What the page says of a command."""
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    places = [p.metavar or (p.name or "").upper() for p in arguments]
    places = [place if p.required else f"[{place.strip('[]')}]" for p, place in zip(arguments, places, strict=True)]
    lines = [f"## nncore {name}", "", f"`nncore {' '.join([name, '[OPTIONS]', *places])}`", ""]
    lines += [inspect.cleandoc(command.help or ""), ""]
    rows = list(options(command))
    if rows:
        lines += ["| Option | |", "|---|---|"]
        lines += [f"| `{option.replace('|', chr(92) + '|')}` | {text} |" for option, text in rows]
        lines += [""]
    return "\n".join([*lines, "```", *examples(command), "```"])


def text() -> str:
    """What the page must say."""
    return "\n\n".join([TOP.strip(), *(section(name, command) for name, command in commands())]) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text())
    else:
        sys.stdout.write(text())
