"""The check of losses: what `reduction` means."""

from __future__ import annotations

import numpy as np

from nncore.errors import NNCoreError
from nncore.testing.case import Case, arrays
from nncore.testing.report import Fault

__all__ = ["check_reduction"]

_HINT = "Compute one value for each that is compared, and end with `nncore.api.reduce(values, reduction)`."


def check_reduction(case: Case) -> str:
    """`"mean"` and `"sum"` are 0-d and are the mean and the sum of `"none"`; anything else is refused."""
    thing, drawn = case.make("float64"), case.inputs("float64")
    values = {}
    for reduction in ("mean", "sum", "none"):
        try:
            output = case.call(thing, drawn, reduction=reduction)
        except TypeError as error:
            raise Fault(f"it does not take reduction={reduction!r}: {error}", "Take a keyword `reduction`.") from error
        (values[reduction],) = arrays(output)
    each = values["none"]
    for reduction in ("mean", "sum"):
        if values[reduction].shape != ():
            raise Fault(f"reduction={reduction!r} gives shape {values[reduction].shape}; expected a 0-d tensor", _HINT)
    total, mean = float(values["sum"]), float(values["mean"])
    if not np.isclose(total, each.sum(), rtol=1e-9, atol=1e-12):
        raise Fault(f"reduction='sum' gives {total:.6g}, the sum of its values is {each.sum():.6g}", _HINT)
    if not np.isclose(mean, each.mean(), rtol=1e-9, atol=1e-12):
        factor = f", {mean / each.mean():.4g} times as much" if each.mean() else ""
        raise Fault(
            f"reduction='mean' gives {mean:.6g}{factor}; the mean of its {each.size} values is {each.mean():.6g}",
            'Divide by the number of values. If another mean is meant, say so: skip={"reduction": "weighted mean"}.',
        )
    if each.size < 2:
        raise Fault("the example has one value, whose sum is its mean", "Give it more samples.")
    try:
        case.call(thing, drawn, reduction="average")
    except (NNCoreError, ValueError):
        return f"{each.size} values, of shape {each.shape}"
    raise Fault("reduction='average' is accepted; expected an error", _HINT)
