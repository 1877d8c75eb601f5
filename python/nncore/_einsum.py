"""Sums of products by letters: `einsum` and `tensordot`, made of permutations, products of matrices and sums."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import prod
from operator import index

from nncore import _core
from nncore._core import Tensor
from nncore.errors import InvalidValueError, ShapeError
from nncore.hints import expect_tensors

_FLOATS = (_core.float32, _core.float64)
_LETTERS = re.compile(r"[A-Za-z]")


def einsum(equation: str, *operands: Tensor | Sequence[Tensor]) -> Tensor:
    """Sum of products, named by letters: `einsum("bik,bkj->bij", a, b)` is a batch of matrix products.

    Letters that several operands share run together; those that the output lacks are summed over. A letter twice in one
    operand takes the diagonal. `...` stands for the dimensions that no letter names, which broadcast. Without `->` the output
    has what `...` stands for, then the letters that occur once, in alphabetical order, capitals first. Sizes of 1 broadcast.
    Several operands are taken two at a time: first the pair whose product is smallest.

    Args:
        equation: Letters of each operand, with commas between them; perhaps `->` and those of the output. Spaces do not count.
        operands: Tensors, or one list of them.

    Raises:
        InvalidValueError: The equation can not be read.
        ShapeError: The operands do not have the dimensions that it says.
    """
    if not isinstance(equation, str):
        raise TypeError(f"einsum() argument equation: a str expected, got {type(equation).__name__}")
    tensors = _listed(operands)
    named, output = _parse(equation, tensors)
    sizes: dict[str, int] = {}
    for tensor, names in zip(tensors, named, strict=True):
        for name, size in zip(names, tensor.shape, strict=True):
            known = sizes.setdefault(name, size)
            if known == 1:
                sizes[name] = size
            elif size not in (1, known):
                raise ShapeError(f"einsum({equation!r}): {_spelled(name)} has sizes {known} and {size}", op="einsum")
    terms = [_single(t, names, sizes) for t, names in zip(tensors, named, strict=True)]
    while len(terms) > 1:
        first, second = _cheapest(terms, output, sizes)
        b, a = terms.pop(second), terms.pop(first)
        rest = {*output, *(name for _, names in terms for name in names)}
        terms.append(_pair(a, b, rest, sizes))
    tensor, names = _summed(*terms[0], set(output))
    # Names of size 1 in every operand were kept; what the output wants else is there.
    return _ordered(tensor, names, output)


def tensordot(a: Tensor, b: Tensor, dims: int | Sequence[Sequence[int]] = 2) -> Tensor:
    """Sums of products over pairs of dimensions.

    Args:
        a: Any shape.
        b: Any shape.
        dims: How many of `a`'s last dimensions are summed with `b`'s first, in order; or two lists: the dimensions of `a`,
            and those of `b` that go with them.

    The result has the dimensions of `a` that are left, then those of `b`.

    Raises:
        ShapeError: The dimensions do not exist, or have other sizes.
    """
    expect_tensors("tensordot", a=a, b=b)
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise ShapeError(f"{dims} dimensions asked for, of {a.ndim} and {b.ndim}", op="tensordot")
        left, right = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        one, two = _two_lists(dims)
        left, right = _axes(one, a.ndim), _axes(two, b.ndim)
    if len(left) != len(right) or any(a.shape[i] != b.shape[j] for i, j in zip(left, right, strict=True)):
        raise ShapeError(f"dims {left} of {tuple(a.shape)} do not go with {right} of {tuple(b.shape)}", op="tensordot")
    rows = [i for i in range(a.ndim) if i not in left]
    cols = [j for j in range(b.ndim) if j not in right]
    size = prod(a.shape[i] for i in left)
    x = a.permute((*rows, *left)).reshape(prod(a.shape[i] for i in rows), size)
    y = b.permute((*right, *cols)).reshape(size, prod(b.shape[j] for j in cols))
    return _core.ops.matmul(x, y).reshape((*(a.shape[i] for i in rows), *(b.shape[j] for j in cols)))


def _two_lists(dims: object) -> tuple[list[int], list[int]]:
    """The dimensions of the one and of the other, each an int or some of them."""
    try:
        one, two = ([index(d)] if hasattr(d, "__index__") else [index(i) for i in d] for d in dims)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise TypeError(f"tensordot() argument dims: an int or two lists of ints expected, got {dims!r:.60}") from None
    return one, two


def _axes(dims: int | Iterable[int], count: int) -> list[int]:
    given = [dims] if isinstance(dims, int) else list(dims)
    found = [d + count if d < 0 else d for d in given]
    if any(not 0 <= d < count for d in found) or len(set(found)) != len(found):
        raise ShapeError(f"dims {given} of a tensor of {count} dimensions", op="tensordot")
    return found


_Term = tuple[Tensor, list[str]]


def _listed(operands: Sequence[Tensor | Sequence[Tensor]]) -> list[Tensor]:
    flat = operands[0] if len(operands) == 1 and isinstance(operands[0], list | tuple) else operands
    for x in flat:
        if not isinstance(x, Tensor):
            raise TypeError(f"einsum() takes tensors, got {type(x).__name__}")
    return list(flat)


def _spelled(name: str) -> str:
    return f"{name!r}" if name.isalpha() else "a dimension of '...'"


def _parse(equation: str, tensors: Sequence[Tensor]) -> tuple[list[list[str]], list[str]]:
    """The names of each operand's dimensions and of the output's. Those of `...` are numbers, counted from the last."""

    def wrong(why: str) -> InvalidValueError:
        return InvalidValueError(f"einsum({equation!r}): {why}", op="einsum")

    left, arrow, right = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(tensors):
        raise wrong(f"{len(parts)} operands are named, {len(tensors)} given")
    named: list[list[str]] = []
    widest = 0
    for k, (part, tensor) in enumerate(zip(parts, tensors, strict=True)):
        before, dots, after = part.partition("...")
        if re.search(r"[^A-Za-z]", before + after):
            raise wrong(f"letters and one '...' expected in {part!r}")
        rest = tensor.ndim - len(before) - len(after)
        if rest < 0 or (rest and not dots):
            raise ShapeError(
                f"einsum({equation!r}): operand {k} has {tensor.ndim} dimensions, {part!r} names {len(before + after)}",
                op="einsum",
            )
        widest = max(widest, rest)
        named.append([*before, *(str(i) for i in reversed(range(rest))), *after])
    dotted = [str(i) for i in reversed(range(widest))]
    if not arrow:
        letters = [name for names in named for name in names if name.isalpha()]
        return named, [*dotted, *sorted(name for name in set(letters) if letters.count(name) == 1)]
    before, dots, after = right.partition("...")
    output = [*before, *(dotted if dots else []), *after]
    known = {name for names in named for name in names}
    for name in before + after:
        if not _LETTERS.match(name):
            raise wrong(f"letters and one '...' expected in {right!r}")
        if name not in known:
            raise wrong(f"{name!r} is in the output and in no operand")
    if len(set(output)) != len(output):
        raise wrong("a letter is twice in the output")
    return named, output


def _single(tensor: Tensor, names: list[str], sizes: dict[str, int]) -> _Term:
    """One operand without letters twice, and without sizes of 1 that broadcast."""
    names = list(names)
    for name in dict.fromkeys(names):
        while names.count(name) > 1:
            tensor, names = _diagonal(tensor, names, name)
    for k in reversed(range(len(names))):
        if tensor.shape[k] == 1 and sizes[names[k]] != 1:
            tensor, names = tensor.squeeze(k), names[:k] + names[k + 1 :]
    return tensor, names


def _diagonal(tensor: Tensor, names: list[str], name: str) -> _Term:
    """The first two dimensions of a name as one, which runs along both: every (n + 1)-th element of n * n."""
    i = names.index(name)
    j = names.index(name, i + 1)
    n, m = tensor.shape[i], tensor.shape[j]
    if n != m:
        text = f"{_spelled(name)} stands for dimensions of sizes {n} and {m} of one operand"
        raise ShapeError(text, op="einsum")
    rest = [k for k in range(tensor.ndim) if k not in (i, j)]
    flat = tensor.permute((i, j, *rest)).reshape(n * n, *(tensor.shape[k] for k in rest))
    return flat[:: n + 1], [name, *(names[k] for k in rest)]


def _cheapest(terms: list[_Term], output: Iterable[str], sizes: dict[str, int]) -> tuple[int, int]:
    """The pair whose product is smallest, and of those the one with the fewest multiplications."""
    best: tuple[int, int, int, int] | None = None
    for i in range(len(terms)):
        for j in range(i + 1, len(terms)):
            others = {n for k, (_, names) in enumerate(terms) if k not in (i, j) for n in names}
            both = {*terms[i][1], *terms[j][1]}
            kept = both & ({*output} | others)
            cost = (prod(sizes[n] for n in kept), prod(sizes[n] for n in both), i, j)
            best = cost if best is None else min(best, cost)
    assert best is not None
    return best[2], best[3]


def _summed(tensor: Tensor, names: list[str], keep: set[str]) -> _Term:
    over = [k for k, name in enumerate(names) if name not in keep]
    if not over:
        return tensor, names
    dtype = tensor.dtype
    total = tensor.sum(tuple(over))
    return (total if total.dtype == dtype else total.to(dtype)), [name for name in names if name in keep]


def _ordered(tensor: Tensor, names: list[str], order: list[str]) -> Tensor:
    places = [names.index(name) for name in order]
    return tensor if places == list(range(len(places))) else tensor.permute(tuple(places))


def _pair(first: _Term, second: _Term, rest: set[str], sizes: dict[str, int]) -> _Term:
    """Two operands as one. What only one of them has, and nobody wants, is summed before."""
    a, left = _summed(*first, rest | {*second[1]})
    b, right = _summed(*second, rest | {*first[1]})
    shared = [name for name in left if name in right]
    inner = [name for name in shared if name not in rest]
    batch = [name for name in shared if name in rest]
    rows, cols = [n for n in left if n not in shared], [n for n in right if n not in shared]
    names = [*batch, *rows, *cols]

    def size(group: list[str]) -> int:
        return prod(sizes[n] for n in group)

    a, b = _ordered(a, left, [*batch, *rows, *inner]), _ordered(b, right, [*batch, *inner, *cols])
    if not inner:
        # Nothing is summed: the products alone, by broadcasting.
        product = a.reshape(size(batch), size(rows), 1) * b.reshape(size(batch), 1, size(cols))
    elif a.dtype not in _FLOATS and b.dtype not in _FLOATS:
        # Products of matrices are of floats.
        x = a.reshape(size(batch), size(rows), size(inner), 1)
        product = (x * b.reshape(size(batch), 1, size(inner), size(cols))).sum(2)
    elif batch:
        x = a.reshape(size(batch), size(rows), size(inner))
        product = _core.ops.matmul(x, b.reshape(size(batch), size(inner), size(cols)))
    else:
        product = _core.ops.matmul(a.reshape(size(rows), size(inner)), b.reshape(size(inner), size(cols)))
    return product.reshape(tuple(sizes[n] for n in names)), names
