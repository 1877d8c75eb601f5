"""The loss of a model's outputs, be it one or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nncore._core import Tensor
from nncore.errors import InvalidValueError
from nncore.plugins import make

__all__ = ["Objective"]


class Objective:
    """Losses of one output, or of several by name.

    Args:
        loss: A loss, as `nncore.registry.losses` knows it; or a dict from the names of outputs to losses, for a model that
            returns a dict of them. The first is the main one, which metrics look at.
        weights: What each named loss counts; 1 where nothing is said.
    """

    def __init__(self, loss: Any, weights: Mapping[str, float] | None = None) -> None:
        self.losses: dict[str, Any] = {}
        self.weights = dict(weights or {})
        if isinstance(loss, Mapping) and "name" not in loss:
            self.losses = {name: make("loss", each) for name, each in loss.items()}
            if not self.losses:
                raise InvalidValueError("loss is an empty dict; expected at least one output's loss")
        self.single = None if self.losses else make("loss", loss)
        unknown = sorted(set(self.weights) - set(self.losses))
        if unknown:
            raise InvalidValueError(
                f"loss_weights names {', '.join(unknown)}; losses are given for {', '.join(self.losses) or 'one output'}"
            )

    def __call__(self, output: Any, target: Any) -> Tensor:
        """The loss, a 0-d tensor."""
        if self.single is not None:
            loss = self.single(self.main(output), target)
            return _checked(loss, self.single)
        output = _named(output)
        missing = [name for name in self.losses if name not in output]
        if missing:
            raise InvalidValueError(f"the model has no output {missing[0]!r}; it has {', '.join(output)}")
        total = None
        for name, loss in self.losses.items():
            wanted = target[name] if isinstance(target, dict) else target
            part = _checked(loss(output[name], wanted), loss)
            weight = self.weights.get(name, 1.0)
            part = part if weight == 1.0 else part * weight
            total = part if total is None else total + part
        assert total is not None
        return total

    def main(self, output: Any) -> Tensor:
        """The output that metrics look at."""
        if isinstance(output, Tensor):
            return output
        if not self.losses:
            raise InvalidValueError(
                f"the model returns a {type(output).__name__}; give loss as a dict from outputs' names to losses"
            )
        main: Tensor = _named(output)[next(iter(self.losses))]
        return main

    def main_target(self, target: Any) -> Any:
        """The target of that output."""
        return target[next(iter(self.losses))] if self.losses and isinstance(target, dict) else target


def _named(output: Any) -> Mapping[str, Any]:
    if isinstance(output, Mapping):
        return output
    if isinstance(output, tuple) and hasattr(output, "_asdict"):
        named: Mapping[str, Any] = output._asdict()
        return named
    raise InvalidValueError(f"losses by name need a model that returns a dict of outputs; got {type(output).__name__}")


def _checked(loss: Any, function: Any) -> Tensor:
    if not isinstance(loss, Tensor) or loss.ndim:
        got = f"one of shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
        raise InvalidValueError(
            f"a loss to train with is a 0-d tensor, with reduction 'mean' or 'sum'; {function!r} gave {got}"
        )
    return loss
