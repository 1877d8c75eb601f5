"""Optimizers: how gradients change parameters.

>>> import nncore as nc
>>> from nncore import nn, optim
>>> model = nn.Linear(2, 1)
>>> optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
>>> model(nc.ones((4, 2))).sum().backward()
>>> optimizer.step()
"""

from typing import Any

from nncore.hints import missing
from nncore.optim.adam import Adam, AdamW
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer
from nncore.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "ParamGroup"]


def __getattr__(name: str) -> Any:
    raise AttributeError(missing("optim", name, "module 'nncore.optim'", __all__))
