"""The loss of a model's outputs, be it one or several."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from nncore._core import Tensor
from nncore.errors import InvalidValueError, ShapeError
from nncore.module import Module
from nncore.plugins import make, resolve
from nncore.training import checks

__all__ = ["Objective"]


class Objective:
    """Losses of one output, or of several by name.

    Args:
        loss: A loss, as `nncore.registry.losses` knows it; or a dict from the names of outputs to losses, for a model that
            returns a dict of them. The first is the main one.
        weights: What each named loss counts; 1 where nothing is said.

    Attributes:
        losses: The losses by the names of their outputs; empty where there is one output.
        weights: What each counts.
        single: The loss of the only output, or None.
    """

    def __init__(self, loss: Any, weights: Mapping[str, float] | None = None) -> None:
        self.losses: dict[str, Any] = {}
        if _by_name(loss):
            self.losses = {str(name): _made(each, f"loss[{name!r}]") for name, each in loss.items()}
            if not self.losses:
                raise InvalidValueError("loss is an empty dict; expected at least one output's loss")
        self.single = None if self.losses else _made(loss, "loss")
        if weights is not None and not isinstance(weights, Mapping):
            raise InvalidValueError(f"loss_weights is a dict from outputs' names to numbers, got {weights!r}")
        self.weights = {
            name: checks.number(f"loss_weights[{name!r}]", value) for name, value in (weights or {}).items()
        }
        unknown = sorted(str(name) for name in self.weights if name not in self.losses)
        if unknown:
            raise InvalidValueError(
                f"loss_weights names {', '.join(unknown)}; losses are given for {', '.join(self.losses) or 'one output'}"
            )
        # Losses that compare element with element would compare each with each where one side lacks a dimension.
        held = self.losses or {"": self.single}
        self._built_in = {name: _is_built_in(each) for name, each in held.items()}

    @classmethod
    def of(cls, model: Any, loss: Any, weights: Mapping[str, float] | None = None) -> Objective:
        """The losses of a model, which may say itself what its outputs count: in an attribute `loss_weights`, by names.

        Args:
            model: The model.
            loss: As in the constructor. One loss is taken for all outputs that the model gives weights for.
            weights: As in the constructor; before what the model says.
        """
        own = getattr(model, "loss_weights", None)
        if not isinstance(own, Mapping) or not own:
            return cls(loss, weights)
        if not _by_name(loss):
            loss = dict.fromkeys(own, loss)
        if weights is None:
            weights = {name: weight for name, weight in own.items() if name in loss}
        return cls(loss, weights)

    def __call__(self, output: Any, target: Any) -> Tensor:
        """The loss, a 0-d tensor; of an output that is not there, none."""
        return self.total(self.parts(output, target, partial=True))

    def parts(self, output: Any, target: Any, *, partial: bool = False) -> dict[str, Tensor]:
        """The loss of each output by its name, which is empty where there is one output.

        Args:
            output: What the model returned.
            target: A target for all, or a dict of them by outputs' names.
            partial: Whether outputs other than the main one may be missing, as they do from a model whose auxiliary
                heads are there in training alone.
        """
        if self.single is not None:
            return {"": self._part("", self.single, self.output(output), target)}
        named = self._named(output, partial)
        return {
            name: self._part(name, loss, named[name], self.target(target, name))
            for name, loss in self.losses.items()
            if name in named
        }

    def total(self, parts: Mapping[str, Tensor]) -> Tensor:
        """The weighted sum."""
        total: Tensor | None = None
        for name, part in parts.items():
            weight = self.weights.get(name, 1.0)
            part = part if weight == 1.0 else part * weight
            total = part if total is None else total + part
        assert total is not None
        return total

    def output(self, output: Any, name: str | None = None) -> Any:
        """The output of a name, None where it is not there; without a name the main one."""
        if isinstance(output, Tensor):
            return output if name is None or name == next(iter(self.losses)) else None
        if not self.losses:
            raise InvalidValueError(
                f"the model returns a {type(output).__name__}; give loss as a dict from outputs' names to losses"
            )
        return self._named(output, True).get(next(iter(self.losses)) if name is None else name)

    def target(self, target: Any, name: str | None = None) -> Any:
        """The target of the output of that name; without a name that of the main one."""
        if not self.losses or not isinstance(target, dict):
            return target
        name = next(iter(self.losses)) if name is None else name
        if name not in target:
            raise InvalidValueError(f"the targets have no {name!r}; they have {', '.join(map(str, target))}")
        return target[name]

    def _named(self, output: Any, partial: bool) -> Mapping[str, Any]:
        main = next(iter(self.losses))
        if isinstance(output, Tensor) and partial:
            return {main: output}
        if isinstance(output, tuple) and hasattr(output, "_asdict"):
            output = output._asdict()
        if not isinstance(output, Mapping):
            raise InvalidValueError(
                f"losses by name need a model that returns a dict of outputs; got {type(output).__name__}"
            )
        missing = [name for name in ([main] if partial else self.losses) if name not in output]
        if missing:
            raise InvalidValueError(f"the model has no output {missing[0]!r}; it has {', '.join(map(str, output))}")
        return output

    def _part(self, name: str, function: Any, output: Any, target: Any) -> Tensor:
        if self._built_in[name] and isinstance(output, Tensor) and isinstance(target, Tensor):
            one, other = output.shape, target.shape
            if (
                {one, other} == {(len(output), 1), (len(output),)}
                and len(one) != len(other)
                and target.dtype.is_floating_point
            ):
                raise ShapeError(
                    f"the output has shape {tuple(one)} and the target {tuple(other)}, so that each would be compared with "
                    f"each; expected the same shape{': pass y[:, None]' if len(other) == 1 else ''}"
                )
        elif self._built_in[name] and isinstance(target, dict):
            raise InvalidValueError(
                f"the targets are a dict of {', '.join(map(str, target))}, and there is one loss; losses by name are given "
                "as a dict from outputs' names to losses"
            )
        loss = function(output, target)
        if not isinstance(loss, Tensor) or loss.ndim:
            got = f"one of shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
            raise InvalidValueError(
                f"a loss to train with is a 0-d tensor, with reduction 'mean' or 'sum'; {function!r} gave {got}"
            )
        return loss


def _by_name(loss: Any) -> bool:
    """Whether it is losses by the names of outputs, and not one, which may be a spec."""
    return isinstance(loss, Mapping) and not isinstance(loss.get("name"), str)


def _made(given: Any, what: str) -> Any:
    try:
        loss = make("loss", given)
    except InvalidValueError as error:
        raise InvalidValueError(f"{what}: {error.message}") from None
    forward = loss.forward if isinstance(loss, Module) else loss
    places = [p.name for p in _places(forward)]
    if len(places) > 2:
        raise InvalidValueError(
            f"{what}: {loss!r} compares {', '.join(places)}, and a training calls its loss with an output and a target; give a "
            "function that takes the former out of the latter, such as `lambda output, target: "
            f"loss({', '.join(f'output[:, {at}]' for at in range(len(places)))})` for a model whose output is (N, "
            f"{len(places)}, ...)"
        )
    checks.takes(what, forward, "output", "target")
    return loss


def _places(function: Any) -> list[inspect.Parameter]:
    """The arguments that a function cannot do without."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in parameters if p.kind in places and p.default is p.empty]


def _is_built_in(loss: Any) -> bool:
    name = resolve("loss", loss).name
    return name is not None and name.startswith("loss:nncore/")
