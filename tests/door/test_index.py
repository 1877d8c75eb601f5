"""Indexing agrees with NumPy; views are views, gradients come back, and assignments change the memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore import _core as nc
from nncore.errors import CaptureError, DTypeError, GradientError, InvalidValueError, OutOfRangeError, ShapeError

SHAPE = (3, 4, 5)
A = np.arange(60.0).reshape(SHAPE)
M = A[0] % 3 == 0

BASIC: list[Any] = [
    0,
    -1,
    np.int64(2),
    slice(1, None),
    slice(None, None, 2),
    slice(5, 2),
    slice(-2, None),
    None,
    ...,
    (0, 1),
    (0, 1, 2),
    (slice(None), -1),
    (..., 0),
    (0, ..., 0),
    (None, 0, None, slice(1, 3)),
    (..., None),
    (slice(0, 2), slice(1, 4, 2), slice(None)),
    (),
]
GATHERS: list[Any] = [
    [0, 2],
    [[0, 1], [2, -1]],
    np.array([2, 0, -3]),
    (slice(None), [0, 3, -1]),
    (..., [4, 0]),
    ([0, 1], [2, 3]),
    ([0, -1], slice(None), [2, -3]),
    (slice(None), [0, 1], [[2], [3]]),
    (slice(None), [[0], [1]], [2, 3, 4]),
    ([0, 2], [1, 1], [4, 0]),
    (slice(1, 3), [0, 1], None),
    A > 20,
    A[:, :, 0] > 20,
    (slice(None), M),
    (M[:, 0][:3], 1),
    (slice(None), slice(None), np.array([True, False, True, True, False])),
    (A[..., 0] > 30, [0]),
    [],
    np.zeros((0,), np.int64),
]


def plain(key: Any) -> Any:
    """Masks and arrays as tensors, to index with these too."""
    if isinstance(key, tuple):
        return tuple(map(plain, key))
    return nc.tensor(key) if isinstance(key, np.ndarray) else key


def for_numpy(key: Any) -> Any:
    """NumPy takes an empty list for floats."""
    return np.array(key, np.int64) if isinstance(key, list) and not key else key


@pytest.mark.parametrize("key", BASIC + GATHERS, ids=str)
def test_reading_agrees_with_numpy(key: Any) -> None:
    x = nc.from_numpy(A)
    want = A[for_numpy(key)]
    for k in (key, plain(key)):
        got = x[k]
        assert got.shape == np.shape(want)
        np.testing.assert_array_equal(got.numpy(), want)


@pytest.mark.parametrize("key", BASIC, ids=str)
def test_basic_indices_are_views(key: Any) -> None:
    x = nc.zeros(SHAPE)
    view = x[key]
    view.fill_(1)
    want = np.zeros(SHAPE)
    want[key] = 1
    np.testing.assert_array_equal(x.numpy(), want)


@pytest.mark.parametrize("key", BASIC + GATHERS, ids=str)
def test_gradients_come_back(key: Any) -> None:
    x = nc.tensor(A, requires_grad=True)
    y = x[key]
    weight = np.arange(1.0, y.numel() + 1).reshape(y.shape)
    (y * nc.tensor(weight)).sum().backward()
    want = np.zeros(SHAPE)
    np.add.at(want, for_numpy(key), weight)
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), want)


@pytest.mark.parametrize("key", BASIC + GATHERS, ids=str)
def test_assigning_agrees_with_numpy(key: Any) -> None:
    index = for_numpy(key)
    for value in (7, -1.5, np.full(np.shape(A[index]), 3.0), nc.tensor(2, dtype="int64")):
        x, want = nc.tensor(A), A.copy()
        version = x._version
        x[plain(key)] = value
        want[index] = value.item() if isinstance(value, nc.Tensor) else value
        np.testing.assert_array_equal(x.numpy(), want)
        assert x._version > version


MIXED: list[Any] = [
    (0, slice(None), [0, 3, 3, 1]),
    ([1, 0], slice(None), 2),
    (slice(None), 1, [4, 0]),
    (None, [0, 2], 1, slice(1, 4)),
    (0, slice(None, None, 2), np.array([True, False, True, True, False])),
    (1, M),
    (-1, ..., None, [0, 2]),
]


@pytest.mark.parametrize("key", MIXED, ids=str)
def test_ints_stand_where_they_are_in_reading_and_in_assigning(key: Any) -> None:
    # The ints and slices make a view, and what is left of the index is NumPy's: so it is in PyTorch.
    parts = [slice(None) if isinstance(k, list | np.ndarray) else k for k in key]
    a = A.copy()
    left = [k for k in key if not isinstance(k, int)]
    view = a[tuple(p if isinstance(p, int) or p is ... else slice(None) for p in parts if p is not None)]
    x = nc.tensor(A)
    shape = x[plain(key)].shape
    assert shape == view[tuple(left)].shape
    value = -1.0 - np.arange(np.prod(shape)).reshape(shape)
    view[tuple(left)] = value
    x[plain(key)] = value
    np.testing.assert_array_equal(x.numpy(), a)


@settings(max_examples=200)
@given(st.data())
def test_any_slices_of_any_strided_tensor(data: st.DataObject) -> None:
    a = A.transpose(data.draw(st.permutations(range(3))))
    bound = st.none() | st.integers(-7, 7)
    part = st.integers(-3, 2) | st.builds(slice, bound, bound, st.none() | st.integers(1, 4)) | st.just(None)
    key = tuple(data.draw(st.lists(part, max_size=4).filter(lambda k: sum(e is not None for e in k) <= 3)))
    x = nc.from_numpy(a)
    np.testing.assert_array_equal(x[key].numpy(), a[key])


def test_mistakes() -> None:
    x = nc.zeros(SHAPE)
    for key in (3, -4, (0, 0, 0, 0), (..., ...), (0, 9)):
        with pytest.raises(OutOfRangeError) as caught:
            x[key]
        assert isinstance(caught.value, IndexError)
    with pytest.raises(InvalidValueError, match="out of range"):
        x[[0, 3]]
    with pytest.raises(InvalidValueError, match="out of range"):
        x[[0, 1], [0, 4]]
    with pytest.raises(InvalidValueError, match="step"):
        x[::-1]
    with pytest.raises(IndexError, match="mask"):
        x[nc.tensor([True, False])]
    with pytest.raises(ShapeError, match="broadcast"):
        x[[0, 1], [0, 1, 2]]
    with pytest.raises(DTypeError):
        x[nc.tensor([0.0])]
    for key in ("a", 1.5, True, {}):
        with pytest.raises(TypeError):
            x[key]  # type: ignore[index]
    for key in (0, [0, 1], nc.zeros(SHAPE, dtype="bool")):
        with pytest.raises(ValueError):
            x[key] = nc.zeros(7)
    w = nc.zeros(3, requires_grad=True)
    with pytest.raises(GradientError):
        w[0] = 1
    with pytest.raises(GradientError):
        nc.zeros(3)[0:2] = w[:2]
    with nc.no_grad():
        w[0] = 1
    assert w.tolist() == [1, 0, 0]


def test_iterating() -> None:
    x = nc.from_numpy(A)
    assert [r.shape for r in x] == [(4, 5)] * 3 and len(list(nc.zeros(0, 2))) == 0
    a, _, _ = x
    assert a.data_ptr() == x.data_ptr()
    with pytest.raises(TypeError):
        iter(nc.tensor(1.0))
    assert 3.0 in x and 99 not in x


def test_indexing_is_recorded() -> None:
    rows = nc.tensor([0, 1])

    def step(x: nc.Tensor, i: nc.Tensor) -> nc.Tensor:
        y = x[1:, None]
        z = x[i, i]
        x[0] = 9
        return (y.sum() + z.sum() + x[0].sum()).reshape(1)

    x = nc.tensor(A)
    (first,), program = nc.record(step, [x, rows])
    want = A[1:].sum() + A[[0, 1], [0, 1]].sum() + 9 * 20
    assert first.item() == want
    y = nc.tensor(A + 1)
    assert program(y, nc.tensor([2, -2]))[0].item() == (A + 1)[1:].sum() + (A + 1)[[2, -2], [2, -2]].sum() + 9 * 20
    assert y[0].tolist() == np.full((4, 5), 9).tolist()
    with pytest.raises(ValueError, match="out of range"):
        program(y, nc.tensor([0, 3]))
    with pytest.raises(CaptureError):
        nc.record(lambda x: x[x > 1], [nc.zeros(3)])
    z = nc.zeros(3)
    _, assigned = nc.record(lambda x, i: x.__setitem__(i, 1.0), [z, rows])
    assert z.tolist() == [1, 1, 0]
    assigned(z, nc.tensor([2, 2]))
    assert z.tolist() == [1, 1, 1]
