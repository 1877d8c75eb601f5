"""`nncore plugin check` and `nncore plugin new`, and the tests that pytest makes of a package."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from malformed import GOOD, MALFORMED

import nncore
from nncore.cli import main
from nncore.cli.new import PARTS, render
from nncore.errors import InvalidValueError, PluginWarning
from nncore.plugins import BUILTINS, PluginHost, use_host
from nncore.testing import check_plugin

ROOT = Path(__file__).parents[2]


@pytest.fixture
def whole() -> Iterator[PluginHost]:
    with use_host(PluginHost(BUILTINS, environ={})) as host, warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)
        yield host


def run(*arguments: str, answers: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=answers, catch_exceptions=False)


def test_check_shows_what_failed_and_how_to_mend_it(install: Callable, whole: PluginHost) -> None:
    MALFORMED["missing-mean"].install(install, "nncore-missing-mean")
    result = run("plugin", "check", "nncore-missing-mean")
    assert result.exit_code == 1
    row = next(line for line in result.stdout.splitlines() if line.startswith("loss:nncore-missing-mean/square"))
    assert "reduction" in row
    assert "the mean of its 12 values" in result.stdout and "to mend it: Divide by" in result.stdout
    assert "something failed in 1" in result.stdout


def test_check_of_a_good_package_ends_with_0(install: Callable, whole: PluginHost) -> None:
    GOOD["composed"].install(install, "nncore-composed")
    result = run("plugin", "check", "nncore-composed", "--verbose")
    assert result.exit_code == 0, result.stdout
    assert "1 component of nncore-composed: all is well." in result.stdout and "derivatives" in result.stdout


def test_check_speaks_json_and_shows_tracebacks(install: Callable, whole: PluginHost) -> None:
    MALFORMED["raises-on-import"].install(install, "nncore-raises-on-import")
    result = run("plugin", "check", "nncore-raises-on-import", "--json")
    said = json.loads(result.stdout)
    assert result.exit_code == 1 and not said["ok"] and said["findings"][0]["check"] == "import"
    assert "raise RuntimeError" in run("plugin", "check", "nncore-raises-on-import", "--traceback").stdout


def test_check_of_parts_and_of_nothing(install: Callable, whole: PluginHost) -> None:
    GOOD["composed"].install(install, "nncore-composed")
    result = run("plugin", "check", "nncore", "--only", "activation:nncore/tan", "--json")
    assert result.exit_code == 0
    assert {part["subject"] for part in json.loads(result.stdout)["parts"]} == {
        "activation:nncore/tanh",
        "activation:nncore/tanhshrink",
    }
    result = run("plugin", "check", "nncore-compost")
    assert result.exit_code == 2 and "Did you mean 'nncore-composed'" in result.stderr


def put(site: Path, files: dict[str, str]) -> str:
    """Install a package's files as an installer would; its distribution."""
    for place, text in files.items():
        if place.startswith("src/"):
            (site / place[4:]).parent.mkdir(parents=True, exist_ok=True)
            (site / place[4:]).write_text(text)
    project = tomllib.loads(files["pyproject.toml"])["project"]
    name, version = project["name"], project["version"]
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    rows = "".join(f"{entry} = {target}\n" for entry, target in project["entry-points"]["nncore"].items())
    (info / "entry_points.txt").write_text(f"[nncore]\n{rows}")
    return str(name)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if not name.startswith("nncore."):
            del sys.modules[name]


@pytest.mark.parametrize("kinds", [PARTS, *((kind,) for kind in PARTS)])
def test_a_new_package_passes_the_kit_at_once(kinds: tuple[str, ...], site: Path, whole: PluginHost) -> None:
    files = render("nncore-my.own-things", kinds, "Things of mine")
    name = put(site, files)
    assert name == "nncore-my.own-things" and not [t for t in files.values() if "template" in t]
    report = check_plugin("nncore-my.own-things")
    report.raise_for_failures()
    found = {part.subject.partition(":")[0] for part in report.parts}
    assert found == ({"layer", "activation", "architecture"} if kinds == ("architecture",) else set(kinds))
    tested = {place for place in files if place.startswith("tests/test_")} - {"tests/test_kit.py"}
    assert tested == {f"tests/test_{kind}.py" for kind in found}
    rows = {line.split("|")[1].strip() for line in files["README.md"].splitlines() if line.startswith("| ")}
    assert rows - {"Kind"} == found and "Things of mine." in files["README.md"]
    assert tomllib.loads(files["pyproject.toml"])["project"]["description"] == "Things of mine"


def program(folder: Path, *paths: Path, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    root = Path(nncore.__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, paths), str(root)])}
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=300
    )


