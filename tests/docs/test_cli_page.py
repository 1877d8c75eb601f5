"""The page of the command line says what the commands say; and every example in it can be typed."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import cli_page

from nncore.cli import main

EXAMPLES = [
    line.partition(" #")[0].strip()
    for command in [*dict(cli_page.commands()).values(), main]
    for line in cli_page.examples(command)
    if line.startswith("nncore ") and "COMMAND" not in line
]


def test_the_page_is_what_the_commands_say() -> None:
    assert cli_page.PAGE.read_text() == cli_page.text(), f"run `{cli_page.COMMAND}`"


@pytest.mark.parametrize("name", dict(cli_page.commands()))
def test_every_command_has_an_example_and_says_what_each_option_is(name: str) -> None:
    command = dict(cli_page.commands())[name]
    assert any(f"nncore {name}" in line for line in cli_page.examples(command))
    for option, text in cli_page.options(command):
        assert text.rstrip(".").strip(), f"{name} does not say what {option} is"


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_can_be_typed(line: str) -> None:
    """The parser knows its options and takes as many arguments; whether the files are there is another matter."""
    words = shlex.split(line.partition(" > ")[0])[1:]
    known = dict(cli_page.commands())
    length = 1 if words[0] in known else 2
    name, arguments = " ".join(words[:length]), words[length:]
    command = known[name]
    context = click.Context(command, info_name=name)
    values, rest, _ = command.make_parser(context).parse_args(list(arguments))
    assert not rest
    for parameter in command.params:
        if isinstance(parameter, click.Argument) and parameter.required:
            assert values.get(parameter.name), f"{line} lacks {parameter.metavar}"
