"""The check of gradients: against differences, in float64, off the kinks."""

from __future__ import annotations

from typing import Any

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore.errors import GradientError
from nncore.module import Module
from nncore.testing.calls import float_outputs
from nncore.testing.case import Case, Drawn
from nncore.testing.gradcheck import GradcheckResult, Limits, compare, compare_along
from nncore.testing.report import Fault, NotApplicable

__all__ = ["check_gradient"]

MOST = 5
"""Elements of each input and parameter that are compared."""
DRAWS = 4
"""How often inputs are drawn, until no element lies at a kink."""
LARGE = 3_000
"""Parameters beyond which derivatives are compared along directions through all of them."""


def check_gradient(case: Case) -> str:
    """Gradients by inputs and parameters agree with differences, in evaluation and in training."""
    said = []
    for training in (False, True):
        thing = case.make("float64")
        if training and not isinstance(thing, Module):
            break
        if isinstance(thing, Module):
            thing.train(training)
        result = GradcheckResult()
        for draw in range(DRAWS):
            result = _checked(case, training, draw)
            if not result.skipped:
                break
        total = result.checked + result.skipped
        if result.skipped > 0.2 * total:
            raise Fault(
                f"{result.skipped} of {total} derivatives lie at kinks in each of {DRAWS} draws "
                f"({', '.join(result.where[:3])})",
                "Draw the example's inputs where it is smooth.",
            )
        said.append(f"{result.checked} derivatives" + (f", {result.skipped} at kinks" if result.skipped else ""))
    return said[0] if len(set(said)) == 1 else f"{said[0]}; in training {said[-1]}"


def _checked(case: Case, training: bool, draw: int) -> GradcheckResult:
    thing, drawn = case.make("float64"), case.inputs("float64", seed=draw)
    leaves = list(drawn.leaves)
    parameters: list[tuple[str, Tensor]] = []
    buffers: list[tuple[Tensor, Any]] = []
    if isinstance(thing, Module):
        thing.train(training)
        parameters = [(name, p) for name, p in thing.named_parameters() if p.requires_grad]
        rng = np.random.default_rng(draw)
        for _, parameter in parameters:
            # Weights that begin at 0 or 1 would hide what they are multiplied with.
            start = parameter.detach().numpy()
            noise = 0.1 * rng.standard_normal(start.shape)
            parameter.detach().copy_(_core.tensor(start + noise))
        buffers = [(buffer, buffer.numpy().copy()) for buffer in thing.buffers()]
    for _, leaf in leaves:
        leaf.requires_grad_()
    leaves += parameters
    if not leaves:
        raise NotApplicable("it has no floating-point inputs and no parameters")
    value = _Value(case, thing, drawn, buffers)
    result = GradcheckResult()
    large = case.kind == "architecture" or sum(p.numel() for _, p in parameters) > LARGE
    try:
        if large:
            compare_along(value, leaves, Limits(atol=1e-5, rtol=1e-4), result)
        else:
            compare(value, leaves, Limits(), result, MOST)
    except GradientError as error:
        hint = "Mend the backward function."
        if "differences say" not in str(error):
            hint = ""
        raise Fault(f"{error}{' (in training)' if training else ''}", hint) from error
    return result


class _Value:
    """All floating-point outputs, added up with fixed weights."""

    def __init__(self, case: Case, thing: Any, drawn: Drawn, buffers: list[tuple[Tensor, Any]]) -> None:
        self._case, self._thing, self._drawn, self._buffers = case, thing, drawn, buffers
        self._weights: list[Tensor] = []

    def __call__(self) -> Tensor:
        for buffer, start in self._buffers:  # statistics that follow the calls
            buffer.copy_(_core.tensor(start))
        outputs = float_outputs(self._case.call(self._thing, self._drawn))
        if not outputs:
            raise NotApplicable("it returns no floats")
        if not self._weights:
            rng = np.random.default_rng(0)
            self._weights = [_core.tensor(np.asarray(rng.uniform(0.5, 1.5, tuple(t.shape)))) for _, t in outputs]
        total: Any = None
        for (path, output), weights in zip(outputs, self._weights, strict=True):
            if output.dtype.name != "float64":
                raise Fault(f"{path} is {output.dtype.name} where everything is float64", "Keep the input's dtype.")
            part = (output * weights).sum()
            total = part if total is None else total + part
        return total  # type: ignore[no-any-return]
