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
from nncore.optim.adadelta import Adadelta
from nncore.optim.adafactor import Adafactor
from nncore.optim.adagrad import Adagrad
from nncore.optim.adam import Adam, AdamW
from nncore.optim.adamax import Adamax
from nncore.optim.averaging import EMA, SWA, update_bn
from nncore.optim.clipping import clip_grad_norm, clip_grad_value
from nncore.optim.group import ParamGroup
from nncore.optim.lamb import LAMB
from nncore.optim.lars import LARS
from nncore.optim.lbfgs import LBFGS
from nncore.optim.lion import Lion
from nncore.optim.nadam import NAdam
from nncore.optim.optimizer import Optimizer
from nncore.optim.plateau import ReduceLROnPlateau
from nncore.optim.radam import RAdam
from nncore.optim.rates import groups
from nncore.optim.rmsprop import RMSprop
from nncore.optim.rprop import Rprop
from nncore.optim.sgd import SGD
from nncore.optim.sgdw import SGDW

__all__ = [
    "EMA",
    "LAMB",
    "LARS",
    "LBFGS",
    "SGD",
    "SGDW",
    "SWA",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "NAdam",
    "Optimizer",
    "ParamGroup",
    "RAdam",
    "RMSprop",
    "ReduceLROnPlateau",
    "Rprop",
    "clip_grad_norm",
    "clip_grad_value",
    "groups",
    "update_bn",
]


def __getattr__(name: str) -> Any:
    raise AttributeError(missing("optim", name, "module 'nncore.optim'", __all__))
