"""`nncore plugins` and `nncore list` show what is there, importing no component, and say what to do when it is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import nncore.plugins
from nncore.cli import main
from nncore.cli.main import COMMANDS
from nncore.plugins import KINDS, PluginHost, use_host

GOOD = """
@hookimpl
def nncore_layers():
    yield LayerSpec(name="swiglu", target="nncore_good.layer:SwiGLU", summary="Gated [bold]block[/bold]")

@hookimpl
def nncore_losses():
    yield LossSpec(name="quartic", target="nncore_good.loss:quartic", summary="Fourth power", aliases=("l4",))
"""


@pytest.fixture
def two(install: Callable, host: PluginHost) -> None:
    """A good and a broken plugin; the good one's components do not even exist."""
    install("nncore-good", GOOD, version="2.5")
    install("nncore-broken", "raise RuntimeError('no licence found')")


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def line_with(text: str, word: str) -> str:
    (line,) = (line for line in text.splitlines() if word in line)
    return line


def test_plugins_shows_each_with_version_status_and_error(two: None) -> None:
    code, out, err = run("plugins")
    assert code == 0 and err == ""
    assert line_with(out, "nncore-good").split() == ["nncore-good", "2.5", "good", "loaded", "2"]
    broken = line_with(out, "nncore-broken")
    assert broken.split()[:5] == ["nncore-broken", "1.0", "broken", "broken", "0"]
    assert "at import: RuntimeError: no licence found" in broken


def test_plugins_traceback_names_the_line(two: None) -> None:
    _, out, _ = run("plugins", "--traceback")
    assert "Traceback" in out and "nncore_broken" in out and "plugin.py" in out


def test_plugins_json_is_whole(two: None) -> None:
    code, out, _ = run("plugins", "--json")
    broken, good = json.loads(out)
    assert code == 0
    assert good["components"] == ["layer:nncore-good/swiglu", "loss:nncore-good/quartic"]
    assert good["version"] == "2.5" and good["status"] == "loaded" and good["failures"] == []
    assert broken["failures"][0]["stage"] == "import" and "Traceback" in broken["failures"][0]["traceback"]


def test_plugins_check_fails_on_a_broken_one_only(two: None) -> None:
    assert run("plugins", "--check")[0] == 1
    assert run("plugins", "--check", "good")[0] == 0


def test_plugins_of_an_unknown_name_offers_near_matches(two: None) -> None:
    code, _, err = run("plugins", "goood")
    assert code == 2 and "no plugin 'goood'. Did you mean 'good'" in err


def test_skipped_plugins_say_why(install: Callable) -> None:
    install("nncore-good", GOOD)
    with use_host(PluginHost(environ={"NNCORE_DISABLE_PLUGIN_AUTOLOAD": "1"})):
        _, out, _ = run("plugins")
    assert "skipped" in out and "NNCORE_DISABLE_PLUGIN_AUTOLOAD is set" in out


def test_strict_mode_is_one_line_and_exit_code_1(install: Callable) -> None:
    install("nncore-broken", "1 / 0")
    with use_host(PluginHost(environ={"NNCORE_STRICT_PLUGINS": "1"})):
        code, _, err = run("plugins")
    assert code == 1 and err.startswith("Error: plugin 'broken'") and "ZeroDivisionError" in err


def test_list_shows_name_kind_provider_and_summary(two: None) -> None:
    code, out, err = run("list")
    assert code == 0
    assert line_with(out, "swiglu").split()[:4] == ["swiglu", "layer", "nncore-good", "2.5"]
    assert "Gated [bold]block[/bold]" in out, "a summary is text, not markup"
    assert "1 broken plugin(s) left out; see `nncore plugins`." in err


@pytest.mark.parametrize("kind", [name for kind in KINDS.values() for name in (kind.name, kind.plural)])
def test_list_takes_every_kind_in_singular_and_plural(two: None, kind: str) -> None:
    code, out, _ = run("list", kind, "--json")
    names = [row["name"] for row in json.loads(out)]
    expected = {"layer": ["swiglu"], "loss": ["quartic"]}
    assert code == 0 and names == expected.get(nncore.plugins.kind_of(kind).name, [])


def test_list_of_an_unknown_kind_offers_near_matches(two: None) -> None:
    code, _, err = run("list", "loses")
    assert code == 2 and "Did you mean" in err and "'losses'" in err


def test_an_unknown_command_offers_near_matches() -> None:
    code, _, err = run("pluginz")
    assert code == 2 and "Did you mean 'plugin'" in err


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0 and COMMANDS[command][1] in out, "the table's line is the command's own first line"
    assert COMMANDS[command][1] in run("--help")[1]


def test_help_imports_no_command_and_no_rich() -> None:
    program = (
        "import sys\nfrom nncore.cli import main\n"
        "try:\n    main(['--help'], prog_name='nncore')\n"
        "except SystemExit as stop:\n    assert stop.code == 0\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] == 'rich' or name in "
        "('nncore.cli.plugins', 'nncore.cli.listing')))"
    )
    root = str(Path(nncore.plugins.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "[]"


def test_show_tells_settings_and_layers() -> None:
    code, out, _ = run("show", "lenet5")
    assert code == 0 and out.startswith("architecture:nncore/lenet5, from ") and "num_classes = 10" in out
    assert "61,706" in out.splitlines()[-1]
    code, out, _ = run("show", "cosine", "--json")
    assert code == 0 and json.loads(out)["settings"]["warmup"] == "0.0"


def test_show_tells_all_kinds_that_have_the_name() -> None:
    code, out, _ = run("show", "constant")
    assert code == 0 and "initializer:nncore/constant" in out and "schedule:nncore/constant" in out
    code, out, _ = run("show", "constant", "--kind", "schedules")
    assert code == 0 and "initializer" not in out and "epochs" not in out


def test_show_of_nothing_offers_near_matches() -> None:
    code, _, err = run("show", "lenet")
    assert code == 2 and "Did you mean 'lenet5'?" in err
    assert run("show", "lenet5", "--kind", "lawyer")[0] == 2
