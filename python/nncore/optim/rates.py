"""Groups of parameters with rates of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nncore import _patterns
from nncore.errors import InvalidValueError
from nncore.module import Module
from nncore.optim.checks import number

__all__ = ["groups"]


def groups(
    model: Module,
    factors: Mapping[str, float] | None = None,
    *,
    lr: float,
    rest: float = 1.0,
    decay: float | None = None,
) -> list[dict[str, Any]]:
    """Groups of a model's parameters with rates of their own, for any optimizer: `optim.Adam(optim.groups(...))`.

    The rate of a group is `lr * factor`. Frozen parameters are in their groups too, so that they can be trained later.

    Args:
        model: The model.
        factors: What the rate is multiplied by, by paths of modules or names of parameters; `*` stands for any text. Of
            several that match the first counts.
        lr: The rate.
        rest: The factor of what no pattern matches.
        decay: Instead of `factors`: the model's parts, in the order in which they were registered, have the factors
            ..., decay², decay, 1.

    Returns:
        Dicts with `"params"` and `"lr"`, the largest rate first.

    Raises:
        InvalidValueError: A pattern matches nothing, or nothing but what those before it do; or a number is negative.

    Source: Howard and Ruder 2018 (arXiv 1801.06146), section 3.2: decay 1/2.6.

    Example:
        >>> import nncore as nc
        >>> from nncore import optim
        >>> model = nc.create("lenet5")
        >>> optimizer = optim.SGD(optim.groups(model, {"classifier.5": 1.0, "classifier": 0.5}, lr=0.1, rest=0.1), lr=0.1)
        >>> [(len(group.params), round(group["lr"], 3)) for group in optimizer.param_groups]
        [(2, 0.1), (4, 0.05), (4, 0.01)]
    """
    if not isinstance(model, Module):
        raise InvalidValueError(f"groups: model is a Module, got {type(model).__name__}")
    lr, rest = _factor("lr", lr), _factor("rest", rest)
    if (factors is None) is (decay is None):
        raise InvalidValueError("groups: give either factors, such as {'layer4': 0.1}, or decay")
    if decay is not None:
        decay = _factor("decay", decay)
        parts = [name for name, child in model.named_children() if any(True for _ in child.parameters())]
        factors = {name: decay**depth for depth, name in enumerate(reversed(parts))}
        if parts:
            # What the model computes with directly stands at its beginning.
            rest = decay ** (len(parts) - 1)
    elif not isinstance(factors, Mapping):
        raise InvalidValueError(f"groups: factors is a dict such as {{'layer4': 0.1}}, got {factors!r}")
    free = {id(parameter): parameter for parameter in model.parameters()}
    found: list[dict[str, Any]] = []
    for pattern, factor in (factors or {}).items():
        factor = _factor(f"factors[{pattern!r}]", factor)
        _, parameters = _patterns.matched(model, pattern, "groups, factors")
        own = [free.pop(id(parameter)) for parameter in parameters if id(parameter) in free]
        if not own and decay is None:
            why = "what patterns before it do" if parameters else "modules without parameters"
            raise InvalidValueError(f"groups: factors[{pattern!r}] matches nothing but {why}")
        if own:
            found.append({"params": own, "lr": lr * factor})
    if free:
        found.append({"params": list(free.values()), "lr": lr * rest})
    return sorted(found, key=lambda group: -group["lr"])


def _factor(name: str, value: Any) -> float:
    return number(f"groups: {name}", value)
