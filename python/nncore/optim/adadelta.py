"""Adadelta."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.optim.checks import number, numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """Adadelta: steps as long as those of late, so that no learning rate needs to be found.

    s = ρ·s + (1 - ρ)·g², d = sqrt(a + eps) / sqrt(s + eps)·g, a = ρ·a + (1 - ρ)·d², both from zero, and
    p = p - lr·d. Here g is the gradient plus weight_decay·p.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Factor of each step.
        rho: ρ.
        eps: Added below both roots.
        weight_decay: λ of a penalty ½·λ·‖p‖², whose gradient λ·p is added to the gradient.
        maximize: Whether to go up the gradient.

    Source: Zeiler 2012 (arXiv 1212.5701).
    """

    slots = ("square_avg", "acc_delta")

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        self.run(
            _adadelta_step,
            group,
            self.slots,
            group["rho"],
            group["eps"],
            group["weight_decay"],
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "eps", "weight_decay")
        number("rho", settings["rho"], 0.0, 1.0 + 1e-12)


_adadelta_step = internal("adadelta_step")
