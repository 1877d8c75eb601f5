"""Checks of metrics."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from nncore import _core
from nncore._capture import capture
from nncore._core import Tensor
from nncore.testing.captured import replays
from nncore.testing.case import Case, Drawn
from nncore.testing.keeping import LEAK, grown, pickled
from nncore.testing.report import Fault, NotApplicable

__all__ = ["check_batches", "check_captured_update", "check_copied", "check_growth", "check_reset", "check_value"]


def fed(case: Case, *batches: Drawn) -> Any:
    """A fresh metric after these batches."""
    metric = case.make()
    for batch in batches:
        metric.update(*batch.args, **batch.kwargs)
    return metric


def value(metric: Any) -> Any:
    """What it comes to, as an array."""
    result = metric.compute()
    if isinstance(result, Tensor):
        result = result.detach().numpy()
    try:
        return np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError):
        raise Fault(f"compute() returns {result!r}; expected a number or an array") from None


def hold(got: Any, want: Any, what: str, hint: str = "", rtol: float = 0.0) -> None:
    if got.shape != want.shape or not np.allclose(got, want, rtol=rtol, atol=rtol, equal_nan=True):
        raise Fault(f"{what}: {got} against {want}", hint)


def check_value(case: Case) -> str:
    """It gives a finite number, or an array; without batches NaN; and `better` is `"max"` or `"min"`."""
    batch = case.inputs()
    before = [tensor.numpy().copy() for tensor in batch.tensors()]
    result = value(fed(case, batch))
    for old, tensor in zip(before, batch.tensors(), strict=True):
        if not np.array_equal(old, tensor.numpy(), equal_nan=True):
            raise Fault("update() changes what it is given", "Compute new tensors.")
    if not np.isfinite(result).all():
        raise Fault(f"compute() returns {result}; expected finite numbers")
    better = getattr(case.component, "better", None)
    if better not in (None, "max", "min"):
        raise Fault(f"better is {better!r}; expected 'max' or 'min', or no such attribute")
    empty = value(case.make())
    if empty.shape == () and not math.isnan(float(empty)):
        raise Fault(
            f"without batches compute() returns {empty}; expected NaN", "Return float('nan') where none was seen."
        )
    return f"{result}" if result.shape == () else f"an array {result.shape}"


def check_batches(case: Case) -> str:
    """Two batches give what they give as one: a mean over samples is not the mean of the batches' means."""
    whole = case.inputs()
    sizes = {tensor.shape[0] for tensor in whole.tensors() if tensor.ndim}
    if len(sizes) != 1 or whole.kwargs:
        raise NotApplicable("its inputs have no common first dimension")
    (size,) = sizes
    cut = max(1, size // 3)

    def part(low: int, high: int) -> Drawn:
        return Drawn(tuple(a[low:high] if isinstance(a, Tensor) and a.ndim else a for a in whole.args), {})

    split = value(fed(case, part(0, cut), part(cut, size)))
    hint = 'Gather sums and counts, and divide in compute(). If it must be so: skip={"batches": "why"}.'
    hold(split, value(fed(case, whole)), f"batches of {cut} and {size - cut} differ from one of {size}", hint, 1e-5)
    return f"{cut} and {size - cut} samples as {size}"


def check_reset(case: Case) -> None:
    """After reset() it is as at first."""
    one, two = case.inputs(seed=0), case.inputs(seed=1)
    metric = fed(case, one)
    metric.reset()
    metric.update(*two.args, **two.kwargs)
    hold(value(metric), value(fed(case, two)), "after reset() it remembers what was before", "Zero all state in place.")
    hold(value(fed(case, one)), value(fed(case, one)), "the same batches give other values", "Draw nothing at random.")


def check_copied(case: Case) -> None:
    """Copies, deep and pickled, go on as it does, and by themselves."""
    one, two = case.inputs(seed=0), case.inputs(seed=1)
    for how, make in (("a deep copy", copy.deepcopy), ("a pickled copy", pickled)):
        metric = fed(case, one)
        before = value(metric)
        try:
            twin = make(metric)
        except Exception as error:
            raise Fault(f"{how} fails: {error}", "Hold tensors and plain data in attributes.") from error
        twin.update(*two.args, **two.kwargs)
        hold(value(twin), value(fed(case, one, two)), f"{how} goes on elsewhere")
        hold(value(metric), before, f"{how} shares its state with the original")


def check_captured_update(case: Case) -> None:
    """It can be a part of a captured step: nothing is read in update()."""
    plain, recorded = case.make(), case.make()
    rest = [(at, a) for at, a in enumerate(case.inputs().args) if not isinstance(a, Tensor)]
    if rest or case.inputs().kwargs:
        raise NotApplicable("it takes more than tensors")

    def update(*given: Tensor) -> Tensor:
        recorded.update(*given)
        return _core.zeros(())

    step = capture(update)
    with replays(step):
        for call in range(4):
            batch = case.inputs(seed=call)
            plain.update(*batch.args)
            step(*batch.args)
    hold(value(recorded), value(plain), "captured updates come to something else", "Change state in place.", 1e-6)


def check_growth(case: Case) -> None:
    """Updates leave nothing behind."""
    metric, batch = case.make(), case.inputs()
    blocks = grown(lambda: metric.update(*batch.args, **batch.kwargs))
    if blocks > LEAK:
        raise Fault(f"each update leaves {blocks:.1f} objects behind", "Gather sums, not batches.")
