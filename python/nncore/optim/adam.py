"""Adam and AdamW."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from nncore._internal import internal
from nncore.errors import InvalidValueError
from nncore.optim.group import ParamGroup, number
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

    Source: Kingma and Ba 2015.
    """

    slots = ("exp_avg", "exp_avg_sq")
    decoupled: ClassVar[bool] = False

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        pair = tuple(betas) if isinstance(betas, list) else betas
        super().__init__(params, {"lr": lr, "betas": pair, "eps": eps, "weight_decay": weight_decay})

    def update(self, group: ParamGroup) -> None:
        params, grads, which = group.gradients()
        if not params:
            return
        beta1, beta2 = group["betas"]
        _adam_step(
            params,
            grads,
            group.slot("exp_avg", which),
            group.slot("exp_avg_sq", which),
            group.counts(which),
            group.rate,
            beta1,
            beta2,
            group["eps"],
            group["weight_decay"],
            self.decoupled,
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        for name in ("lr", "eps", "weight_decay"):
            number(name, settings[name], 0.0)
        betas = settings["betas"]
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise InvalidValueError(f"betas are two numbers, got {betas!r}")
        for beta in betas:
            number("a beta", beta, 0.0, 1.0)


class AdamW(Adam):
    """Adam with decoupled weight decay: each step also takes lr·weight_decay·p from the parameters.

    Args: as `Adam`; the default weight_decay is 0.01.

    Source: Loshchilov and Hutter 2019.
    """

    decoupled = True

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)


_adam_step = internal("adam_step")
