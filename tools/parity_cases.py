"""Calls of each public op, made from its samples: what `parity.py` compares with PyTorch.

The cases are not listed here. Each op's samples are the start; from them come others, with one argument changed at a time to
each edge of its kind, some with two, with awkward numbers (NaN, infinities, zeros), with other dtypes, and with empty and
0-d tensors.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import nncore as nc
from nncore import _core

__all__ = ["Case", "cases", "mapped"]

EDGES: dict[str, list[Any]] = {
    "bool": [True, False],
    "int": [-3, -2, -1, 0, 1, 2, 3, 7],
    "float": [-1.0, 0.0, 0.3, 1.0, 2.5, float("inf"), -float("inf")],
    "ints": [[0], [1], [-1], [0, 1], [1, -1], [], [2, 2], 1],
    "pair": [1, 2, 3, 0, -1, (1, 2), (3, 1)],
}
AWKWARD = (float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1.0, 1e-30, -1e30)


@dataclass(frozen=True)
class Case:
    """Arguments by place (arrays, lists of arrays, numbers or None) and by name."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __str__(self) -> str:
        parts = [_shown(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        return ", ".join(parts)


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}" + (f"={value.tolist()}" if value.size <= 4 else "")
    return f"[{', '.join(map(_shown, value))}]" if isinstance(value, list) else repr(value)


def mapped(value: Any, change: Any) -> Any:
    if isinstance(value, list | tuple):
        return [mapped(item, change) for item in value]
    return change(value) if isinstance(value, np.ndarray) else value


def samples(name: str) -> list[Case]:
    """The op's own samples, as arrays."""
    found = []
    for args, kwargs in _core.op_cases(name):
        plain = [
            [t.numpy().copy() for t in a] if isinstance(a, list | tuple) and a and isinstance(a[0], nc.Tensor) else a
            for a in args
        ]
        found.append(Case(tuple(a.numpy().copy() if isinstance(a, nc.Tensor) else a for a in plain), dict(kwargs)))
    return found


def edges(attribute: dict[str, Any]) -> list[Any]:
    """Values to try for an attribute, from what is known of it."""
    values = list(attribute["choices"] or EDGES.get(attribute["kind"], []))
    return [*values, None] if attribute["optional"] else values


def cases(op: dict[str, Any], most: int) -> Iterator[Case]:
    """The samples and what comes from them, at most so many."""
    start = samples(op["name"])
    yield from start
    draw = random.Random(op["name"])
    made = [*_changed_arguments(op, start, draw), *_changed_inputs(op, start, draw)]
    draw.shuffle(made)
    yield from made[:most]


def _changed_arguments(op: dict[str, Any], start: list[Case], draw: random.Random) -> Iterator[Case]:
    placed = {name: k for k, name in enumerate(op["order"] or [])}

    def put(case: Case, name: str, value: Any) -> Case:
        if name not in placed:
            return replace(case, kwargs={**case.kwargs, name: value})
        k = placed[name]
        return replace(case, args=(*case.args[:k], value, *case.args[k + 1 :]))

    attributes = [a for a in op["attrs"] if edges(a)]
    for case in start:
        for attribute in attributes:
            for value in edges(attribute):
                yield put(case, attribute["name"], value)
        for one, two in itertools.combinations(attributes, 2):
            for _ in range(4):
                yield put(put(case, one["name"], draw.choice(edges(one))), two["name"], draw.choice(edges(two)))


def _changed_inputs(op: dict[str, Any], start: list[Case], draw: random.Random) -> Iterator[Case]:
    def awkward(a: np.ndarray) -> np.ndarray:
        a = a.copy()
        if a.dtype.kind == "f" and a.size:
            for _ in range(1 + a.size // 3):
                a.flat[draw.randrange(a.size)] = draw.choice(AWKWARD)
        return a

    numbers = lambda a: a.dtype.kind == "f"  # noqa: E731
    for case in start:
        for _ in range(3):
            yield replace(case, args=tuple(mapped(case.args, awkward)))
        for dtype in (np.float32, np.int64, np.uint8, np.bool_, np.int32):
            cast = lambda a, d=dtype: np.asarray(np.abs(a * 3)).astype(d) if numbers(a) else a  # noqa: E731
            yield replace(case, args=tuple(mapped(case.args, cast)))
        for k, value in enumerate(case.args):
            if isinstance(value, np.ndarray) and numbers(value):
                for other in _reshaped(value):
                    yield replace(case, args=(*case.args[:k], other, *case.args[k + 1 :]))
                for dtype in (np.float32, np.int64):
                    yield replace(case, args=(*case.args[:k], value.astype(dtype), *case.args[k + 1 :]))


def _reshaped(a: np.ndarray) -> list[np.ndarray]:
    """The same numbers, or some of them, in other shapes."""
    shapes = [a[None], a.ravel()]
    if a.ndim:
        shapes += [a[..., :0], a[:1], *([a.ravel()[:1].reshape(())] if a.size else [])]
    return [x.copy() for x in shapes]
