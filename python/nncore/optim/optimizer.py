"""What all optimizers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

import numpy as np

from nncore import _core, _modes
from nncore._core import Tensor
from nncore.errors import InvalidValueError, StateDictError
from nncore.optim.group import ParamGroup, listed

__all__ = ["Optimizer"]


class Optimizer:
    """Changes parameters by their gradients; the base of `SGD`, `Adam` and your own.

    A subclass names its settings in the constructor, hands them to this one's, and writes `update(group)`, which changes
    the parameters of one group in place: by `run`, where an op of the core makes the step, or by ops on tensors.

    Args:
        params: Parameters, pairs of name and parameter, or groups: dicts with `"params"` and settings of their own.
            None leaves the optimizer unbound, for `bind` (or a Trainer) to hand it the parameters later.
        settings: What holds where a group says nothing; `"lr"` is among them.
    """

    slots: ClassVar[tuple[str, ...]] = ()
    """Names of the state that each parameter has: tensors like it."""
    counts: ClassVar[Mapping[str, float]] = {"step": 0.0}
    """Numbers that each parameter has besides, and what they are at first."""

    needs_closure: ClassVar[bool] = False
    """Whether `step` must be handed a closure, since it computes the loss several times."""

    def __init__(self, params: Iterable[Any] | None, settings: Mapping[str, Any]) -> None:
        # Pairs are tuples: as lists they could change without anybody being told.
        self.defaults: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
        }
        self.param_groups: list[ParamGroup] = []
        self._check(self.defaults)
        if params is not None:
            self.bind(params)

    @property
    def bound(self) -> bool:
        """Whether it has parameters."""
        return bool(self.param_groups)

    def bind(self, params: Iterable[Any]) -> Self:
        """Hand the parameters to an optimizer that was made without. Returns itself.

        Raises:
            InvalidValueError: It has parameters already, or there are none.
        """
        if self.bound:
            raise InvalidValueError(f"this {type(self).__name__} has its parameters; add_param_group adds more")
        if not isinstance(params, (Iterable, Tensor)):
            way = "; pass its parameters()" if hasattr(params, "parameters") else ""
            raise InvalidValueError(f"an optimizer takes parameters, got {type(params).__name__}{way}")
        groups = params if isinstance(params, Tensor) else list(params)
        if isinstance(groups, Tensor):
            raise InvalidValueError(
                "an optimizer takes several parameters, as model.parameters() gives; got one tensor"
            )
        if not groups:
            raise InvalidValueError("no parameters were given: the module has none, or its iterator was used up before")
        if isinstance(groups[0], dict):
            for group in groups:
                self.add_param_group(group)
        else:
            self.add_param_group({"params": groups})
        return self

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters with settings of their own: `{"params": ..., "lr": 0.01}`."""
        unknown = [name for name in group if name != "params" and name not in self.defaults]
        if "params" not in group or unknown:
            raise InvalidValueError(
                f"a group is a dict with 'params' and any of {', '.join(self.defaults)}; got {', '.join(group)}"
            )
        given = group["params"]
        params = listed([given] if isinstance(given, Tensor) else given)
        known = {id(p) for g in self.param_groups for p in g.params}
        if len({id(p) for p in params} | known) < len(params) + len(known):
            raise InvalidValueError("a parameter appears twice among the groups")
        settings = {**self.defaults, **{name: value for name, value in group.items() if name != "params"}}
        self._check(settings)
        self.param_groups.append(ParamGroup(params, settings))
        _modes.changed()

    @property
    def lr(self) -> float:
        """The learning rate of the first group. Setting it sets every group's; a captured step sees it at once."""
        return float(self.param_groups[0]["lr"] if self.param_groups else self.defaults["lr"])

    @lr.setter
    def lr(self, value: float) -> None:
        self._check({**self.defaults, "lr": value})
        self.defaults["lr"] = float(value)
        for group in self.param_groups:
            group["lr"] = value

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient. One without keeps its value, and its state does not move.

        Args:
            closure: Drops the gradients, computes the loss, calls `backward`, and returns the loss, which `step` returns
                too. `LBFGS` needs one; for the others it is called before the step.
        """
        groups = self.param_groups
        if not groups:
            raise InvalidValueError(
                f"this {type(self).__name__} has no parameters yet; bind(model.parameters()) hands it some"
            )
        if _modes.active:
            _modes.note(self, _picture)
        loss = None
        if closure is not None:
            before = _core.set_grad_enabled(True)
            try:
                loss = closure()
            finally:
                _core.set_grad_enabled(before)
        before = _core.set_grad_enabled(False)
        try:
            for group in groups:
                self.update(group)
        finally:
            _core.set_grad_enabled(before)
        return loss

    def update(self, group: ParamGroup) -> None:
        """Change the parameters of one group, in place. It is called with the tape off."""
        raise NotImplementedError(f"{type(self).__name__} has no update method")

    def run(self, step: Callable[..., Any], group: ParamGroup, slots: tuple[str | None, ...], *settings: Any) -> None:
        """Change all parameters of a group that have a gradient by one call of the core's op for this step.

        Args:
            step: The op: `step(params, grads, *states, *counts, lr, *settings)`, where the states are a list for each slot,
                and None for one that is not in use.
            group: The group.
            slots: The names of the states, in the op's order; None where these settings use none.
            settings: The op's attributes, in its order.
        """
        params, grads, which = group.params, _core.gradients(group.params), None
        if grads is None:
            params, grads, which = group.gradients()
            if not params:
                return
        lists = group.ready.get(slots)
        if lists is None:
            lists = group.ready[slots] = self._lists(group, slots)
        if which is not None:
            lists = [one if one is None else [one[at] for at in which] for one in lists]
        step(params, grads, *lists, group.rate, *settings)

    def _lists(self, group: ParamGroup, slots: tuple[str | None, ...]) -> list[list[Tensor] | None]:
        """The states of these slots and the counts, for all parameters; None in the place of what is not in use."""
        states = [None if name is None else self._slot(group, name) for name in slots]
        if any(states):
            return [*states, *(group.count(name, None, first) for name, first in self.counts.items())]
        return [*states, *(None for _ in self.counts)]

    def _slot(self, group: ParamGroup, name: str) -> list[Tensor]:
        return group.slot(name, None, self.initial(group, name), self.shape)

    def shape(self, name: str, parameter: Tensor) -> tuple[int, ...]:
        """The shape of a parameter's state of that name: the parameter's own, or `(0,)` for none."""
        return tuple(parameter.shape)

    def initial(self, group: ParamGroup, name: str) -> float:
        """What the state of that name is filled with at first."""
        return 0.0

    def zero_grad(self) -> None:
        """Drop the gradients of all parameters."""
        for group in self.param_groups:
            _core.clear_gradients(group.params)

    def state_dict(self) -> dict[str, Any]:
        """Settings and state as plain data and tensors, which share the optimizer's memory.

        `{"name": ..., "param_groups": [{"lr": ..., "params": [0, 1]}], "state": {0: {"momentum_buffer": ...}}}`, where
        parameters are numbered through all groups.
        """
        groups, state, at = [], {}, 0
        for group in self.param_groups:
            settings = {name: value for name, value in group.items() if name != "params"}
            groups.append({**settings, "params": list(range(at, at + len(group.params)))})
            for i in range(len(group.params)):
                own = {name: group.state[name][i] for name in (*self.slots, *self.counts) if name in group.state}
                own = {name: t for name, t in own.items() if tuple(t.shape) != (0,) or group.params[i].numel() == 0}
                if own:
                    state[at + i] = own
            at += len(group.params)
        return {"name": type(self).__name__, "param_groups": groups, "state": state}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over settings and state, in place where there is state already. Everything is checked first.

        Raises:
            StateDictError: It is of another optimizer, or has other groups or shapes.
        """
        groups = self._checked_groups(state)
        rows = {int(at): own for at, own in state.get("state", {}).items()}
        loaded: list[dict[str, Any]] = []
        for group, saved in zip(self.param_groups, groups, strict=True):
            numbers = saved["params"]
            loaded.append(self._checked_state(group, [rows.get(int(at), {}) for at in numbers]))
        for group, saved, new in zip(self.param_groups, groups, loaded, strict=True):
            group.update({name: value for name, value in saved.items() if name != "params"})
            self._fill(group, new)
        _modes.changed()

    def _checked_groups(self, state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        name = state.get("name", type(self).__name__)
        if name != type(self).__name__:
            raise StateDictError(f"this is the state of {name}, the optimizer is {type(self).__name__}")
        groups = list(state.get("param_groups", ()))
        want = [len(group.params) for group in self.param_groups]
        got = [len(group.get("params", ())) for group in groups]
        if want != got:
            raise StateDictError(f"the state has groups of {got} parameters, the optimizer of {want}")
        for group in groups:
            unknown = sorted(set(group) - set(self.defaults) - {"params"})
            if unknown:
                raise StateDictError(f"unknown settings: {', '.join(unknown)}", unexpected=unknown)
            self._check({**self.defaults, **{key: value for key, value in group.items() if key != "params"}})
        return groups

    def _checked_state(self, group: ParamGroup, rows: list[Mapping[str, Any]]) -> dict[str, Any]:
        """The group's part of a state dict as lists by name."""
        new: dict[str, Any] = {}
        for name in (*self.slots, *self.counts):
            column = [row.get(name) for row in rows]
            if all(value is None for value in column):
                continue
            for parameter, value in zip(group.params, column, strict=True):
                want = () if name in self.counts else self.shape(name, parameter)
                shape = want if value is None else tuple(np.shape(value))
                if shape != want:
                    of = f"a parameter of shape {tuple(parameter.shape)}"
                    raise StateDictError(f"{name} has shape {shape} for {of}, not {want}", mismatched=[name])
            new[name] = column
        return new

    def _fill(self, group: ParamGroup, new: Mapping[str, Any]) -> None:
        """Write the state in place, so that captured steps go on with it; make it where there is none yet.

        What is not given, for one parameter or for all, becomes what it is before the first step.
        """
        for name in (*self.slots, *self.counts):
            if name not in new and name not in group.state:
                continue
            if name in self.counts:
                first = self.counts[name]
                mine = group.count(name, None, first)
            else:
                first = self.initial(group, name)
                mine = self._slot(group, name)
            for tensor, theirs in zip(mine, new.get(name) or [None] * len(mine), strict=True):
                if theirs is None:
                    tensor.fill_(first)
                else:
                    tensor.copy_(_tensor(theirs))

    def _check(self, settings: Mapping[str, Any]) -> None:
        """Raise an InvalidValueError where a setting makes no sense."""

    def __repr__(self) -> str:
        groups: list[Any] = list(self.param_groups) or [
            f"unbound, {', '.join(f'{k}={v!r}' for k, v in self.defaults.items())}"
        ]
        return f"{type(self).__name__}({', '.join(map(str, groups))})"


def _picture(optimizer: Optimizer) -> _modes.Picture:
    groups = enumerate(optimizer.param_groups)
    return {f"group {at}: {name}": value for at, group in groups for name, value in group.picture().items()}


_modes.components[Optimizer] = _modes.Component(_picture, lambda optimizer: set())


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else _core.tensor(np.asarray(value))
