"""Rprop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nncore._internal import internal
from nncore.errors import InvalidValueError
from nncore.optim.checks import ascending, numbers
from nncore.optim.group import ParamGroup
from nncore.optim.optimizer import Optimizer

__all__ = ["Rprop"]


class Rprop(Optimizer):
    """Resilient propagation: each element has a step size, and only the gradient's sign counts. For whole data sets.

    Where the gradient keeps its sign the step size is multiplied by η⁺, where it turns by η⁻, and there it then counts as
    0. p = p - sign(g)·size.

    Args:
        params: Parameters, pairs of name and parameter, or groups; None for an optimizer that is bound later.
        lr: What all step sizes are at first.
        etas: η⁻ and η⁺.
        step_sizes: The least and the largest step size.
        maximize: Whether to go up the gradient.

    Source: Riedmiller and Braun 1993, in the form without going back (iRprop-) that PyTorch has.
    """

    slots = ("prev", "step_size")

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def update(self, group: ParamGroup) -> None:
        etaminus, etaplus = group["etas"]
        least, most = group["step_sizes"]
        self.run(
            _rprop_step,
            group,
            self.slots,
            etaminus,
            etaplus,
            least,
            most,
            group["maximize"],
        )

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers(settings, "lr")
        minus, plus = ascending("etas", settings["etas"])
        if not 0 < minus < 1 < plus:
            raise InvalidValueError(f"etas are a number between 0 and 1 and one above 1, got {settings['etas']!r}")
        ascending("step_sizes", settings["step_sizes"])


_rprop_step = internal("rprop_step")
