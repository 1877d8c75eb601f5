"""Training without writing the loop.

>>> import nncore as nc
>>> train, test = nc.data.load("digits")
>>> trainer = nc.Trainer("lenet5", optimizer={"name": "adam", "lr": 2e-3}, metrics=["accuracy"], seed=0)
>>> history = trainer.fit(train, epochs=3, progress=False)
>>> trainer.evaluate(test)["accuracy"] > 0.8
True
"""

from typing import Any

from nncore.hints import missing
from nncore.training.averaging import ExponentialWeightAveraging, StochasticWeightAveraging
from nncore.training.callbacks import Callback, Checkpoint, EarlyStopping, SaveBest
from nncore.training.history import History
from nncore.training.plateau import ReduceOnPlateau
from nncore.training.tensorboard import TensorBoard
from nncore.training.trainer import Trainer
from nncore.training.unfreezing import Unfreeze

__all__ = [
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "ExponentialWeightAveraging",
    "History",
    "ReduceOnPlateau",
    "SaveBest",
    "StochasticWeightAveraging",
    "TensorBoard",
    "Trainer",
    "Unfreeze",
]


def __getattr__(name: str) -> Any:
    raise AttributeError(missing("training", name, "module 'nncore.training'", __all__))
