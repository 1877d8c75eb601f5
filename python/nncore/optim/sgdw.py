"""Stochastic gradient descent with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nncore.optim.group import ParamGroup
from nncore.optim.sgd import SGD, sgd_step

__all__ = ["SGDW"]


class SGDW(SGD):
    """SGD with decoupled weight decay: each step takes lr·weight_decay·p from the parameters, past the momentum.

    p = p - lr·weight_decay·p, then `SGD`'s step by the gradient alone. Without momentum this is `SGD`'s weight decay.

    Args: as `SGD`; the default weight_decay is 0.01.

    Source: Loshchilov and Hutter 2019 (arXiv 1711.05101), algorithm 1, with lr in place of its two factors.
    """

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.01,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, momentum, dampening, weight_decay, nesterov, maximize=maximize)

    def update(self, group: ParamGroup) -> None:
        if group["weight_decay"]:
            params, _, _ = group.gradients()
            # The rate is a tensor, so that a captured step sees a new one.
            kept = 1.0 - group.rate * group["weight_decay"]
            for parameter in params:
                parameter.mul_(kept)
        momentum = group["momentum"]
        slots = self.slots if momentum else (None,)
        self.run(sgd_step, group, slots, momentum, group["dampening"], 0.0, group["nesterov"], group["maximize"])
