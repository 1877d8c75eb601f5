"""L-BFGS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore.errors import InvalidValueError, StateDictError
from nncore.optim.checks import number, numbers
from nncore.optim.group import ParamGroup
from nncore.optim.line_search import Point, strong_wolfe
from nncore.optim.optimizer import Optimizer
from nncore.plugins import example

__all__ = ["LBFGS"]

_CURVED = 1e-10
"""How much a step's curvature must be above 0 for the step to be remembered."""


@dataclass
class _Memory:
    """What one iteration hands to the next; all vectors are those of all parameters in a row."""

    step: int = 0
    func_evals: int = 0
    t: float = 0.0
    scale: float = 1.0
    direction: Tensor | None = None
    gradient: Tensor | None = None
    moves: list[Tensor] = field(default_factory=list)
    changes: list[Tensor] = field(default_factory=list)

    def remember(self, gradient: Tensor, size: int) -> None:
        """Take the last move and the change of the gradient along it into account."""
        assert self.direction is not None and self.gradient is not None
        move, change = self.direction * self.t, gradient - self.gradient
        curvature = _dot(change, move)
        if curvature > _CURVED:
            self.moves = [*self.moves, move][-size:]
            self.changes = [*self.changes, change][-size:]
            self.scale = curvature / _dot(change, change)

    def downhill(self, gradient: Tensor) -> Tensor:
        """-H·gradient by two loops over what is remembered, where H approximates the inverse of the Hessian."""
        vector, parts = -gradient, []
        for move, change in zip(reversed(self.moves), reversed(self.changes), strict=True):
            weight = 1.0 / _dot(change, move)
            part = weight * _dot(move, vector)
            vector = vector - change * part
            parts.append((move, change, weight, part))
        vector = vector * self.scale
        for move, change, weight, part in reversed(parts):
            vector = vector + move * (part - weight * _dot(change, vector))
        return vector


