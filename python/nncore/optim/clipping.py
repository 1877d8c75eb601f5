"""Bounds for gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nncore import _core
from nncore._core import Tensor
from nncore.errors import InvalidValueError

__all__ = ["clip_grad_norm", "clip_grad_value"]


def clip_grad_norm(parameters: Iterable[Tensor], max_norm: float, norm_type: float = 2.0) -> Tensor:
    """Scale all gradients together so that their norm is at most `max_norm`; gives the norm from before, a 0-d tensor.

    Each gradient is multiplied, in place, by min(1, max_norm / (norm + 1e-6)), where the norm is that of all gradients as
    one vector. Parameters without a gradient are left out.

    Args:
        parameters: Parameters, as `model.parameters()` gives them.
        max_norm: The largest norm, more than 0.
        norm_type: p of the norm; infinity for the largest absolute value.

    Raises:
        InvalidValueError: max_norm or norm_type is no number above 0.

    Source: Pascanu, Mikolov and Bengio 2013 (arXiv 1211.5063).
    """
    _positive("max_norm", max_norm)
    _positive("norm_type", norm_type)
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        return _core.zeros(())
    with _core.no_grad():
        norms = _core.ops.stack([_core.ops.vector_norm(g, norm_type) for g in grads], 0)
        norm = _core.ops.vector_norm(norms, norm_type)
        factor = _core.ops.clamp(max_norm / (norm + 1e-6), None, 1.0)
        for grad in grads:
            grad *= factor
    return norm


def clip_grad_value(parameters: Iterable[Tensor], max_value: float) -> None:
    """Clamp each element of all gradients to [-max_value, max_value], in place.

    Args:
        parameters: Parameters, as `model.parameters()` gives them.
        max_value: The largest absolute value, more than 0.

    Raises:
        InvalidValueError: max_value is no number above 0.
    """
    _positive("max_value", max_value)
    with _core.no_grad():
        for p in parameters:
            if p.grad is not None:
                p.grad.copy_(_core.ops.clamp(p.grad, -max_value, max_value))


def _positive(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise InvalidValueError(f"{name} is {value!r}; expected a number above 0")
