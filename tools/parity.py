"""Compare every public op with PyTorch's function of the same name: values, dtypes, gradients, and what is refused.

    make parity PEERS=/path/to/python/with/torch     # or: python tools/parity.py [NAME ...]

The cases are made from the ops' samples (`parity_cases.py`). What is no difference, and what differs on purpose, is in
`parity_rules.py`, with the reasons; anything else is printed, and makes the exit status 1. Run it with an interpreter that has
torch; CI has none.
"""

from __future__ import annotations

import argparse
import re
import sys
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "python"))

import torch  # noqa: E402
from parity_cases import Case, cases, mapped  # noqa: E402
from parity_rules import ALONE, CRASHES, INTENDED, OWN, PARSER, RENAMED, excused  # noqa: E402

import nncore as nc  # noqa: E402
from nncore import _core  # noqa: E402

Op = dict[str, Any]


@dataclass
class Outcome:
    """Results and gradients as arrays, or the error."""

    results: list[np.ndarray] | None = None
    grads: list[np.ndarray | None] | None = None
    error: str = ""


@dataclass
class Argument:
    """A value by its name; whether its gradient is compared; whether it is what the op takes when nothing is given."""

    name: str
    value: Any
    moves: bool
    default: bool


def bound(op: Op, case: Case) -> list[Argument]:
    """The case's arguments, in the order of the op's signature."""
    inputs = {row["name"]: row for row in op["inputs"]}
    defaults = {a["name"]: a["default"] for a in op["attrs"]}
    order = op["order"] or [*inputs, *defaults]
    values = {**dict(zip(op["order"] or inputs, case.args, strict=False)), **case.kwargs}
    fixed = lambda n: n not in inputs or inputs[n]["mutated"] or inputs[n]["constant"]  # noqa: E731
    return [
        Argument(n, values[n], not fixed(n), values[n] is None or repr(values[n]) == str(defaults.get(n)))
        for n in order
        if n in values
    ]


def ways(op: Op, arguments: list[Argument]) -> list[tuple[list[Argument], list[Argument]]]:
    """Ways to call torch's function, by place and by name: it has overloads, and takes None for few things."""
    lead = next((k for k, a in enumerate(arguments) if not _holds_tensors(a.value)), len(arguments))
    given = [a for a in arguments if not (a.default and not _holds_tensors(a.value))]
    upto = max((k + 1 for k, a in enumerate(arguments) if not a.default), default=0)
    short = next((k for k, a in enumerate(given) if not _holds_tensors(a.value)), len(given))
    return [
        (arguments[:lead], arguments[lead:]),
        (given[:short], given[short:]),
        (arguments[: max(upto, lead)], []),
        (given, []),
    ]


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, np.ndarray) or (isinstance(value, list) and any(isinstance(v, np.ndarray) for v in value))


def run(library: Any, function: Any, placed: list[Argument], named: list[Argument]) -> Outcome:
    """Call it, and go back with the weights 1, 2, 3, … for the results' elements."""
    leaves: list[Any] = []
    tensor = torch.from_numpy if library is torch else nc.tensor

    def make(array: np.ndarray, moves: bool) -> Any:
        t = tensor(np.array(array))
        if moves and array.dtype.kind == "f":
            t.requires_grad_(True)
            leaves.append(t)
        return t

    def own(a: Argument) -> Any:
        if isinstance(a.value, nc.DType):
            return getattr(library, str(a.value).rpartition(".")[2])
        return mapped(a.value, lambda x: make(x, a.moves))

    try:
        out = function(*[own(a) for a in placed], **{a.name: own(a) for a in named})
        out = list(out) if isinstance(out, tuple | list) else [out]
        total = None
        for o in out:
            if o.requires_grad and o.numel():
                weight = np.arange(1, o.numel() + 1, dtype=np.float64).reshape(tuple(o.shape)) / o.numel()
                weight = tensor(np.asarray(weight))
                part = (o * (weight.to(o.dtype) if library is torch else weight.cast(o.dtype))).sum()
                total = part if total is None else total + part
        if total is not None:
            total.backward()
        values = [np.array(o.detach().numpy()) for o in out]
        return Outcome(values, [None if t.grad is None else np.array(t.grad.detach().numpy()) for t in leaves])
    except BaseException as error:  # a panic of ours is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return Outcome(error=f"{type(error).__name__}: {str(error).splitlines()[0][:160] if str(error) else ''}")


def pytorch(op: Op, function: Any, arguments: list[Argument]) -> Outcome:
    """What torch's function makes of the arguments, in the first way that it understands."""
    renamed = RENAMED.get(op["name"], {})
    arguments = [Argument(renamed.get(a.name, a.name), a.value, a.moves, a.default) for a in arguments]
    arguments = [a for a in arguments if a.name not in OWN.get(op["name"], ())]
    for placed, named in ways(op, arguments):
        outcome = run(torch, function, placed, named)
        if not PARSER.search(outcome.error):
            break
    return outcome