@pytest.mark.skipif(not importlib.util.find_spec("setuptools"), reason="setuptools is not installed")
def test_a_new_package_installs_and_its_own_tests_pass(tmp_path: Path) -> None:
    result = run("plugin", "new", "nncore-fresh", "--into", str(tmp_path))
    assert result.exit_code == 0 and "nncore plugin check nncore-fresh" in result.stdout
    made = tmp_path / "nncore-fresh"
    copy, target = tmp_path / "copy", tmp_path / "installed"
    shutil.copytree(made, copy)  # an installer leaves folders beside the sources
    options = ("--no-deps", "--no-build-isolation", "--no-index", "-q", "--disable-pip-version-check")
    done = program(tmp_path, arguments=("pip", "install", *options, "--target", str(target), str(copy)))
    assert done.returncode == 0, done.stderr
    ran = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "nncore.testing.pytest_plugin")
    done = program(made, target, arguments=(*ran, "--nncore-check", "nncore-fresh"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "18 passed" in done.stdout, (
        done.stdout
    )  # six of its own and those of the kit, twice: by its tests, by the option


def test_new_asks_where_it_is_told_nothing(tmp_path: Path) -> None:
    answers = "Nncore_Bad\nnncore-asked\nlayers\nlayer, loss\nAsked things\n"
    result = run("plugin", "new", "--into", str(tmp_path), answers=answers)
    assert result.exit_code == 0, result.output
    assert "no name for a package" in result.output and "expected 'all'" in result.output
    names = {path.name for path in (tmp_path / "nncore-asked/src/nncore_asked").iterdir()}
    assert names == {"__init__.py", "plugin.py", "layer.py", "loss.py"}
    assert "Asked things." in (tmp_path / "nncore-asked/README.md").read_text()


def test_new_overwrites_nothing_and_refuses_what_is_no_name(tmp_path: Path) -> None:
    (tmp_path / "nncore-there").mkdir()
    (tmp_path / "nncore-there/thesis.txt").touch()
    result = run("plugin", "new", "nncore-there", "--into", str(tmp_path))
    assert result.exit_code == 2 and "is there already" in result.stderr
    for name in ("nncore", "Nncore-x", "9x", "a b"):
        assert run("plugin", "new", name, "--into", str(tmp_path)).exit_code == 2
    assert run("plugin", "new", "nncore-x", "--kind", "lawyer", "--into", str(tmp_path)).exit_code == 2
    assert run("plugin", "new", "nncore-x", "--summary", 'a "b"', "--into", str(tmp_path)).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["nncore-there"]
    with pytest.raises(InvalidValueError, match="summary"):
        render("nncore-x", summary="two\nlines")


def test_the_template_is_the_package_in_plugins() -> None:
    """`render` of its own name gives the package itself, so that there is one definition."""
    origin = ROOT / "plugins/nncore-plugin-template"
    files = render("nncore-plugin-template", summary="A package of components for nncore")
    for place, text in files.items():
        known = (origin / place).read_text()
        if place == "pyproject.toml":
            known = known.replace("template = ", "plugin-template = ")
        assert text == known, f"{place}: run tools/generate.py"


def test_pytest_makes_a_test_of_each_component(install: Callable, tmp_path: Path) -> None:
    GOOD["composed"].install(install, "nncore-composed")
    MALFORMED["wrong-sign"].install(install, "nncore-wrong-sign")
    (tmp_path / "test_own.py").write_text(
        "import pytest\nfrom nncore.plugins import ActivationSpec\nfrom nncore.testing import CheckError\n"
        "def act(input):\n    '''x + 1'''\n    return input + 1.0\n"
        "def lie(input):\n    '''x + 1'''\n    return input.sum()\n"
        "def test_good(nncore_check, nncore_host):\n"
        "    assert nncore_check(ActivationSpec(name='act', target=act)).ok\n"
        "    with pytest.raises(CheckError, match='promised'):\n"
        "        nncore_check(ActivationSpec(name='lie', target=lie))\n"
    )
    options = ("--nncore-check", "nncore-composed", "--nncore-check", "nncore-wrong-sign")
    plain = ("pytest", "-p", "no:cacheprovider", "-p", "nncore.testing.pytest_plugin", "-v")
    done = program(tmp_path, tmp_path / "site", arguments=(*plain, "test_own.py", *options))
    assert done.returncode == 1 and "1 failed, 4 passed" in done.stdout, done.stdout + done.stderr
    assert "nncore-check[activation:nncore-wrong-sign/act] FAILED" in done.stdout
    assert "differences say" in done.stdout and "Mend the backward" in done.stdout
    assert "nncore/testing/kit.py" not in done.stdout, "the kit's own frames are of no use to a reader"
    done = program(tmp_path, arguments=(*plain, "--nncore-check", "nncore-nobody"))
    assert done.returncode != 0 and "no plugin 'nncore-nobody' is installed" in done.stdout + done.stderr
