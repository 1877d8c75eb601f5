"""Checks of transforms of samples."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np

from nncore.data import ArrayDataset
from nncore.errors import DataLeakError, NNCoreError, NotFittedError
from nncore.preprocess.saved import describe, rebuild
from nncore.testing.case import Case
from nncore.testing.keeping import pickled
from nncore.testing.report import Fault, NotApplicable

__all__ = ["check_again", "check_back", "check_copied", "check_kept", "check_leak", "check_rows", "check_transformed"]

Array = np.ndarray[Any, Any]


def samples(case: Case, dtype: str = "float32", seed: int = 0) -> Array:
    """The samples of one draw."""
    first: Array = case.inputs(dtype, seed).args[0].numpy().copy()
    return first


def fitted(case: Case) -> Any:
    """A fresh transform, fitted to the first draw."""
    transform = case.make()
    found = transform.fit(samples(case))
    if found is not transform:
        raise Fault(f"fit() returned {found!r}; expected the transform itself", "End with `return self`.")
    return transform


def hold(got: Array, want: Array, what: str, hint: str = "") -> None:
    if got.shape != want.shape or not np.allclose(got, want, rtol=1e-5, atol=1e-6, equal_nan=True):
        raise Fault(what, hint)


def check_transformed(case: Case) -> str:
    """Samples come out as many as went in, finite, in their dtype, of the promised shape; what went in stays."""
    said = ""
    for dtype in ("float32", "float64"):
        x = samples(case, dtype)
        before = x.copy()
        y = fitted(case).transform(x)
        if not np.array_equal(x, before):
            raise Fault("it changes the samples that it is given", "Compute new arrays.")
        if not isinstance(y, np.ndarray) or len(y) != len(x):
            raise Fault(f"an array of {len(x)} samples became {type(y).__name__} {np.shape(y)}", "Return an array.")
        if x.dtype.kind == "f" and y.dtype != x.dtype:
            raise Fault(f"{x.dtype} samples became {y.dtype}", "Keep the dtype; nncore.api.Transform does.")
        if not np.isfinite(y).all():
            raise Fault("it makes values that are not finite", "Guard against divisions by 0.")
        if case.example.output is not None and y.shape != case.example.output:
            raise Fault(
                f"{x.shape} became {y.shape}; promised is {case.example.output}", "Mend the example's `output`."
            )
        said = f"{x.shape} to {y.shape}"
    hold(case.make().fit_transform(samples(case)), fitted(case).transform(samples(case)), "fit_transform differs")
    return said


def check_rows(case: Case) -> None:
    """What is made of a sample does not depend on those beside it."""
    transform, x = fitted(case), samples(case)
    parts = [transform.transform(x[:1]), transform.transform(x[1:])]
    hold(
        np.concatenate(parts),
        transform.transform(x),
        "a sample alone becomes something else than among others",
        "Learn in fit() alone, and use only that in transform().",
    )


def check_leak(case: Case) -> None:
    """It learns from training data alone, and says so before it has learned."""
    transform, x = case.make(), samples(case)
    if not getattr(transform, "learns", True):
        raise NotApplicable("it learns nothing")
    try:
        transform.transform(x)
    except NotFittedError:
        pass
    else:
        raise Fault("it transforms before it was fitted", "Raise NotFittedError; nncore.api.Transform does.")
    if x.ndim < 2:
        raise NotApplicable("its samples are labels")
    try:
        transform.fit(ArrayDataset(x, np.zeros(len(x), np.int64), role="validation"))
    except DataLeakError:
        return
    raise Fault("it learns from validation data", "Raise DataLeakError; nncore.api.Transform does.")


def check_back(case: Case) -> str:
    """Its inverse, where there is one, gives samples of the shape that went in."""
    transform, x = fitted(case), samples(case)
    y = transform.transform(x)
    try:
        back = transform.inverse_transform(y)
    except (AttributeError, NNCoreError) as error:
        raise NotApplicable(f"there is no way back: {error}") from None
    if back.shape != x.shape:
        raise Fault(f"inverse_transform makes {back.shape} where {x.shape} went in")
    far = float(np.abs(back - x).max())
    return f"off by up to {far:.1g}"


def check_again(case: Case) -> None:
    """Fitted twice to the same, it is the same."""
    x = samples(case, seed=1)
    first, second = fitted(case).transform(x), fitted(case).transform(x)
    if not np.array_equal(first, second, equal_nan=True):
        raise Fault("fitted twice to the same samples, it differs", "Draw by a seed that is an option.")


def check_kept(case: Case) -> str:
    """Fitted, it can be said as data, as a model's file does; what is made from that makes the same."""
    transform, x = fitted(case), samples(case, seed=1)
    try:
        spec, arrays = describe(transform)
        text = json.dumps(spec)
    except (NNCoreError, TypeError, AttributeError) as error:
        raise Fault(
            f"fitted, it cannot be said as data: {error}",
            "Derive from nncore.api.Transform, take plain data, and return all that is learned from learn().",
        ) from error
    twin = rebuild(json.loads(text), arrays)
    hold(twin.transform(x), transform.transform(x), "made from its config and state it makes something else")
    return ", ".join(arrays) or "nothing is learned"


def check_copied(case: Case) -> None:
    """A deep copy and a pickled one make the same."""
    transform, x = fitted(case), samples(case, seed=1)
    for how, make in (("a deep copy", copy.deepcopy), ("a pickled copy", pickled)):
        try:
            twin = make(transform)
        except Exception as error:
            raise Fault(f"{how} fails: {error}", "Hold arrays and plain data in attributes.") from error
        hold(twin.transform(x), transform.transform(x), f"{how} makes something else")
