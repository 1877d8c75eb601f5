"""The command line: `nncore`, or `python -m nncore`. Each command is imported when it is run."""

from nncore.cli.main import main

__all__ = ["main"]
