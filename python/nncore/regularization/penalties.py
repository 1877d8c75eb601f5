"""Penalties: what large weights add to the objective."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nncore import _core
from nncore._core import Tensor
from nncore.errors import InvalidValueError
from nncore.module import Module
from nncore.plugins import example, make
from nncore.regularization.choice import Watched, Where, check_choice, chosen

__all__ = ["L1", "L2", "ElasticNet", "Penalty", "make_penalty"]


class Penalty(Watched):
    """A number that a model's parameters add to the objective; the base of `L2`, `L1` and `ElasticNet`.

    Called with a model it gives a 0-d tensor with gradients: `loss = criterion(model(x), y) + penalty(model)`. Any function
    from a model to a 0-d tensor serves in its place.

    By default all parameters count that are trained, biases and the scales and shifts of normalizations too: that is what
    "the squared magnitude of all parameters" says, and what `weight_decay` of optimizers does. A bias needs no small value
    to generalize, and the scale of a normalization undoes what is taken from the weights before it; so many leave them out.

    Args:
        biases: Whether parameters that are called `bias` (or `bias_...`) count.
        norms: Whether all parameters of normalizations count.
        where: `(name, parameter) -> bool`, to leave out others.
    """

    def __init__(self, biases: bool = True, norms: bool = True, where: Where | None = None) -> None:
        check_choice(type(self).__name__, biases, norms, where)
        self.biases, self.norms, self.where = biases, norms, where

    def of(self, parameter: Tensor) -> Tensor:
        """What one parameter adds, a 0-d tensor."""
        raise NotImplementedError(f"{type(self).__name__} has no method of")

    def __call__(self, model: Module) -> Tensor:
        """The penalty of a model, a 0-d tensor; 0 where no parameter counts."""
        if not isinstance(model, Module):
            raise InvalidValueError(f"{type(self).__name__} is called with a Module, got {type(model).__name__}")
        self.note()
        total: Tensor | None = None
        for _, parameter, meant in chosen(model, self.biases, self.norms, self.where):
            if meant:
                part = self.of(parameter)
                total = part if total is None else total + part
        return _core.zeros(()) if total is None else total

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self.__dict__.items() if value not in (True, None))
        return f"{type(self).__name__}({', '.join(shown)})"


@example(config={"strength": 0.1})
@example(config={"strength": 0.1, "biases": False, "norms": False})
class L2(Penalty):
    """λ·Σw² over the parameters; its gradient is 2·λ·w.

    An optimizer's `weight_decay=λ` adds λ·w to the gradient, which is this penalty with λ/2. With `AdamW` and `SGDW`, whose
    decay is decoupled, it is no penalty at all.

    Args:
        strength: λ, 0 or more.
        biases: Whether parameters that are called `bias` (or `bias_...`) count. See `Penalty`.
        norms: Whether all parameters of normalizations count.
        where: `(name, parameter) -> bool`, to leave out others.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Hoerl and Kennard 1970; CS 231n, Neural networks part 2, which writes ½·λ·w².

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> model = nn.Linear(2, 1, init="ones")
        >>> nc.regularization.L2(0.5)(model).item()
        1.0
    """

    def __init__(self, strength: float, *, biases: bool = True, norms: bool = True, where: Where | None = None) -> None:
        super().__init__(biases, norms, where)
        self.strength = _strength("L2", "strength", strength)

    def of(self, parameter: Tensor) -> Tensor:
        return _core.ops.square(parameter).sum() * self.strength


@example(config={"strength": 0.1})
class L1(Penalty):
    """λ·Σ|w| over the parameters; its gradient is λ·sign(w), which is 0 at 0, and makes many of them (nearly) 0.

    Args:
        strength: λ, 0 or more.
        biases: Whether parameters that are called `bias` (or `bias_...`) count. See `Penalty`.
        norms: Whether all parameters of normalizations count.
        where: `(name, parameter) -> bool`, to leave out others.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Tibshirani 1996, Regression shrinkage and selection via the lasso.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> model = nn.Linear(2, 1, init={"name": "constant", "value": -3.0})
        >>> nc.regularization.L1(0.5)(model).item()
        3.0
    """

    def __init__(self, strength: float, *, biases: bool = True, norms: bool = True, where: Where | None = None) -> None:
        super().__init__(biases, norms, where)
        self.strength = _strength("L1", "strength", strength)

    def of(self, parameter: Tensor) -> Tensor:
        return _core.ops.abs(parameter).sum() * self.strength


@example(config={"l1": 0.1, "l2": 0.2})
class ElasticNet(Penalty):
    """l1·Σ|w| + l2·Σw² over the parameters: `L1` and `L2` together.

    Args:
        l1: Strength of the absolute values, 0 or more.
        l2: Strength of the squares, 0 or more.
        biases: Whether parameters that are called `bias` (or `bias_...`) count. See `Penalty`.
        norms: Whether all parameters of normalizations count.
        where: `(name, parameter) -> bool`, to leave out others.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Zou and Hastie 2005, Regularization and variable selection via the elastic net, equation 3.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> model = nn.Linear(2, 1, init={"name": "constant", "value": -3.0})
        >>> nc.regularization.ElasticNet(0.5, 1.0)(model).item()
        21.0
    """

    def __init__(
        self, l1: float, l2: float, *, biases: bool = True, norms: bool = True, where: Where | None = None
    ) -> None:
        super().__init__(biases, norms, where)
        self.l1, self.l2 = _strength("ElasticNet", "l1", l1), _strength("ElasticNet", "l2", l2)

    def of(self, parameter: Tensor) -> Tensor:
        return _core.ops.abs(parameter).sum() * self.l1 + _core.ops.square(parameter).sum() * self.l2


def make_penalty(value: Any) -> Any:
    """The penalty that is meant: `{"name": "l2", "strength": 1e-4}`, a `Penalty`, or a function of a model.

    Args:
        value: A registered name or a dict with it and the constructor's arguments; or the penalty itself.

    Raises:
        InvalidValueError: It is neither, or the arguments are not the constructor's.
        UnknownComponentError: No penalty has the name.

    Example:
        >>> make_penalty({"name": "l2", "strength": 0.01})
        L2(strength=0.01)
    """
    if isinstance(value, (str, Mapping)):
        return make("penalty", value)
    if not callable(value) or isinstance(value, type):
        raise InvalidValueError(
            f"a penalty is a dict such as {{'name': 'l2', 'strength': 1e-4}} or a function of a model, got {value!r}"
        )
    return value


def _strength(component: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise InvalidValueError(f"{component}: {name} is a finite number of at least 0, got {value!r}")
    return float(value)
