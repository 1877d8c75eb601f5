"""Adamax."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.optim.checks import betas as check_betas
from nncore.optim.checks import numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """Adamax: Adam with the largest gradient of late in the place of the root.

    m = β₁·m + (1 - β₁)·g and u = max(β₂·u, |g| + eps), both from zero, and with t steps made
    p = p - lr / (1 - β₁ᵗ)·m / u. Here g is the gradient plus weight_decay·p.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate.
        betas: β₁ and β₂.
        eps: Added to the size of the gradient.
        weight_decay: λ of a penalty ½·λ·‖p‖², whose gradient λ·p is added to the gradient.
        maximize: Whether to go up the gradient.

    Source: Kingma and Ba 2015, section 7.1.
    """

    slots = ("exp_avg", "exp_inf")

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        beta1, beta2 = group["betas"]
        self.run(
            _adamax_step,
            group,
            self.slots,
            beta1,
            beta2,
            group["eps"],
            group["weight_decay"],
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "eps", "weight_decay")
        check_betas(settings)


_adamax_step = internal("adamax_step")
