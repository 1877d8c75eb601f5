"""Training in two stages: the head alone, then more of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nncore import _patterns
from nncore.errors import InvalidValueError
from nncore.plugins import example
from nncore.training import checks
from nncore.training.callbacks import Callback
from nncore.transfer import unfreeze

if TYPE_CHECKING:
    from nncore.training.trainer import Trainer

__all__ = ["Unfreeze"]


@example(config={"after": 1})
class Unfreeze(Callback):
    """Trains what was frozen once some epochs are over: first a new head alone, then all of the network.

    Args:
        after: Epochs before it; 0 for none.
        *patterns: What is unfrozen, as in `nncore.unfreeze`. Default: everything.

    Give the optimizer all parameters, frozen ones too; `optim.groups` gives those smaller rates. A training that is
    restored goes on as it was.

    Raises:
        InvalidValueError: A pattern matches nothing; or the optimizer does not have the parameters to be unfrozen.

    Example:
        >>> import nncore as nc
        >>> from nncore import optim, training
        >>> model = nc.freeze(nc.create("lenet5", seed=0), until="classifier.5")
        >>> optimizer = optim.Adam(optim.groups(model, {"classifier.5": 1.0}, lr=1e-3, rest=0.1))
        >>> trainer = nc.Trainer(model, optimizer=optimizer, callbacks=[training.Unfreeze(1)], seed=0)
        >>> history = trainer.fit(nc.data.load("digits")[0][:64], epochs=2, progress=False)
        >>> model.num_parameters(trainable=True)
        61706
    """

    def __init__(self, after: int, *patterns: str) -> None:
        self.after = checks.whole("after", after, 0, "a whole number of epochs")
        self.patterns = patterns

    def on_fit_begin(self, trainer: Trainer) -> None:
        # Also what a training has to be that was restored in the middle of a later epoch.
        own = {id(parameter) for group in trainer.optimizer.param_groups for parameter in group.params}
        there = _patterns.parameters(trainer.model)
        chosen = [p for pattern in self.patterns for p in _patterns.matched(trainer.model, pattern, "Unfreeze")[1]]
        for parameter in chosen or there.values():
            if id(parameter) not in own:
                name = next(name for name, each in there.items() if each is parameter)
                raise InvalidValueError(
                    f"Unfreeze: {name!r} is to be trained later, and the optimizer was made without it; give it all parameters"
                )
        self._look(trainer, trainer.place["epoch"])

    def on_epoch_begin(self, trainer: Trainer, epoch: int) -> None:
        self._look(trainer, epoch - 1)

    def _look(self, trainer: Trainer, done: int) -> None:
        if done >= self.after:
            unfreeze(trainer.model, *self.patterns)
