"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.errors import InvalidValueError
from nncore.optim.checks import number, numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["SGD"]


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if wanted.

    Without momentum: p = p - lr·g. With it: v = momentum·v + (1 - dampening)·g, p = p - lr·v, or with Nesterov's
    p = p - lr·(g + momentum·v); a parameter's first v is g. Here g is the gradient plus weight_decay·p.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate.
        momentum: Momentum.
        dampening: Share of the gradient that the momentum leaves out.
        weight_decay: λ of a penalty ½·λ·‖p‖², whose gradient λ·p is added to the gradient.
        nesterov: Whether the momentum is Nesterov's; it needs momentum and no dampening.
        maximize: Whether to go up the gradient.

    Source: Sutskever and others 2013, in PyTorch's form.
    """

    slots = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        momentum = group["momentum"]
        self.run(
            sgd_step,
            group,
            self.slots if momentum else (None,),
            momentum,
            group["dampening"],
            group["weight_decay"],
            group["nesterov"],
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "momentum", "weight_decay")
        number("dampening", settings["dampening"], 0.0, 1.0 + 1e-12)
        if settings["nesterov"] and (not settings["momentum"] or settings["dampening"]):
            raise InvalidValueError("nesterov needs momentum above 0 and dampening 0")


sgd_step = internal("sgd_step")
