"""RAdam."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.optim.checks import betas as check_betas
from nncore.optim.checks import numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["RAdam"]


class RAdam(Optimizer):
    """RAdam: Adam that steps by momentum alone until the mean of squares is long enough to trust.

    m and v are Adam's. With t steps made, ρ∞ = 2 / (1 - β₂) - 1 and ρₜ = ρ∞ - 2·t·β₂ᵗ / (1 - β₂ᵗ). Up to ρₜ = 5
    p = p - lr·m / (1 - β₁ᵗ); above it that step is multiplied by r·sqrt(1 - β₂ᵗ) / (sqrt(v) + eps), where
    r = sqrt((ρₜ - 4)·(ρₜ - 2)·ρ∞ / ((ρ∞ - 4)·(ρ∞ - 2)·ρₜ)). Here g is the gradient plus weight_decay·p.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate.
        betas: β₁ and β₂.
        eps: Added to the root.
        weight_decay: λ of a penalty ½·λ·‖p‖², whose gradient λ·p is added to the gradient.
        decoupled_weight_decay: Whether each step takes lr·weight_decay·p from the parameters instead, as in `AdamW`.
        maximize: Whether to go up the gradient.

    Source: Liu and others 2020, with the bound of PyTorch's form.
    """

    slots = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        beta1, beta2 = group["betas"]
        self.run(
            _radam_step,
            group,
            self.slots,
            beta1,
            beta2,
            group["eps"],
            group["weight_decay"],
            group["decoupled_weight_decay"],
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "eps", "weight_decay")
        check_betas(settings)


_radam_step = internal("radam_step")
