"""Trainings from a description, in a folder that holds all there is to know of them.

    config = RunConfig.of({"model": {"name": "lenet5"}, "data": {"source": "digits"}})
    run = Run.begin(config, "runs/first")
    run.train()

The command line's `train`, `resume` and `eval` are these few lines.
"""

from typing import Any

from nncore.hints import missing
from nncore.runs.config import RunConfig
from nncore.runs.run import Run

__all__ = ["Run", "RunConfig"]


def __getattr__(name: str) -> Any:
    raise AttributeError(missing("runs", name, "module 'nncore.runs'", __all__))
