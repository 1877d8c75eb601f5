"""Checks of initializers."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from nncore import streams
from nncore.errors import NNCoreError
from nncore.parameter import Parameter, fans
from nncore.testing.case import SEED, Case
from nncore.testing.keeping import LEAK, grown
from nncore.testing.report import Fault

__all__ = ["check_array", "check_left_behind", "check_parameter", "check_stream"]

SHAPES = ((6, 4), (4, 3, 3, 3), (5,))


def shapes(case: Case) -> list[tuple[int, ...]]:
    """The example's shapes; or those of the usual ones that it takes."""
    if case.example.inputs is not None:
        return [tuple(shape) for shape in case.example.inputs if not isinstance(shape, str)]
    taken: list[tuple[int, ...]] = []
    refused = ""
    for shape in SHAPES:
        try:
            draw(case, shape)
        except NNCoreError as error:  # of matrices alone, say
            refused = str(error)
        else:
            taken.append(shape)
    if not taken:
        raise Fault(f"it takes none of the shapes {SHAPES}: {refused}", "Name shapes in an example's `inputs`.")
    return taken


def draw(case: Case, shape: tuple[int, ...], dtype: str = "float32", seed: int = SEED) -> Any:
    return case.make()(shape, *_fans(shape), streams.initial_stream(seed, "weight"), dtype)


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """What feeds what. Of a vector the fans are not defined; they are said, as a layer does for its bias."""
    return fans(shape) if len(shape) > 1 else (4, 6)


def check_array(case: Case) -> str:
    """It returns an array of exactly the shape and the dtype, of finite numbers."""
    found = shapes(case)
    for shape in found:
        for dtype in ("float32", "float64"):
            array = draw(case, shape, dtype)
            if not isinstance(array, np.ndarray):
                raise Fault(f"it returns a {type(array).__name__}; expected a NumPy array")
            if array.shape != shape:
                raise Fault(
                    f"for shape {shape} it returns {array.shape}", "Draw with `stream.uniform(low, high, shape)`."
                )
            if array.dtype != dtype:
                raise Fault(f"for dtype {dtype!r} it returns {array.dtype}", "End with `.astype(dtype)`.")
            if not np.isfinite(array).all():
                raise Fault(f"for shape {shape} it returns values that are not finite")
    return ", ".join(map(str, found))


def check_stream(case: Case) -> str:
    """All randomness comes from the stream."""
    hint = "Draw from `stream` alone; else a seed does not fix the weights."
    varies = False
    for shape in shapes(case):
        before = _globals()
        first = draw(case, shape)
        if _globals() != before:
            raise Fault("it draws from NumPy's or Python's global generator", hint)
        if not np.array_equal(first, draw(case, shape)):
            raise Fault(f"the same stream gives other values for shape {shape}", hint)
        varies |= not np.array_equal(first, draw(case, shape, seed=SEED + 1))
    return "random" if varies else "the same for every seed"


def _globals() -> Any:
    name, keys, *rest = np.random.get_state(legacy=True)
    return name, np.asarray(keys).tobytes(), rest, random.getstate()


def check_parameter(case: Case) -> None:
    """A parameter can be made with its name and config."""
    spec = {"name": case.name, **case.config()}
    for shape in shapes(case):
        try:
            fan_in, fan_out = _fans(shape)
            Parameter(shape, init=spec, fan_in=fan_in, fan_out=fan_out)
        except Exception as error:
            raise Fault(f"Parameter({shape}, init={spec}) fails: {error}", "Config comes by keyword.") from error


def check_left_behind(case: Case) -> None:
    """Calls leave nothing behind."""
    shape = shapes(case)[0]
    blocks = grown(lambda: draw(case, shape))
    if blocks > LEAK:
        raise Fault(f"each call leaves {blocks:.1f} objects behind", "Look for lists or dicts that grow.")
