"""Compare every public op with PyTorch's function of the same name: values, dtypes, gradients, and what is refused.

    make parity PEERS=/path/to/python/with/torch     # or: python tools/parity.py [NAME ...]

The cases are not listed here. Each op's samples are the start; from them come others, with one argument changed at a time to
each edge of its kind, some with two, with awkward numbers (NaN, infinities, zeros), with other dtypes, and with empty and
0-d tensors. What differs on purpose is in `INTENDED`, with the reason. Run it with an interpreter that has torch; CI has none.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "python"))

import torch  # noqa: E402

import nncore as nc  # noqa: E402
from nncore import _core  # noqa: E402

INTENDED: dict[str, str] = {
    "arange": "plain numbers, in the signature's order",
    "full": "the dtype is an argument of its own",
    "linspace": "as arange",
    "eye": "as arange",
}
"""Ops whose behaviour is another one on purpose, and why."""
NAMES = {"expand": {"shape": "size"}}
"""Arguments that torch calls otherwise."""
EDGES: dict[str, list[Any]] = {
    "bool": [True, False],
    "int": [-3, -2, -1, 0, 1, 2, 3, 7],
    "float": [-1.0, 0.0, 0.3, 1.0, 2.5, float("inf"), -float("inf")],
    "ints": [[0], [1], [-1], [0, 1], [1, -1], [], [2, 2], 1],
    "pair": [1, 2, 3, 0, -1, (1, 2), (3, 1)],
}
WIDER = re.compile(
    "not implemented for|does not support|not supported for|not differentiable with respect to|could not infer output dtype"
    "|same dtype|should be the same|expected scalar type|only Tensors of floating point dtype"
)
"""What torch says of dtypes that it does not take, or not together, while ours promote: no difference."""
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


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_mapped(item, change) for item in value]
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
            yield replace(case, args=tuple(_mapped(case.args, awkward)))
        for dtype in (np.float32, np.int64, np.uint8, np.bool_, np.int32):
            cast = lambda a, d=dtype: np.asarray(np.abs(a * 3)).astype(d) if numbers(a) else a  # noqa: E731
            yield replace(case, args=tuple(_mapped(case.args, cast)))
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


@dataclass
class Outcome:
    """Results and gradients as arrays, or the error."""

    results: list[np.ndarray] | None = None
    grads: list[np.ndarray | None] | None = None
    error: str = ""


def run(function: Any, tensor: Any, library: Any, case: Case, moving: tuple[bool, ...]) -> Outcome:
    """Call it, and go back with the weights 1, 2, 3, … for the results' elements."""
    leaves: list[Any] = []

    def make(array: np.ndarray, moves: bool) -> Any:
        t = tensor(np.array(array))
        if moves and array.dtype.kind == "f":
            t.requires_grad_(True)
            leaves.append(t)
        return t

    try:
        args = [_mapped(a, lambda x, m=m: make(x, m)) for a, m in zip(case.args, moving, strict=False)]
        named = {
            k: getattr(library, str(v).rpartition(".")[2]) if isinstance(v, nc.DType) else v
            for k, v in case.kwargs.items()
        }
        out = function(*args, **named)
        out = list(out) if isinstance(out, tuple | list) else [out]
        total = None
        for o in out:
            if o.requires_grad and o.numel():
                weight = tensor(
                    np.asarray(np.arange(1, o.numel() + 1, dtype=np.float64).reshape(tuple(o.shape)) / o.numel())
                )
                part = (o * weight.to(o.dtype) if library is torch else o * weight.cast(o.dtype)).sum()
                total = part if total is None else total + part
        if total is not None:
            total.backward()
        values = [np.array(o.detach().numpy()) for o in out]
        return Outcome(values, [None if t.grad is None else np.array(t.grad.detach().numpy()) for t in leaves])
    except BaseException as error:  # a panic of ours is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return Outcome(error=f"{type(error).__name__}: {str(error).splitlines()[0][:160] if str(error) else ''}")


