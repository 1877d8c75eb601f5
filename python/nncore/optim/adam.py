"""Adam and AdamW."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.optim.checks import betas as check_betas
from nncore.optim.checks import numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Adam: steps scaled by running means of the gradient and of its square.

    m = β₁·m + (1 - β₁)·g and v = β₂·v + (1 - β₂)·g², both from zero, and with t steps made
    p = p - lr·(m / (1 - β₁ᵗ)) / (sqrt(v / (1 - β₂ᵗ)) + eps). Here g is the gradient plus weight_decay·p.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate.
        betas: β₁ and β₂.
        eps: Added to the root.
        weight_decay: λ of a penalty ½·λ·‖p‖², whose gradient λ·p is added to the gradient; `AdamW` decays the
            parameters themselves instead.
        amsgrad: Whether the largest v so far stands in the root.
        maximize: Whether to go up the gradient.
        decoupled_weight_decay: Whether each step takes lr·weight_decay·p from the parameters, as in `AdamW`.

    Source: Kingma and Ba 2015; Reddi and others 2018 for amsgrad.
    """

    slots = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        beta1, beta2 = group["betas"]
        amsgrad = group["amsgrad"]
        self.run(
            _adam_step,
            group,
            self.slots if amsgrad else ("exp_avg", "exp_avg_sq", None),
            beta1,
            beta2,
            group["eps"],
            group["weight_decay"],
            amsgrad,
            group["decoupled_weight_decay"],
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "eps", "weight_decay")
        check_betas(settings)


class AdamW(Adam):
    """Adam with decoupled weight decay: each step also takes lr·weight_decay·p from the parameters.

    Args: as `Adam`; the default weight_decay is 0.01.

    Source: Loshchilov and Hutter 2019.
    """

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)


_adam_step = internal("adam_step")