@example(
    config={"max_iter": 2, "line_search_fn": "strong_wolfe"},
    skip={"capture": "it reads numbers on the host; its closure may be captured"},
)
class LBFGS(Optimizer):
    """L-BFGS: steps along -H·g, where H, made of the last moves and changes of the gradient, stands for the Hessian's inverse.

    Each `step` makes up to `max_iter` iterations, and computes the loss and its gradient anew for each, so it is handed a
    closure that does:

        def closure():
            optimizer.zero_grad()
            loss = compute()
            loss.backward()
            return loss

        optimizer.step(closure)

    With moves sₖ and changes yₖ of the gradient, H begins as (sₖ·yₖ / yₖ·yₖ)·I at the newest, and each pair, the oldest first,
    makes of it VᵀHV + ρ·s·sᵀ with ρ = 1 / (s·y) and V = I - ρ·y·sᵀ. It is meant for smooth losses that are the same in each
    call: all data at once, no dropout. It reads numbers on the host, so that it is no part of a captured step; the closure
    may be one.

    Args:
        params: Parameters, or one group; None for an optimizer that is bound later.
        lr: How far along the direction a step goes; with a line search, where it begins to look.
        max_iter: Iterations a step.
        max_eval: Calls of the closure a step; default: 5/4 of max_iter.
        tolerance_grad: It ends where no element of the gradient is larger.
        tolerance_change: It ends where neither a parameter nor the loss changes by more.
        history_size: Moves that are remembered.
        line_search_fn: None, or `"strong_wolfe"` for steps along which the loss falls enough and is flat enough.

    `step` returns the loss from before it. Where the closure raises an error the parameters are those from before that
    iteration. Several groups are not possible.

    Raises:
        InvalidValueError: A setting out of range, several groups, or a step without a closure.

    Source: Liu and Nocedal 1989; Nocedal and Wright 2006, algorithms 7.4, 3.5 and 3.6.

    Example:
        >>> import nncore as nc
        >>> from nncore import optim
        >>> x = nc.tensor([-1.2, 1.0], dtype="float64", requires_grad=True)
        >>> def closure():  # Rosenbrock's valley, whose lowest point is (1, 1)
        ...     x.grad = None
        ...     loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        ...     loss.backward()
        ...     return loss
        >>> optimizer = optim.LBFGS([x], max_iter=100, line_search_fn="strong_wolfe")
        >>> round(optimizer.step(closure).item(), 3)
        24.2
        >>> [round(value, 3) for value in x.tolist()]
        [1.0, 1.0]
    """

    needs_closure = True

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        settings = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        self._memory = _Memory()
        super().__init__(params, settings)

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Take the parameters; there is one group only."""
        if self.param_groups:
            raise InvalidValueError("LBFGS has one group of parameters, and it has it already")
        super().add_param_group(group)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to `max_iter` iterations; gives the loss from before.

        Args:
            closure: Drops the gradients, computes the loss, calls `backward`, and returns the loss.
        """
        if closure is None or not callable(closure):
            raise InvalidValueError(
                "LBFGS computes the loss several times in a step: step(closure), where closure() drops the gradients, "
                "computes the loss, calls backward on it and returns it"
            )
        if not self.param_groups:
            raise InvalidValueError("this LBFGS has no parameters yet; bind(model.parameters()) hands it some")
        group, memory = self.param_groups[0], self._memory
        limit = group["max_iter"] * 5 // 4 if group["max_eval"] is None else group["max_eval"]
        enabled = _core.set_grad_enabled(False)
        origin: list[Tensor] = []
        try:
            first = _call(closure)
            loss, gradient, calls, tried = float(first), _flat(group), 1, 0
            while tried < group["max_iter"] and _largest(gradient) > group["tolerance_grad"]:
                tried += 1
                if memory.direction is not None:
                    memory.remember(gradient, group["history_size"])
                    reach = group["lr"]
                else:
                    # Nothing is known of the curvature: a first step of length 1 or less.
                    reach = min(1.0, 1.0 / float(gradient.abs().sum().item())) * group["lr"]
                memory.direction = direction = memory.downhill(gradient)
                memory.step += 1
                memory.gradient, memory.t, before = gradient, 0.0, loss
                slope = _dot(gradient, direction)
                if slope > -group["tolerance_change"]:
                    break
                origin = [p.detach().clone() for p in group.params]
                if group["line_search_fn"] is None:
                    memory.t = reach
                    _move(group, origin, direction, reach)
                    # The closure is called first thing in the next step.
                    if tried < group["max_iter"]:
                        loss, gradient, calls = float(_call(closure)), _flat(group), calls + 1
                else:

                    def along(t: float, origin: list[Tensor] = origin, direction: Tensor = direction) -> Point:
                        _move(group, origin, direction, t)
                        value, slope = float(_call(closure)), _flat(group)
                        return Point(t, value, _dot(slope, direction), slope)

                    start = Point(0.0, loss, slope, gradient)
                    least = group["tolerance_change"] / max(_largest(direction), 1e-300)
                    found, used = strong_wolfe(along, start, reach, least)
                    _move(group, origin, direction, found.t)
                    memory.t, loss, gradient, calls = found.t, found.value, found.gradient, calls + used
                if _largest(direction) * memory.t <= group["tolerance_change"]:
                    break
                if abs(loss - before) < group["tolerance_change"] or calls >= limit:
                    break
            memory.func_evals += calls
        except BaseException:
            # The closure failed, or was interrupted, somewhere along the line.
            for parameter, begin in zip(group.params, origin, strict=False):
                parameter.detach().copy_(begin)
            raise
        finally:
            _core.set_grad_enabled(enabled)
        return first

    def state_dict(self) -> dict[str, Any]:
        """Settings and state as plain data and tensors; the state stands under the first parameter."""
        memory, state = self._memory, super().state_dict()
        if memory.direction is not None and memory.gradient is not None:
            numbers_ = {name: getattr(memory, name) for name in ("step", "func_evals", "t", "scale")}
            state["state"][0] = {
                **{name: _core.tensor(value, dtype="float64") for name, value in numbers_.items()},
                "direction": memory.direction.clone(),
                "gradient": memory.gradient.clone(),
            }
            if memory.moves:
                for name in ("moves", "changes"):
                    state["state"][0][name] = _core.ops.stack(getattr(memory, name), 0)
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over settings and state. Everything is checked first.

        Raises:
            StateDictError: It is of another optimizer, or of other parameters.
        """
        groups = self._checked_groups(state)
        rows = {int(at): own for at, own in state.get("state", {}).items()}
        own = {name: _tensor(value) for name, value in rows.get(0, {}).items()}
        memory = _Memory()
        if own:
            count = sum(p.numel() for p in self.param_groups[0].params)
            wanted = ("step", "func_evals", "t", "scale", "direction", "gradient")
            if any(name not in own for name in wanted) or ("moves" in own) != ("changes" in own):
                raise StateDictError(f"the state of LBFGS has {', '.join(wanted)}, got {', '.join(own)}")
            for name in ("direction", "gradient", "moves", "changes"):
                if name in own and (
                    own[name].ndim != 1 + (name in ("moves", "changes")) or own[name].shape[-1] != count
                ):
                    raise StateDictError(
                        f"{name} has shape {tuple(own[name].shape)} for {count} parameters in all", mismatched=[name]
                    )
            memory.step, memory.func_evals = int(own["step"].item()), int(own["func_evals"].item())
            memory.t, memory.scale = float(own["t"].item()), float(own["scale"].item())
            memory.direction, memory.gradient = own["direction"].clone(), own["gradient"].clone()
            for name in ("moves", "changes"):
                setattr(memory, name, [row.clone() for row in own.get(name, ())])
        for group, saved in zip(self.param_groups, groups, strict=True):
            group.update({name: value for name, value in saved.items() if name != "params"})
        self._memory = memory

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "tolerance_grad", "tolerance_change")
        for name in ("max_iter", "max_eval", "history_size"):
            value = settings[name]
            if name == "max_eval" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
                raise InvalidValueError(f"{name} is a whole number of at least 1, got {value!r}")
            number(name, value, 1.0)
        if settings["line_search_fn"] not in (None, "strong_wolfe"):
            raise InvalidValueError(f"line_search_fn is None or 'strong_wolfe', got {settings['line_search_fn']!r}")


def _call(closure: Callable[[], Any]) -> Any:
    """The loss, computed with the tape on."""
    before = _core.set_grad_enabled(True)
    try:
        loss = closure()
    finally:
        _core.set_grad_enabled(before)
    if loss is None:
        raise InvalidValueError("LBFGS argument closure: it must return the loss, got None")
    return loss.detach() if isinstance(loss, Tensor) else loss


def _flat(group: ParamGroup) -> Tensor:
    """The gradients of all parameters in a row; zeros where there is none."""
    parts = [_core.zeros_like(p.detach()) if p.grad is None else p.grad for p in group.params]
    return _core.ops.cat([part.reshape(-1) for part in parts], 0)


def _move(group: ParamGroup, origin: list[Tensor], direction: Tensor, t: float) -> None:
    """Set the parameters to origin + t·direction."""
    at = 0
    for parameter, begin in zip(group.params, origin, strict=True):
        part = direction[at : at + parameter.numel()].reshape(parameter.shape)
        parameter.detach().copy_(begin + part * t)
        at += parameter.numel()


def _dot(a: Tensor, b: Tensor) -> float:
    return float((a * b).sum().item())


def _largest(vector: Tensor) -> float:
    """The largest absolute value; NaN where there is one."""
    return float(vector.abs().max().item()) if vector.numel() else 0.0


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else _core.tensor(np.asarray(value))