def difference(ours: Outcome, theirs: Outcome, given: list[np.ndarray]) -> str:
    """What is not alike; empty if all is.

    Where an input holds NaN or infinities, only values are compared, and only those that torch finds finite: what
    infinity minus infinity is depends on the order of a formula's terms.
    """
    whole = not any(a.dtype.kind == "f" for a in given)
    negative = any(a.dtype.kind == "i" and bool((a < 0).any()) for a in given)
    wild = any(not np.isfinite(a).all() for a in given if a.dtype.kind == "f")
    close = 1e-4 if any(a.dtype == np.float32 for a in given) or whole else 1e-8
    if "Panic" in ours.error:
        return f"we panic: {ours.error}"
    if WIDER.search(theirs.error):
        return ""
    if negative and not ours.error and re.search("out of (range|bounds|DATA)", theirs.error):
        return ""  # Ours count from the end.
    if ours.error or theirs.error:
        if bool(ours.error) == bool(theirs.error):
            return ""
        return f"we refuse: {ours.error}" if ours.error else f"we accept, torch says {theirs.error}"
    assert ours.results is not None and theirs.results is not None
    if len(ours.results) != len(theirs.results):
        return f"{len(ours.results)} results, torch has {len(theirs.results)}"
    for a, b in zip(ours.results, theirs.results, strict=True):
        if whole and a.dtype == np.float32 and b.dtype.kind in "iub":
            return ""  # Ours make float32 of integers where torch computes in them.
        if a.shape != b.shape or a.dtype != b.dtype:
            return f"{a.dtype}{list(a.shape)}, torch has {b.dtype}{list(b.shape)}"
        if not _close(a, b, close, wild):
            return f"values: {_apart(a, b, close, wild)}"
    if wild:
        return ""
    for k, (g, h) in enumerate(zip(ours.grads or [], theirs.grads or [], strict=True)):
        g, h = (None if x is None or not np.any(x) else x for x in (g, h))
        if (g is None) != (h is None) or (g is not None and h is not None and not _close(g, h, close)):
            return f"gradient {k}: {_apart(g, h, close) if g is not None and h is not None else f'{g} and {h}'}"
    return ""


def _close(a: np.ndarray, b: np.ndarray, close: float, wild: bool = False) -> bool:
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    with np.errstate(all="ignore"):
        alike = np.isclose(a, b, rtol=close, atol=close, equal_nan=True)
        return bool((alike | ~np.isfinite(b)).all() if wild else alike.all())


def _apart(a: np.ndarray, b: np.ndarray, close: float, wild: bool = False) -> str:
    k = next((k for k in range(a.size) if not _close(a.flat[k : k + 1], b.flat[k : k + 1], close, wild)), 0)
    return f"{a.flat[k]!r} and {b.flat[k]!r} at {k} of {a.size}"


def counterpart(name: str) -> Any:
    """PyTorch's function of that name."""
    for place in (torch.nn.functional, torch, torch.linalg, torch.Tensor):
        found = getattr(place, name, None)
        if callable(found):
            return found
    return None


def moves(op: dict[str, Any]) -> tuple[bool, ...]:
    """For each place of an argument, whether its gradient is compared."""
    inputs = {row["name"]: row for row in op["inputs"]}
    fixed = lambda n: n not in inputs or inputs[n]["mutated"] or inputs[n]["constant"]  # noqa: E731
    return tuple(not fixed(n) for n in op["order"] or inputs)


def compare(op: dict[str, Any], most: int) -> tuple[int, list[tuple[Case, str]]]:
    """How many cases of an op there were, and those that differ."""
    function = counterpart(op["name"])
    found, count = [], 0
    for case in cases(op, most):
        count += 1
        ours = run(getattr(nc.ops, op["name"]), nc.tensor, nc, case, moves(op))
        renamed = {NAMES.get(op["name"], {}).get(k, k): v for k, v in case.kwargs.items()}
        theirs = run(function, torch.from_numpy, torch, replace(case, kwargs=renamed), moves(op))
        if "received an invalid combination" in theirs.error:  # overloads know other names, and no None
            rest = [renamed.get(NAMES.get(op["name"], {}).get(a["name"], a["name"])) for a in op["attrs"]]
            while rest and rest[-1] in (None, False):
                rest.pop()
            by_place = Case((*case.args, *rest), {}) if not op["order"] else replace(case, kwargs={})
            theirs = run(function, torch.from_numpy, torch, by_place, (*moves(op), *[False] * len(op["attrs"])))
        given: list[np.ndarray] = []
        _mapped(case.args, given.append)
        told = difference(ours, theirs, given)
        if told:
            found.append((case, told))
    return count, found


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="ops; all by default")
    parser.add_argument("--most", type=int, default=400, help="cases an op, beside its samples")
    parser.add_argument("--show", type=int, default=6, help="differences to print of each op")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    table = {op["name"]: op for op in _core.op_table() if op["public"] and not op["mutates"]}
    names = options.names or sorted(table)
    unknown = [n for n in names if n not in table]
    if unknown:
        parser.error(f"no such op: {', '.join(unknown)}")
    alone = [n for n in names if counterpart(n) is None]
    sums: Counter[str] = Counter()
    for name in names:
        if name in alone or name in INTENDED:
            continue
        count, found = compare(table[name], options.most)
        sums["cases"] += count
        sums["differ"] += len(found)
        sums["ops"] += 1
        print(f"{name}: {count} cases" + (f", {len(found)} differ" if found else ""))
        for case, told in found[: options.show]:
            print(f"    {name}({case})\n        {told}")
    print(f"{sums['ops']} ops, {sums['cases']} cases, {sums['differ']} differ; torch {torch.__version__}")
    print(f"not in torch under that name: {', '.join(alone)}")
    return 1 if sums["differ"] else 0


if __name__ == "__main__":
    sys.exit(main())
