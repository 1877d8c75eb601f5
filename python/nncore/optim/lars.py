"""LARS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.optim.checks import numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["LARS"]


class LARS(Optimizer):
    """LARS: momentum whose rate follows the norms of each parameter and its gradient, for large batches.

    rate = lr·trust_coefficient·‖p‖ / (‖g‖ + weight_decay·‖p‖ + eps), or lr where one of the norms is 0;
    v = momentum·v + rate·(g + weight_decay·p), from zero, and p = p - v.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate.
        momentum: Momentum.
        weight_decay: λ of a penalty ½·λ·‖p‖², whose gradient λ·p is added to the gradient.
        trust_coefficient: How far a step may go, as a share of the parameter's norm.
        eps: Added to the norms below.
        maximize: Whether to go up the gradient.

    Source: You and others 2017 (arXiv 1708.03888), algorithm 1. Biases and norms' parameters are best left to another
    optimizer.
    """

    slots = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1.0,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        trust_coefficient: float = 0.001,
        eps: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "trust_coefficient": trust_coefficient,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        self.run(
            _lars_step,
            group,
            self.slots,
            group["momentum"],
            group["weight_decay"],
            group["trust_coefficient"],
            group["eps"],
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "momentum", "weight_decay", "trust_coefficient", "eps")


_lars_step = internal("lars_step")
