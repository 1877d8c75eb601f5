"""Checks of data sets."""

from __future__ import annotations

from typing import Any

import numpy as np

from nncore.plugins import examples_of
from nncore.testing.case import Case
from nncore.testing.report import Fault, NotApplicable

__all__ = ["check_loaded", "check_loaded_again"]


def parts(case: Case) -> tuple[Any, ...]:
    """What it loads. Only where an example says that it can be loaded here: others may need the network."""
    if not examples_of(case.component):
        raise NotApplicable("it has no example, so it is not loaded: it may be large, or far away")
    made = case.make()
    found = made if isinstance(made, tuple) else (made,)
    missing = ("x", "y", "role", "gather")
    for part in found:
        lacking = [name for name in missing if not hasattr(part, name)]
        if lacking:
            raise Fault(
                f"it returned a {type(part).__name__} without {', '.join(lacking)}",
                "Return an ArrayDataset, or a tuple of them.",
            )
    return found


def check_loaded(case: Case) -> str:
    """It returns a data set, or a tuple of two or three: samples alike, and of finite numbers."""
    found = parts(case)
    if len(found) > 3:
        raise Fault(
            f"it returned {len(found)} parts", "Return (train, test), (train, validation, test), or one data set."
        )
    shapes = {part.x.shape[1:] for part in found}
    if len(shapes) > 1:
        raise Fault(f"the parts' samples have shapes {sorted(shapes)}; expected one shape")
    for part in found:
        if not np.isfinite(part.x[:100]).all():
            raise Fault("samples have values that are not finite")
    sizes = " + ".join(str(len(part)) for part in found)
    return f"{sizes} samples of shape {shapes.pop()}"


def check_loaded_again(case: Case) -> None:
    """It is the same each time."""
    for first, second in zip(parts(case), parts(case), strict=True):
        if not (np.array_equal(first.x, second.x) and np.array_equal(first.y, second.y)):
            raise Fault("loaded twice, it differs", "Divide and shuffle by a seed that is an option.")
