"""Parameters that are optimized alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nncore import _core, _modes
from nncore._core import Tensor
from nncore.errors import InvalidValueError
from nncore.optim.checks import number

__all__ = ["ParamGroup"]


class ParamGroup(dict[str, Any]):
    """One group of an optimizer: a dict of its settings, with its parameters under `"params"`.

    Setting `group["lr"]` writes into a tensor that the update reads, so that a captured step sees the new value. Any
    other setting is part of what a captured step was recorded with; changing it makes the step record anew.

    Attributes:
        params: The parameters, in order.
        rate: The learning rate as a 0-d float64 tensor.
        state: Lists of tensors by name, one for each parameter in order, made at the first step and changed in place from
            then on. `"step"` counts the steps of each parameter, in an optimizer that has state.
    """

    def __init__(self, params: list[Tensor], settings: Mapping[str, Any]) -> None:
        super().__init__(settings, params=params)
        self.params = params
        self.rate = _core.tensor(float(settings["lr"]), dtype="float64")
        self.state: dict[str, list[Tensor]] = {}
        # Those lists again, as the steps' ops take them: looking them up one by one would cost as much as a small step.
        self.ready: dict[tuple[str | None, ...], list[list[Tensor] | None]] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        if name == "params":
            raise InvalidValueError("a group's parameters stay; add_param_group adds others")
        if name == "lr":
            value = number("lr", value)
            super().__setitem__(name, value)
            self.rate.fill_(value)
            return
        super().__setitem__(name, value)
        _modes.changed()

    def __reduce__(self) -> Any:
        # As a dict it would be filled item by item, and its parameters are no item to set.
        settings = {name: value for name, value in self.items() if name != "params"}
        return _rebuilt, (type(self), self.params, settings, self.state)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several settings."""
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def gradients(self) -> tuple[list[Tensor], list[Tensor], list[int] | None]:
        """Parameters that have a gradient, their gradients, and which they are; None if that is all of them."""
        grads = _core.gradients(self.params)
        if grads is not None:
            return self.params, grads, None
        which = [at for at, parameter in enumerate(self.params) if parameter.grad is not None]
        chosen = [self.params[at] for at in which]
        return chosen, [parameter.grad for parameter in chosen], which  # type: ignore[misc]

    def slot(
        self,
        name: str,
        which: list[int] | None,
        first: float = 0.0,
        shape: Callable[[str, Tensor], tuple[int, ...]] | None = None,
    ) -> list[Tensor]:
        """The state of this name for some parameters: tensors like them, filled with `first` when they are made.

        Where `shape` is given it says of which shape, by name and parameter, they are instead.
        """
        tensors = self.state.get(name)
        if tensors is None:
            # For all parameters at once, so that the order does not depend on which had a gradient first.
            tensors = self.state[name] = [
                _core.zeros_like(parameter.detach())
                if shape is None or shape(name, parameter) == tuple(parameter.shape)
                else _core.zeros(shape(name, parameter), dtype=parameter.dtype)
                for parameter in self.params
            ]
            for tensor in tensors if first else ():
                tensor.fill_(first)
        return tensors if which is None else [tensors[at] for at in which]

    def count(self, name: str, which: list[int] | None, first: float = 0.0) -> list[Tensor]:
        """A number for each of some parameters: 0-d float64 tensors that the update changes.

        Each has its own, since a parameter that gets its first gradient late makes its first step then.
        """
        counts = self.state.get(name)
        if counts is None:
            counts = self.state[name] = [_core.tensor(first, dtype="float64") for _ in self.params]
        return counts if which is None else [counts[at] for at in which]

    def picture(self) -> _modes.Picture:
        """What a captured step freezes of this group."""
        settings = {name: value for name, value in self.items() if name not in ("lr", "params")}
        return {**settings, "params": [_modes.Same(parameter) for parameter in self.params]}

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.items() if name != "params")
        return f"ParamGroup({len(self.params)} parameters, {settings})"


def _rebuilt(
    kind: type[ParamGroup], params: list[Tensor], settings: dict[str, Any], state: dict[str, list[Tensor]]
) -> ParamGroup:
    """A copy, with its state."""
    group = kind(params, settings)
    group.state.update(state)
    return group


def listed(params: Iterable[Any]) -> list[Any]:
    """Parameters as a list; pairs of name and parameter lose their name."""
    chosen = [item[1] if isinstance(item, tuple) and len(item) == 2 else item for item in params]
    for item in chosen:
        if not isinstance(item, Tensor):
            raise InvalidValueError(f"an optimizer takes parameters, got {type(item).__name__}")
    return chosen
