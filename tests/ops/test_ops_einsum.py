"""`einsum` and `tensordot` are NumPy's, in values and gradients, and products read transposed views in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore import _core as nc
from nncore import ops
from nncore.errors import InvalidValueError, ShapeError

Array = np.ndarray[Any, Any]
EQUATIONS: list[tuple[str, list[tuple[int, ...]]]] = [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    ("ba", [(2, 3)]),
    ("ij->", [(2, 3)]),
    ("ii", [(3, 3)]),
    ("ii->i", [(3, 3)]),
    ("iji->j", [(3, 2, 3)]),
    ("iii->i", [(2, 2, 2)]),
    ("i,j->ij", [(2,), (3,)]),
    ("i,i", [(4,), (4,)]),
    ("bik,bkj->bij", [(2, 3, 4), (2, 4, 5)]),
    ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]),
    ("bhqk,bkhd->bqhd", [(2, 2, 3, 5), (2, 5, 2, 4)]),
    ("...ij,...jk->...ik", [(2, 1, 3, 4), (5, 4, 2)]),
    ("...ij->...ji", [(2, 3, 4)]),
    ("i...,i...->...", [(3, 2), (3, 2)]),
    ("...,...", [(2, 3), (3,)]),
    ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]),
    ("ijk,jil,kl->k", [(2, 3, 4), (3, 2, 5), (4, 5)]),
    ("bn,anm,bm->ba", [(2, 3), (4, 3, 5), (2, 5)]),
    ("ij,kl->", [(2, 3), (4, 5)]),
    ("i j , j k -> k i", [(2, 3), (3, 4)]),
    ("Ab,bA", [(2, 3), (3, 2)]),
    ("aB,Bc", [(2, 3), (3, 4)]),
    ("ij,jk->ik", [(0, 3), (3, 4)]),
    ("ij,jk->ik", [(2, 0), (0, 4)]),
    (",i->i", [(), (3,)]),
]


def arrays(shapes: list[tuple[int, ...]]) -> list[Array]:
    rng = np.random.default_rng(3)
    return [rng.normal(size=s) for s in shapes]


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_einsum_is_numpys(equation: str, shapes: list[tuple[int, ...]]) -> None:
    given = arrays(shapes)
    want = np.einsum(equation, *given)
    got = ops.einsum(equation, *(nc.tensor(a) for a in given))
    assert got.shape == want.shape
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(ops.einsum(equation, [nc.tensor(a) for a in given]).numpy(), got.numpy())


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_its_gradient_is_linear_in_each_operand(equation: str, shapes: list[tuple[int, ...]]) -> None:
    # The result is linear in each operand, so that a gradient times the operand is the result again.
    given = arrays(shapes)
    weight = np.cos(np.arange(np.einsum(equation, *given).size)).reshape(np.einsum(equation, *given).shape)
    leaves = [nc.tensor(a, requires_grad=True) for a in given]
    (ops.einsum(equation, *leaves) * nc.tensor(weight)).sum().backward()
    for k, leaf in enumerate(leaves):
        other = [np.random.default_rng(9).normal(size=a.shape) if j == k else a for j, a in enumerate(given)]
        want = (np.einsum(equation, *other) * weight).sum()
        assert leaf.grad is not None
        np.testing.assert_allclose((leaf.grad.numpy() * other[k]).sum(), want, rtol=1e-10, atol=1e-10)


def test_integers_stay_integers() -> None:
    a, b = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)
    got = ops.einsum("ij,jk->ik", nc.tensor(a), nc.tensor(b))
    assert got.dtype == nc.int64 and got.tolist() == (a @ b).tolist()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_letters(data: st.DataObject) -> None:
    sizes = {name: data.draw(st.integers(1, 3)) for name in "abcd"}
    words = data.draw(st.lists(st.text("abcd", min_size=1, max_size=3), min_size=1, max_size=3))
    letters = sorted({c for word in words for c in word})
    output = "".join(data.draw(st.permutations(letters)))[: data.draw(st.integers(0, len(letters)))]
    equation = f"{','.join(words)}->{output}"
    given = arrays([tuple(sizes[c] for c in word) for word in words])
    got = ops.einsum(equation, *(nc.tensor(a) for a in given))
    np.testing.assert_allclose(got.numpy(), np.einsum(equation, *given), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("equation", "shapes", "error", "what"),
    [
        ("ij,jk", [(2, 3)], InvalidValueError, "2 operands"),
        ("i1", [(2, 3)], InvalidValueError, "letters"),
        ("ij->ik", [(2, 3)], InvalidValueError, "'k'"),
        ("ij->ii", [(2, 3)], InvalidValueError, "twice"),
        ("ij", [(2, 3, 4)], ShapeError, "3 dimensions"),
        ("ij,jk", [(2, 3), (4, 5)], ShapeError, "3 and 4"),
        ("ii", [(2, 3)], ShapeError, "2 and 3"),
    ],
)
def test_equations_that_say_nothing(equation: str, shapes: Any, error: type[Exception], what: str) -> None:
    with pytest.raises(error, match=what):
        ops.einsum(equation, *(nc.tensor(a) for a in arrays(shapes)))


@pytest.mark.parametrize("dims", [0, 1, 2, ([1, 2], [0, 1]), ([2], [1]), ([-1, 0], [1, 2])])
def test_tensordot_is_numpys(dims: Any) -> None:
    a, b = arrays([(2, 3, 4), (3, 4, 2)])
    want = np.tensordot(a, b, axes=1 if dims == 1 else dims) if dims != 1 else None
    if dims == 1:
        b = b.transpose(1, 0, 2)
        want = np.tensordot(a, b, axes=1)
    got = ops.tensordot(nc.tensor(a), nc.tensor(np.ascontiguousarray(b)), dims)
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-12, atol=1e-12)


def test_tensordot_refuses_dimensions_that_do_not_go_together() -> None:
    for dims in (3, ([0], [0]), ([0, 1], [0]), ([5], [0])):
        with pytest.raises(ShapeError):
            ops.tensordot(nc.ones(2, 3), nc.ones(3, 4), dims)


def ran(run: Any) -> list[str]:
    """The ops that run."""
    nc._profile_start()
    try:
        run()
    finally:
        records = nc._profile_stop()
    return [record[0] for record in records]


@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
def test_transposed_matrices_are_read_in_place(lead: tuple[int, ...], turned: tuple[bool, bool]) -> None:
    def operand(rows: int, cols: int, turn: bool) -> nc.Tensor:
        shape = (*lead, cols, rows) if turn else (*lead, rows, cols)
        x = nc.tensor(np.random.default_rng(1).normal(size=shape), requires_grad=True)
        return x.transpose(-1, -2) if turn else x

    a, b = operand(4, 5, turned[0]), operand(5, 6, turned[1])
    dy = nc.ones(*lead, 4, 6, dtype="float64")
    assert ran(lambda: ops.matmul(a, b)) == ["product"]
    y = ops.matmul(a, b)
    # Both gradients are products of what lies there; a copy comes at most behind them, into the leaves' own layout.
    assert ran(lambda: y.backward(dy))[:2] == ["product", "product"]
    np.testing.assert_allclose(ops.matmul(a, b).detach().numpy(), a.detach().numpy() @ b.detach().numpy(), rtol=1e-12)


def test_a_copy_would_be_seen() -> None:
    a = nc.ones(4, 6)[:, ::2]
    assert "copy" in ran(lambda: ops.matmul(a, nc.ones(3, 2)))
