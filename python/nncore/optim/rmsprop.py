"""RMSprop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.optim.checks import numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """RMSprop: steps scaled by a running mean of the squared gradient.

    s = α·s + (1 - α)·g² from zero, d = g / (sqrt(s) + eps), and p = p - lr·d. With momentum b = momentum·b + d and
    p = p - lr·b. Here g is the gradient plus weight_decay·p.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: Learning rate.
        alpha: α.
        eps: Added to the root.
        weight_decay: λ of a penalty ½·λ·‖p‖², whose gradient λ·p is added to the gradient.
        momentum: Momentum.
        centered: Whether the square of a running mean of the gradient is taken from s below the root.
        maximize: Whether to go up the gradient.

    Source: Hinton's lecture 6e of 2012; Graves 2013 (arXiv 1308.0850) for centered.
    """

    slots = ("square_avg", "grad_avg", "momentum_buffer")

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        self.run(
            _rmsprop_step,
            group,
            ("square_avg", "grad_avg" if group["centered"] else None, "momentum_buffer" if group["momentum"] else None),
            group["alpha"],
            group["eps"],
            group["weight_decay"],
            group["momentum"],
            group["centered"],
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr", "alpha", "eps", "weight_decay", "momentum")


_rmsprop_step = internal("rmsprop_step")
