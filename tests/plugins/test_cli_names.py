"""What the shell completes, and commands that plugins bring."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

import nncore.plugins
from nncore.cli import main
from nncore.cli.main import COMMANDS
from nncore.plugins import PluginHost


def completed(*words: str) -> list[str]:
    """What Tab offers after these words; the last one is incomplete."""
    found = ShellComplete(main, {}, "nncore", "_NNCORE_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return [item.value if item.type == "plain" else f"<{item.type}>" for item in found]


def test_commands_and_options_complete() -> None:
    assert completed("") == sorted(COMMANDS)
    assert completed("re") == ["report", "resume"]
    assert {"--data", "--epochs", "--optimizer"} <= set(completed("train", "--"))


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("train", "lenet5", "--optimizer", "adam"), {"adam", "adamax", "adamw"}),
        (("train", "len"), {"lenet5"}),
        (("train", "lenet5", "--data", "fash"), {"fashion-mnist"}),
        (("train", "lenet5", "--schedule", "cos"), {"cosine"}),
        (("train", "lenet5", "--loss", "mse"), {"mse"}),
        (("train", "lenet5", "--metric", "acc"), {"accuracy"}),
        (("list", "arch"), {"architectures"}),
        (("show", "lenet"), {"lenet5"}),
        (("completion", "z"), {"zsh"}),
        (("train", "mlp", "--data", "./dat"), {"<file>"}),
        (("train", "my.to"), {"<file>"}),
        (("eval", "elsewhere/"), {"<dir>"}),
    ],
)
def test_names_complete(words: tuple[str, ...], offered: set[str]) -> None:
    assert offered <= set(completed(*words))
    assert all(each.startswith((words[-1], "<")) for each in completed(*words))


def test_runs_complete_the_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for at, name in enumerate(("old", "new", "none")):
        (tmp_path / "runs" / name).mkdir(parents=True)
        if name != "none":
            config = tmp_path / "runs" / name / "config.toml"
            config.touch()
            os.utime(config, (at, at))
    assert completed("resume", "ru") == ["runs/new", "runs/old"]
    assert completed("predict", "runs/o") == ["runs/old"]


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_the_shells_script_is_printed(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0 and f"_NNCORE_COMPLETE={shell}_complete" in result.stdout
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    assert CliRunner().invoke(main, ["completion"]).stdout == result.stdout
    monkeypatch.setenv("SHELL", "/usr/bin/elvish")
    assert CliRunner().invoke(main, ["completion"]).exit_code == 2


def test_the_shell_asks_the_program_as_it_is_installed() -> None:
    root = str(Path(nncore.plugins.__file__).parents[2])
    program = "from nncore.cli import main; main(prog_name='nncore')"
    environment = {
        **os.environ,
        "PYTHONPATH": root,
        "_NNCORE_COMPLETE": "bash_complete",
        "COMP_WORDS": "nncore comp",
        "COMP_CWORD": "1",
    }
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.stdout.split() == ["plain,compare", "plain,completion"], done.stderr


PLUGIN = """
from nncore.plugins import CommandSpec

@hookimpl
def nncore_commands():
    yield CommandSpec(name="say_hello", target="nncore_hello.command:hello", summary="Greet")
    yield CommandSpec(name="wrong", target="nncore_hello.command:wrong", summary="No command")
    yield CommandSpec(name="train", target="nncore_hello.command:hello", summary="Not this one")
"""
COMMAND = """
import click

from nncore.errors import DataError


@click.command()
@click.option("--fail", is_flag=True)
def hello(fail):
    if fail:
        raise DataError("no data")
    click.echo("hello")


def wrong():
    pass
"""


def test_plugins_bring_commands(install: Callable, host: PluginHost) -> None:
    install("nncore-hello", PLUGIN, files={"command.py": COMMAND})

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.output

    assert run("say-hello") == (0, "hello\n") and run("say_hello") == (0, "hello\n")
    assert run("say-hello", "--fail") == (1, "Error: no data\n")
    code, out = run("say-helo")
    assert code == 2 and "Did you mean 'say-hello'" in out
    code, out = run("wrong")
    assert code == 1 and "is no click command" in out
    assert "Train a network by name" in run("train", "--help")[1], "nncore's own commands stay its own"
    assert "say_hello" in run("list", "commands")[1]


def test_help_of_a_command_does_not_load_what_it_runs() -> None:
    program = (
        "import sys\nfrom nncore.cli import main\n"
        "try:\n    main(['train', '--help'], prog_name='nncore')\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('nncore.runs', 'nncore.training', 'nncore.api', 'rich') if name in sys.modules])"
    )
    root = str(Path(nncore.plugins.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": root}
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
