"""State dicts: giving a module's values out by name, and taking them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nncore import _core, _modes
from nncore._core import Tensor
from nncore.errors import InvalidValueError, StateDictError
from nncore.parameter import Parameter, fill
from nncore.plugins.near import did_you_mean

if TYPE_CHECKING:
    from nncore.module import Module

__all__ = ["LoadResult", "convert", "load", "state_dict"]


class LoadResult(NamedTuple):
    """What `load_state_dict(strict=False)` left over."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def state_dict(module: Module) -> dict[str, Tensor]:
    """Parameters and persistent buffers by name, in the order of the modules, off the tape."""
    return {name: tensor.detach() for name, tensor in _slots(module).items()}


def _slots(module: Module) -> dict[str, Tensor]:
    slots: dict[str, Tensor] = {}

    # Not `named_modules`: a module that stands in several places has all its names, as in a file of PyTorch's.
    def add(owner: Module, path: str) -> None:
        for name, parameter in owner._parameters.items():
            slots[path + name] = parameter
        for name, buffer in owner._buffers.items():
            if name not in owner._transient:
                slots[path + name] = buffer
        for name, child in owner._modules.items():
            add(child, f"{path}{name}.")

    add(module, "")
    return slots


def load(module: Module, state: Mapping[str, Any], strict: bool) -> LoadResult:
    """Check all names, shapes and dtypes, then copy everything that fits."""
    if not isinstance(state, Mapping):
        raise InvalidValueError(f"a state dict maps names to tensors, got {type(state).__name__}")
    slots = _slots(module)
    missing = [name for name in slots if name not in state]
    unexpected = [name for name in state if name not in slots]
    values: list[tuple[Tensor, Tensor]] = []
    mismatched: dict[str, str] = {}
    for name, target in slots.items():
        if name in state:
            value, complaint = _fitted(target, state[name])
            if complaint:
                mismatched[name] = complaint
            else:
                values.append((target, value))
    if mismatched or (strict and (missing or unexpected)):
        raise StateDictError(
            _message(module, missing if strict else [], unexpected if strict else [], mismatched),
            missing=missing,
            unexpected=unexpected,
            mismatched=mismatched,
        )
    for target, value in values:
        fill(target, value)
    return LoadResult(missing, unexpected)


def _fitted(target: Tensor, value: Any) -> tuple[Any, str]:
    """The value in the target's dtype, or why it does not fit."""
    if not isinstance(value, Tensor):
        try:
            value = _core.tensor(np.asarray(value))
        except Exception as error:
            return None, f"a {type(value).__name__} is no tensor: {error}"
    want, got = tuple(target.shape), tuple(value.shape)
    if want != got:
        return None, f"shape {got}, expected {want}"
    if value.dtype != target.dtype:
        if _is_float(value) != _is_float(target):
            return None, f"dtype {value.dtype}, expected {target.dtype}"
        value = value.detach().to(target.dtype)
    return value.detach(), ""


def _message(module: Module, missing: list[str], unexpected: list[str], mismatched: dict[str, str]) -> str:
    parts = [f"the state dict does not fit {type(module).__name__}"]
    if missing:
        parts.append(f"missing: {_some(missing)}")
    if unexpected:
        near = did_you_mean(unexpected[0], missing) if missing else ""
        parts.append(f"unexpected: {_some(unexpected)}{near and ' (' + near.strip() + ')'}")
    if mismatched:
        parts.append("mismatched: " + _some([f"{name} has {what}" for name, what in mismatched.items()]))
    hint = "" if mismatched else ". load_state_dict(..., strict=False) loads what fits"
    return "; ".join(parts) + hint


def _some(names: list[str], limit: int = 12) -> str:
    more = f", and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _is_float(tensor: Tensor) -> bool:
    return bool(tensor.dtype.is_floating_point)


def convert(module: Module, dtype: Any, device: Any) -> None:
    """Give a module's floating-point members another dtype, and all of them another device."""
    if dtype is not None and "float" not in str(dtype):
        raise InvalidValueError(f"parameters are floating-point numbers, so they cannot become {dtype}")
    made: dict[int, Tensor] = {}

    def converted(tensor: Tensor) -> Tensor:
        if id(tensor) not in made:
            value = tensor.detach()
            if dtype is not None and _is_float(value):
                value = value.to(dtype)
            if device is not None:
                value = value.to(device)
            if isinstance(tensor, Parameter):
                made[id(tensor)] = Parameter(
                    value,
                    init=tensor.init,
                    fan_in=tensor.fan_in,
                    fan_out=tensor.fan_out,
                    requires_grad=tensor.requires_grad,
                )
            else:
                made[id(tensor)] = value
        return made[id(tensor)]

    for owner in module.modules():
        kinds: list[dict[str, Any]] = [owner._parameters, owner._buffers]
        for members in kinds:
            for name in members:
                members[name] = owner.__dict__[name] = converted(members[name])
    _modes.changed()
