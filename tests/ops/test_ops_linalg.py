"""Decompositions put matrices together again, at sizes that the samples do not have, and norms are NumPy's."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest

import nncore
from nncore import linalg, ops
from nncore.errors import InvalidValueError, NNCoreError, ShapeError

Array = np.ndarray[Any, Any]
SHAPES = [(1, 1), (5, 5), (9, 4), (4, 9), (30, 30), (2, 3, 6, 5)]


def matrix(shape: tuple[int, ...], seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


def close(a: Any, b: Array, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(a.numpy() if isinstance(a, nncore.Tensor) else a, b, rtol=tolerance, atol=tolerance)


def unit(q: Array) -> None:
    """Are the columns orthonormal?"""
    close(q.swapaxes(-1, -2) @ q, np.broadcast_to(np.eye(q.shape[-1]), (*q.shape[:-2], q.shape[-1], q.shape[-1])))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("full", [False, True])
def test_singular_vectors(shape: tuple[int, ...], full: bool) -> None:
    a = matrix(shape)
    u, s, vh = (t.numpy() for t in linalg.svd(nncore.tensor(a), full_matrices=full))
    m, n = shape[-2:]
    k = min(m, n)
    assert u.shape[-2:] == (m, m if full else k) and vh.shape[-2:] == (n if full else k, n)
    unit(u)
    unit(vh.swapaxes(-1, -2))
    close((u[..., :, :k] * s[..., None, :]) @ vh[..., :k, :], a)
    assert np.all(np.diff(s, axis=-1) <= 0)
    close(s, np.linalg.svd(a, compute_uv=False))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mode", ["reduced", "complete"])
def test_triangles(shape: tuple[int, ...], mode: str) -> None:
    a = matrix(shape)
    q, r = (t.numpy() for t in linalg.qr(nncore.tensor(a), mode=mode))
    want = np.linalg.qr(a, mode)
    assert q.shape == want[0].shape and r.shape == want[1].shape
    unit(q)
    close(q @ r, a)
    close(np.tril(r, -1), np.zeros_like(r))
    assert np.all(np.diagonal(r, axis1=-2, axis2=-1) >= 0)


@pytest.mark.parametrize("n", [1, 4, 25])
def test_symmetric_matrices(n: int) -> None:
    a = matrix((3, n, n))
    a = a @ a.swapaxes(-1, -2) + np.eye(n)
    x = nncore.tensor(a)
    values, v = (t.numpy() for t in linalg.eigh(x))
    unit(v)
    close((v * values[..., None, :]) @ v.swapaxes(-1, -2), a)
    assert np.all(np.diff(values, axis=-1) >= 0)
    lower = linalg.cholesky(x).numpy()
    close(lower @ lower.swapaxes(-1, -2), a)
    close(np.triu(lower, 1), np.zeros_like(lower))
    close(linalg.inv(x).numpy() @ a, np.broadcast_to(np.eye(n), a.shape), 1e-8)
    sign, log = linalg.slogdet(x)
    close(sign, np.ones(3))
    close(log, np.linalg.slogdet(a)[1])


def test_equal_values_have_unit_vectors() -> None:
    for a in (np.eye(4), np.ones((4, 4)), np.zeros((3, 3)), np.diag([2.0, 2.0, 1.0])):
        u, s, vh = (t.numpy() for t in linalg.svd(nncore.tensor(a)))
        unit(u)
        unit(vh.T)
        close((u * s) @ vh, a)
        values, v = (t.numpy() for t in linalg.eigh(nncore.tensor(a)))
        unit(v)
        close((v * values) @ v.T, a)


def test_float32_is_computed_in_float64() -> None:
    a = matrix((20, 20)).astype(np.float32)
    b = matrix((20, 2), 1).astype(np.float32)
    got = linalg.solve(nncore.tensor(a), nncore.tensor(b))
    assert got.dtype == nncore.float32
    np.testing.assert_array_equal(got.numpy(), np.linalg.solve(a.astype(float), b.astype(float)).astype(np.float32))


@pytest.mark.parametrize("ord", ["fro", "nuc", inf, -inf, 1, -1, 2, -2])
@pytest.mark.parametrize("dim", [(-2, -1), (0, 2), (2, 1)])
@pytest.mark.parametrize("keepdim", [False, True])
def test_norms_are_numpys(ord: Any, dim: tuple[int, int], keepdim: bool) -> None:
    a = matrix((3, 4, 5))
    got = linalg.matrix_norm(nncore.tensor(a), ord, dim, keepdim)
    want = np.linalg.norm(a, ord, dim, keepdim)
    assert got.shape == want.shape
    close(got, want)


def test_gradients_of_norms_agree_with_differences() -> None:
    for ord in ("fro", "nuc", inf, 1, 2):
        assert nncore.testing.gradcheck(lambda x, ord=ord: linalg.matrix_norm(x, ord), nncore.tensor(matrix((3, 4))))


def test_singular_values_that_are_equal_have_a_gradient() -> None:
    x = nncore.tensor(np.eye(3), requires_grad=True)
    linalg.svdvals(x).sum().backward()
    close(x.grad, np.eye(3))
    x = nncore.tensor(np.eye(3), requires_grad=True)
    linalg.eigvalsh(x).sum().backward()
    close(x.grad, np.eye(3))


def test_what_has_no_answer_is_refused() -> None:
    zeros = nncore.zeros(2, 2)
    for call in (lambda: linalg.inv(zeros), lambda: linalg.solve(zeros, nncore.ones(2))):
        with pytest.raises(InvalidValueError, match="singular"):
            call()
    assert linalg.det(zeros).item() == 0
    assert [t.item() for t in linalg.slogdet(zeros)] == [0, -inf]
    with pytest.raises(InvalidValueError, match="positive definite"):
        linalg.cholesky(-nncore.eye(2))
    with pytest.raises(ShapeError, match="square") as caught:
        linalg.det(nncore.ones(2, 3))
    assert caught.value.op == "linalg_det"
    with pytest.raises(NNCoreError, match="do not fit"):
        linalg.solve(nncore.eye(2), nncore.ones(3, 1))
    with pytest.raises(InvalidValueError, match="ord"):
        linalg.matrix_norm(zeros, 3)
    with pytest.raises(ShapeError):
        linalg.matrix_norm(zeros, "fro", (0, 0))
    assert linalg.svd is ops.linalg_svd
