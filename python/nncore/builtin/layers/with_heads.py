"""A network with auxiliary heads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nncore.api import InvalidValueError, Module, Tensor, example, nn
from nncore.builtin.layers._chain import chain
from nncore.builtin.layers._checks import number
from nncore.builtin.layers.module_dict import ModuleDict
from nncore.builtin.layers.sequential import Sequential


@example(
    config=lambda: {
        "body": [nn.Linear(3, 4, act="tanh"), nn.Linear(4, 4, act="tanh"), nn.Linear(4, 2)],
        "heads": {"early": nn.Linear(4, 2), "late": [nn.Linear(4, 3), nn.Linear(3, 2)]},
        "at": {"early": "0", "late": "1"},
        "weights": 0.3,
    },
    inputs=[(5, 3)],
    skip={"modes": "the heads are there in training alone"},
)
class WithHeads(Module):
    """A chain of modules with further outputs on the way, which are there in training alone.

    Auxiliary heads, each with a loss of its own, give the early part of a deep network gradients from nearby. In training
    the output is a dict: `{main: body(x), head: head(what the body is at its place), …}`. In evaluation it is the body's
    output itself, and the heads are not computed. `nncore.Trainer` takes both: each output has a loss, weighted by
    `weights`, and validation looks at the main one.

    Args:
        body: A Sequential, or a list that makes one.
        heads: Heads by the names of their outputs: modules, or what makes one; a list is called one after the other.
        at: For each head the name of the body's module whose output it gets; `"features.3"` is the fourth module of the
            Sequential `features` within.
        weights: What the heads' losses count beside the main one, whose weight is 1: one number for all, or one a head.
        main: Name of the body's own output.

    Attributes:
        loss_weights: The weights by names of outputs, the main one first; where a Trainer is given one loss, it is taken
            for all of them.

    Shape: what the body takes; a dict of what body and heads give, or the body's output alone.

    The Sequentials that hold a head's place are walked through in training, so that hooks on themselves are not called.

    Raises:
        InvalidValueError: A body that is no chain, a place that is not in it, or names that do not agree.

    Source: Szegedy and others 2015, section 5 (weights of 0.3); Lee and others 2015.

    Example:
        >>> from nncore import nn, ones
        >>> body = [nn.Linear(8, 16, act="relu"), nn.Linear(16, 16, act="relu"), nn.Linear(16, 3)]
        >>> model = nn.WithHeads(body, heads={"aux": nn.Linear(16, 3)}, at={"aux": "0"}, weights=0.3)
        >>> {name: output.shape for name, output in model(ones((4, 8))).items()}
        {'main': (4, 3), 'aux': (4, 3)}
        >>> model.eval()(ones((4, 8))).shape, model.loss_weights
        ((4, 3), {'main': 1.0, 'aux': 0.3})
    """

    def __init__(
        self,
        body: Any,
        heads: Mapping[str, Any],
        at: Mapping[str, str],
        weights: float | Mapping[str, float] = 1.0,
        main: str = "main",
    ) -> None:
        super().__init__()
        self.body = chain(body)
        self.heads = ModuleDict({name: chain(head) for name, head in heads.items()})
        for what, names in (("at", at), ("weights", weights)):
            if isinstance(names, Mapping) and set(names) != set(heads):
                raise InvalidValueError(f"WithHeads: {what} names {', '.join(names)}; the heads are {', '.join(heads)}")
        if not heads or main in heads:
            raise InvalidValueError(f"WithHeads: heads need names, other than that of the main output, {main!r}")
        each = weights if isinstance(weights, Mapping) else dict.fromkeys(heads, weights)
        self.main = main
        self.at = dict(at)
        self.loss_weights = {main: 1.0} | {
            name: number(self, f"weights[{name!r}]", each[name], least=0) for name in heads
        }
        # What a walk through the body meets: heads by their places, and chains that hold such places.
        self._taps: dict[str, list[str]] = {}
        self._entered: set[str] = {""}
        for name in heads:
            self._taps.setdefault(at[name], []).append(name)
            self._enter(at[name])

    def _enter(self, place: str) -> None:
        path, found = "", self.body
        for step in place.split("."):
            if type(found) is not Sequential:
                raise InvalidValueError(
                    f"WithHeads: heads stand in Sequentials, and {path or 'the body'} is a {type(found).__name__}"
                )
            self._entered.add(path)
            if step not in found._modules:
                raise InvalidValueError(
                    f"WithHeads: there is no module {place!r} in the body; {path or 'it'} has {', '.join(found._modules)}"
                )
            path, found = f"{path}.{step}" if path else step, found._modules[step]

    def arguments(self) -> dict[str, Any]:
        """Its present parts, since others may have been put in their places."""
        return {**super().arguments(), "body": self.body, "heads": dict(self.heads.items())}

    def extra_repr(self) -> str:
        weights = {name: weight for name, weight in self.loss_weights.items() if name != self.main}
        return f"at={self.at}, weights={weights}"

    def forward(self, input: Any) -> Any:
        if not self.training:
            return self.body(input)
        outputs: dict[str, Tensor] = {}
        main = self._walk(self.body, "", input, outputs)
        return {self.main: main} | {name: outputs[name] for name in self.at}

    def _walk(self, module: Module, path: str, input: Any, outputs: dict[str, Tensor]) -> Any:
        if path not in self._entered:
            return module(input)
        for name, layer in module.named_children():
            place = f"{path}.{name}" if path else name
            input = self._walk(layer, place, input, outputs)
            for head in self._taps.get(place, ()):
                outputs[head] = self.heads[head](input)
        return input