def difference(op: Op, ours: Outcome, theirs: Outcome, arguments: list[Argument]) -> str:
    """What is not alike; empty if all is.

    Where an argument is NaN or infinite, only values are compared, and only those that torch finds finite: what infinity
    minus infinity is depends on the order of a formula's terms. Nor are gradients where torch's are not finite.
    """
    given: list[np.ndarray] = []
    mapped([a.value for a in arguments], given.append)
    floats = [a for a in given if a.dtype.kind == "f"]
    numbers = [a.value for a in arguments if isinstance(a.value, float)]
    wild = not all(np.isfinite(a).all() for a in [*floats, *map(np.asarray, numbers)])
    if "Panic" in ours.error:
        return f"we panic: {ours.error}"
    if excused(op, theirs.error, given, not ours.error):
        return ""
    if ours.error or theirs.error:
        if bool(ours.error) == bool(theirs.error):
            return ""
        return f"we refuse: {ours.error}" if ours.error else f"we accept, torch says {theirs.error}"
    assert ours.results is not None and theirs.results is not None
    if len(ours.results) != len(theirs.results):
        return f"{len(ours.results)} results, torch has {len(theirs.results)}"
    # Beside integers torch may compute in float32, or in the integers.
    whole, mixed = not floats, len({a.dtype for a in given}) > 1
    close = 1e-4 if any(a.dtype == np.float32 for a in given) or any(a.dtype.kind in "iub" for a in given) else 1e-8
    # Where elements are equal, it is not said which of them an index names.
    tied = "indices" in op["outputs"] and any(np.unique(a).size < a.size for a in given)
    for a, b, name in zip(ours.results, theirs.results, op["outputs"] * 9, strict=False):
        if whole and a.dtype == np.float32 and b.dtype.kind in "iub":
            return ""  # Ours make float32 of integers where torch computes in them.
        alike = a.dtype == b.dtype or (
            mixed and any(a.ndim == 0 for a in given)
        )  # 0-d tensors promote like others here.
        if a.shape != b.shape or not alike:
            return f"{a.dtype}{list(a.shape)}, torch has {b.dtype}{list(b.shape)}"
        if tied and name == "indices":
            continue
        if not _close(a, b, close, wild):
            return f"values: {_apart(a, b, close, wild)}"
    if wild or tied:
        return ""
    for k, (g, h) in enumerate(zip(ours.grads or [], theirs.grads or [], strict=True)):
        if g is None and h is None:
            continue
        g, h = (np.zeros_like(h) if g is None else g), (np.zeros_like(g) if h is None else h)
        if not _close(g, h, close, True):
            return f"gradient {k}: {_apart(g, h, close, True)}"
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


@dataclass
class Found:
    """What came of an op's cases."""

    cases: int = 0
    intended: int = 0
    unread: int = 0
    """How many torch's parser does not take, in any way of calling."""
    differ: list[tuple[Case, str]] | None = None


def compare(op: Op, most: int) -> Found:
    """Run an op's cases beside torch."""
    name, function = op["name"], counterpart(op["name"])
    found, differ = Found(), []
    for case in cases(op, most):
        arguments = bound(op, case)
        if any(a.name in OWN.get(name, ()) and not a.default for a in arguments):
            continue
        given: list[np.ndarray] = []
        mapped([a.value for a in arguments], given.append)
        if not all((np.abs(a) <= CRASHES.get(name, np.inf)).all() for a in given if name in CRASHES):
            continue
        found.cases += 1
        by_place = len(case.args)
        ours = run(nc, getattr(nc.ops, name), *_split(op, arguments, by_place))
        theirs = pytorch(op, function, arguments)
        if PARSER.search(theirs.error):
            found.unread += 1
            continue
        told = difference(op, ours, theirs, arguments)
        if not told:
            continue
        text = f"{name}({case}) -> {told}"
        if any(re.search(pattern, text) for pattern, _ in INTENDED.get(name, []) + INTENDED.get("*", [])):
            found.intended += 1
        else:
            differ.append((case, told))
    found.differ = differ
    return found


def _split(op: Op, arguments: list[Argument], count: int) -> tuple[list[Argument], list[Argument]]:
    placed = set((op["order"] or [i["name"] for i in op["inputs"]])[:count])
    return [a for a in arguments if a.name in placed], [a for a in arguments if a.name not in placed]


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
    missing = [n for n in names if counterpart(n) is None]
    sums: Counter[str] = Counter()
    for name in names:
        if name in missing or name in ALONE:
            continue
        found = compare(table[name], options.most)
        differ = found.differ or []
        if found.cases and found.unread == found.cases:
            print(f"{name}: torch takes none of {found.cases} calls: give its arguments' names")
            sums["differ"] += 1
        sums["ops"] += 1
        for key in ("cases", "intended", "unread"):
            sums[key] += getattr(found, key)
        sums["differ"] += len(differ)
        if differ:
            print(f"{name}: {found.cases} cases, {len(differ)} differ")
        for case, told in differ[: options.show]:
            print(f"    {name}({case})\n        {told}")
    print(
        f"{sums['ops']} ops, {sums['cases']} cases; torch {torch.__version__}\n"
        f"{sums['differ']} differ; {sums['intended']} differ on purpose; {sums['unread']} have arguments that torch does not read"
    )
    print(f"not in torch under that name: {', '.join(missing)}; not compared: {', '.join(ALONE)}")
    return 1 if sums["differ"] else 0


if __name__ == "__main__":
    sys.exit(main())
