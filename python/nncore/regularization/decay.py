"""Weight decay for some parameters and not for others."""

from __future__ import annotations

import math
from typing import Any

from nncore.errors import InvalidValueError
from nncore.module import Module
from nncore.regularization.choice import Where, check_choice, chosen

__all__ = ["decay_groups"]


def decay_groups(
    model: Module,
    weight_decay: float,
    *,
    biases: bool = False,
    norms: bool = False,
    where: Where | None = None,
) -> list[dict[str, Any]]:
    """A model's parameters in two groups for an optimizer: those that decay, and those that do not.

    Here biases and normalizations are left out unless asked for, since that is what one makes groups for.

    Args:
        model: A Module.
        weight_decay: Of the first group, 0 or more. It is decoupled from the gradient in `AdamW` and `SGDW`, and λ of
            ½·λ·‖w‖² in the other optimizers.
        biases: Whether parameters that are called `bias` (or `bias_...`) decay.
        norms: Whether parameters of normalizations decay.
        where: `(name, parameter) -> bool`, to leave out others.

    Returns:
        Groups as optimizers take them; a group without parameters is left out.

    Raises:
        InvalidValueError: An argument out of its range, or no parameter is trained.

    Source: Loshchilov and Hutter 2019 (arXiv 1711.05101).

    Example:
        >>> import nncore as nc
        >>> model = nc.create("lenet5", seed=0)
        >>> optimizer = nc.optim.AdamW(nc.regularization.decay_groups(model, 0.05), lr=1e-3)
        >>> [(group["weight_decay"], len(group["params"])) for group in optimizer.param_groups]
        [(0.05, 5), (0.0, 5)]
    """
    check_choice("decay_groups", biases, norms, where)
    if not isinstance(model, Module):
        raise InvalidValueError(f"decay_groups: model is a Module, got {type(model).__name__}")
    if isinstance(weight_decay, bool) or not isinstance(weight_decay, (int, float)) or not 0 <= weight_decay < math.inf:
        raise InvalidValueError(f"decay_groups: weight_decay is a finite number of at least 0, got {weight_decay!r}")
    with_decay: list[Any] = []
    without: list[Any] = []
    for _, parameter, meant in chosen(model, biases, norms, where):
        (with_decay if meant else without).append(parameter)
    groups = [
        {"params": params, "weight_decay": decay}
        for params, decay in ((with_decay, float(weight_decay)), (without, 0.0))
        if params
    ]
    if not groups:
        raise InvalidValueError("decay_groups: the model has no parameter that is trained")
    return groups
