"""Adagrad."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.optim.checks import numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Adagrad: steps scaled by the sum of all squared gradients.

    s = s + g², and with t steps made p = p - lr / (1 + (t - 1)·lr_decay)·g / (sqrt(s) + eps). Here g is the gradient plus
    weight_decay·p.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate.
        lr_decay: How fast the learning rate falls.
        weight_decay: λ of a penalty ½·λ·‖p‖², whose gradient λ·p is added to the gradient.
        initial_accumulator_value: What s is at first.
        eps: Added to the root.
        maximize: Whether to go up the gradient.

    Source: Duchi and others 2011.
    """

    slots = ("sum",)

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        self.run(
            _adagrad_step,
            group,
            self.slots,
            group["lr_decay"],
            group["weight_decay"],
            group["eps"],
            group["maximize"],
        )

    def initial(self, group: ParamGroup, name: str) -> float:
        return float(group["initial_accumulator_value"])

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")


_adagrad_step = internal("adagrad_step")
