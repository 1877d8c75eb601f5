"""The command that installing nncore gives."""

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_is_declared_and_leads_to_the_program() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert declared == {"nncore": "nncore.cli:main"}
    (found,) = entry_points(group="console_scripts", name="nncore")
    from nncore.cli import main

    assert found.load() is main
