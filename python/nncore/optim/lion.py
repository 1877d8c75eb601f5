"""Lion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.optim.checks import betas as check_betas
from nncore.optim.checks import numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["Lion"]


class Lion(Optimizer):
    """Lion: steps of one size, whose direction is the sign of a momentum.

    p = p - lr·(sign(β₁·m + (1 - β₁)·g) + weight_decay·p), then m = β₂·m + (1 - β₂)·g, from zero.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate; a tenth to a third of Adam's.
        betas: β₁ and β₂.
        weight_decay: Share of the parameters, times lr, that each step takes off; three to ten times AdamW's.
        maximize: Whether to go up the gradient.

    Source: Chen and others 2023 (arXiv 2302.06675), algorithm 2.
    """

    slots = ("exp_avg",)

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        beta1, beta2 = group["betas"]
        self.run(
            _lion_step,
            group,
            self.slots,
            beta1,
            beta2,
            group["weight_decay"],
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "weight_decay")
        check_betas(settings)


_lion_step = internal("lion_step")
