"""Bounds of weights, which hold after each step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nncore import _core
from nncore.errors import InvalidValueError
from nncore.module import Module
from nncore.plugins import example, make
from nncore.regularization.choice import Watched, Where, check_choice, chosen

__all__ = ["MaxNorm", "make_constraint"]


@example(config={"max_norm": 0.5})
class MaxNorm(Watched):
    """Keeps the weights into each unit within a ball: a vector w that is longer than c becomes w·c/‖w‖₂.

    The vectors are the rows of a weight: of `(out, in, ...)` all that leads to one output. Biases, norms and other
    parameters of one dimension are left alone.

    Called with a model it does so once, in place, without gradients: in a loop of your own after `optimizer.step()`.
    `Trainer(constraint=...)` makes it part of the step. It also is a callback, which runs after each batch; before a
    `Checkpoint` in the list, since a training is restored with the weights that were saved.

    Args:
        max_norm: c, more than 0; 3 or 4 is usual.
        where: `(name, parameter) -> bool`, to leave out some weights.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Srebro and Shraibman 2005; Srivastava and others 2014, Dropout, section 5.1.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> model = nn.Linear(2, 1, init={"name": "constant", "value": 3.0})
        >>> nc.regularization.MaxNorm(2**0.5)(model)
        >>> [round(w, 4) for w in model.weight[0].tolist()]
        [1.0, 1.0]
    """

    def __init__(self, max_norm: float, *, where: Where | None = None) -> None:
        if isinstance(max_norm, bool) or not isinstance(max_norm, (int, float)) or not 0 < max_norm < math.inf:
            raise InvalidValueError(f"MaxNorm: max_norm is a finite number above 0, got {max_norm!r}")
        check_choice("MaxNorm", False, False, where)
        self.max_norm, self.where = float(max_norm), where

    def __call__(self, model: Module) -> None:
        """Bring the weights of a model within the bound."""
        if not isinstance(model, Module):
            raise InvalidValueError(f"MaxNorm is called with a Module, got {type(model).__name__}")
        self.note()
        with _core.no_grad():
            for _, parameter, meant in chosen(model, False, False, self.where):
                if meant and parameter.ndim > 1 and parameter.numel():
                    rest = tuple(range(1, parameter.ndim))
                    norm = _core.ops.vector_norm(parameter, 2.0, rest, True)
                    # Rows within the bound are multiplied by 1, so they keep their bits.
                    factor = _core.ops.where(norm > self.max_norm, self.max_norm / norm, 1.0)
                    parameter.detach().mul_(factor)

    def on_step_end(self, trainer: Any, step: int, loss: float) -> None:
        """After a batch, as a callback."""
        self(trainer.model)

    def __repr__(self) -> str:
        return f"MaxNorm({self.max_norm})"


def make_constraint(value: Any) -> Any:
    """The constraint that is meant: `{"name": "max_norm", "max_norm": 3.0}`, or a function of a model.

    Args:
        value: A registered name or a dict with it and the constructor's arguments; or the constraint itself.

    Raises:
        InvalidValueError: It is neither, or the arguments are not the constructor's.
        UnknownComponentError: No constraint has the name.

    Example:
        >>> make_constraint({"name": "max_norm", "max_norm": 3.0})
        MaxNorm(3.0)
    """
    if isinstance(value, (str, Mapping)):
        return make("constraint", value)
    if not callable(value) or isinstance(value, type):
        raise InvalidValueError(f"constraint is a function of a model, such as MaxNorm(3.0); got {value!r}")
    return value
