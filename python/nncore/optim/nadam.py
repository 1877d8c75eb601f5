"""NAdam."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from nncore._internal import internal
from nncore.optim.checks import betas as check_betas
from nncore.optim.checks import numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["NAdam"]


class NAdam(Optimizer):
    """NAdam: Adam with Nesterov's momentum.

    m and v are Adam's. With t steps made, μₜ = β₁·(1 - ½·0.96^(t·momentum_decay)) and M = μ₁·…·μₜ:
    p = p - lr·((1 - μₜ) / (1 - M)·g + μₜ₊₁ / (1 - M·μₜ₊₁)·m) / (sqrt(v / (1 - β₂ᵗ)) + eps).
    Here g is the gradient plus weight_decay·p.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate.
        betas: β₁ and β₂.
        eps: Added to the root.
        weight_decay: λ of a penalty ½·λ·‖p‖², whose gradient λ·p is added to the gradient.
        momentum_decay: How fast the momentum grows to β₁.
        decoupled_weight_decay: Whether each step takes lr·weight_decay·p from the parameters instead, as in `AdamW`.
        maximize: Whether to go up the gradient.

    Source: Dozat 2016, in PyTorch's form.
    """

    slots = ("exp_avg", "exp_avg_sq")
    counts: ClassVar = {"step": 0.0, "mu_product": 1.0}

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        beta1, beta2 = group["betas"]
        self.run(
            _nadam_step,
            group,
            self.slots,
            beta1,
            beta2,
            group["eps"],
            group["weight_decay"],
            group["momentum_decay"],
            group["decoupled_weight_decay"],
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "eps", "weight_decay", "momentum_decay")
        check_betas(settings)


_nadam_step = internal("nadam_step")
