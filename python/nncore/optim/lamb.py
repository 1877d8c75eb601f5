"""LAMB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.optim.checks import betas as check_betas
from nncore.optim.checks import numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["LAMB"]


class LAMB(Optimizer):
    """LAMB: Adam's step, made as long as each parameter itself, for large batches.

    m and v are Adam's. With t steps made, r = (m / (1 - β₁ᵗ)) / (sqrt(v / (1 - β₂ᵗ)) + eps) + weight_decay·p and
    p = p - lr·‖p‖ / ‖r‖·r, or p = p - lr·r where one of the norms is 0.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate.
        betas: β₁ and β₂.
        eps: Added to the root.
        weight_decay: Share of the parameters in the step's direction.
        maximize: Whether to go up the gradient.

    Source: You and others 2020 (arXiv 1904.00962), algorithm 2, where the norm is not clipped.
    """

    slots = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
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
            _lamb_step,
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


_lamb_step = internal("lamb_step")
