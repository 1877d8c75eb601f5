"""Adafactor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore import _core
from nncore._core import Tensor
from nncore.errors import InvalidValueError
from nncore.optim.checks import number, numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["Adafactor"]

EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}


class Adafactor(Optimizer):
    """Adafactor: Adam's scale in the memory of a row and a column, g / sqrt(r·c / mean(r)), for what has two dimensions.

    The running means r and c of squared gradients, along the last two dimensions, are blended with weight t^beta2_decay in
    step t. The step is scaled down where its root mean square exceeds d, and multiplied by the parameter's own, at least
    eps[1], times min(lr, 1 / sqrt(t)).

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: The largest relative step.
        beta2_decay: How fast old squares fade, as the power of t; at most 0.
        eps: What the mean of squares is at least (None: the dtype's epsilon), and the root mean square of a parameter.
        d: Up to which root mean square a step is not scaled down; at least 1.
        weight_decay: Each step shrinks the parameter by lr times this, apart from the gradient.
        maximize: Whether to go up the gradient.

    Source: Shazeer and Stern 2018 (arXiv 1804.04235), as `torch.optim.Adafactor` has it.
    """

    slots = ("row_var", "col_var", "variance")

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {"lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay}
        super().__init__(params, {**settings, "maximize": maximize})

    def shape(self, name: str, parameter: Tensor) -> tuple[int, ...]:
        whole = tuple(parameter.shape)
        if len(whole) < 2:
            return whole if name == "variance" else (0,)
        return {"row_var": (*whole[:-1], 1), "col_var": (*whole[:-2], 1, whole[-1])}.get(name, (0,))

    def update(self, group: ParamGroup) -> None:
        params, grads, which = group.gradients()
        states = [group.slot(name, which, shape=self.shape) for name in self.slots]
        for parameter, grad, *own in zip(params, grads, *states, group.count("step", which), strict=True):
            _change(group, parameter.detach(), grad, *own)

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "weight_decay")
        number("d", settings["d"], 1.0)
        number("minus beta2_decay", -settings["beta2_decay"])
        eps = settings["eps"]
        if not isinstance(eps, (tuple, list)) or len(eps) != 2:
            raise InvalidValueError(f"eps are two numbers, the first of which may be None, got {eps!r}")
        number("the first eps", 0.0 if eps[0] is None else eps[0])
        number("the second eps", eps[1])


def _change(
    group: ParamGroup, parameter: Tensor, grad: Tensor, row_var: Tensor, col_var: Tensor, variance: Tensor, step: Tensor
) -> None:
    least, smallest = group["eps"]
    dtype, size = parameter.dtype, float(parameter.numel())
    if least is None:
        least = EPSILON[dtype.name]
    if group["maximize"]:
        grad = -grad
    step += 1.0
    if not size:
        return
    weight = (step ** group["beta2_decay"]).cast(dtype)
    rate = _core.ops.minimum(group.rate, step**-0.5).cast(dtype)
    scale = _core.ops.maximum(parameter.norm() / size**0.5, smallest) * rate
    if group["weight_decay"]:
        parameter *= (1.0 - group.rate * group["weight_decay"]).cast(dtype)
    square = grad * grad
    if grad.ndim > 1:
        row_var.lerp_(square.mean([-1], keepdim=True), weight)
        col_var.lerp_(square.mean([-2], keepdim=True), weight)
        estimate = row_var @ col_var / _core.ops.clamp(row_var.mean([-2], keepdim=True), min=least)
    else:
        variance.lerp_(square, weight)
        estimate = variance
    change = grad * _core.ops.clamp(estimate, min=least * least).rsqrt()
    too_large = _core.ops.maximum(change.norm() / (size**0.5 * group["d"]), 1.0)
    parameter -= change * (scale / too_large)
