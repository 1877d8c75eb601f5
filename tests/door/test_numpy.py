"""Memory shared with NumPy: the same addresses, the same values, and refusals where sharing would lie."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore import _core as nc
from nncore.errors import DTypeError, GradientError, InvalidValueError, LayoutError, ShapeError

DTYPES = ["bool", "uint8", "int32", "int64", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_are_shared_both_ways(dtype: str) -> None:
    a = np.arange(12).reshape(3, 4).astype(dtype)
    t = nc.from_numpy(a)
    assert t.data_ptr() == a.ctypes.data
    assert t.dtype.name == dtype
    back = t.numpy()
    assert back.ctypes.data == a.ctypes.data
    assert back.dtype == a.dtype
    a[1, 2] = 1 - a[1, 2].astype("int64")
    np.testing.assert_array_equal(back, a)


def test_strides_are_kept() -> None:
    a = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for view in (a.transpose(2, 0, 1), a[:, ::2, 1:], np.broadcast_to(a[:, :1], a.shape), a[:0], a[..., None]):
        t = nc.from_numpy(view)
        assert t.data_ptr() == view.ctypes.data
        assert t.shape == view.shape
        np.testing.assert_array_equal(t.numpy(), view)
        np.testing.assert_array_equal(nc.ops.copy(t, "contiguous").numpy(), view)


@given(
    st.lists(st.integers(0, 4), max_size=4),
    st.permutations(range(4)),
    st.lists(st.integers(1, 3), min_size=4, max_size=4),
)
def test_any_positive_strided_view_is_the_same_numbers(shape: list[int], order: list[int], steps: list[int]) -> None:
    a = np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
    a = a.transpose([i for i in order if i < len(shape)])
    a = a[(*(slice(None, None, s) for s in steps[: len(shape)]), ...)]
    np.testing.assert_array_equal(nc.from_numpy(a).numpy(), a)
    np.testing.assert_array_equal(nc.tensor(a).numpy(), a)


def test_the_array_lives_as_long_as_the_tensor_and_the_other_way() -> None:
    class Array(np.ndarray):
        pass

    a = np.zeros(3).view(Array)
    seen = weakref.ref(a)
    t = nc.from_numpy(a)
    del a
    gc.collect()
    assert seen() is not None
    del t
    gc.collect()
    assert seen() is None
    view = nc.tensor([1.0, 2.0, 3.0]).numpy()
    gc.collect()
    np.testing.assert_array_equal(view, [1.0, 2.0, 3.0])
    assert isinstance(view.base, nc.Tensor)


def test_what_can_not_be_shared_says_so() -> None:
    with pytest.raises(LayoutError, match="negative strides"):
        nc.from_numpy(np.arange(3.0)[::-1])
    with pytest.raises(DTypeError, match="astype"):
        nc.from_numpy(np.zeros(3, np.complex64))
    with pytest.raises(DTypeError):
        nc.from_numpy(np.zeros(3, ">f4"))
    record = np.zeros(3, dtype=[("a", "i4"), ("b", "u1"), ("c", "i4")])
    with pytest.raises(LayoutError):
        nc.from_numpy(record["c"])
    with pytest.raises(ShapeError):
        nc.from_numpy(np.zeros((1,) * 9))
    with pytest.raises(TypeError, match="numpy.ndarray"):
        nc.from_numpy([1.0])  # type: ignore[arg-type]


def test_tensor_copies_what_from_numpy_refuses() -> None:
    for a in (np.arange(3.0)[::-1], np.arange(3, dtype=">i4"), np.arange(6, dtype=np.int32).reshape(2, 3)[::-1, ::-1]):
        t = nc.tensor(a)
        assert t.data_ptr() != a.ctypes.data
        np.testing.assert_array_equal(t.numpy(), a)


def test_a_read_only_array_is_not_written() -> None:
    a = np.arange(3.0)
    a.flags.writeable = False
    t = nc.from_numpy(a)
    assert not t.numpy().flags.writeable
    with pytest.raises(InvalidValueError, match="read-only"):
        t += 1
    with pytest.raises(InvalidValueError, match="read-only"):
        t.fill_(2)
    np.testing.assert_array_equal(a, [0, 1, 2])


def test_a_parameter_is_read_only_and_the_tape_is_not_read() -> None:
    w = nc.tensor([1.0, 2.0], requires_grad=True)
    assert not w.numpy().flags.writeable
    assert w.numpy().ctypes.data == w.data_ptr()
    with pytest.raises(GradientError, match="detach"):
        (w * 2).numpy()
    np.testing.assert_array_equal((w * 2).detach().numpy(), [2, 4])
    np.testing.assert_array_equal((w * 2).numpy(force=True), [2, 4])
    with pytest.raises(GradientError):
        np.asarray(w * 2)


def test_array_protocol() -> None:
    t = nc.tensor([1.5, 2.5])
    assert np.asarray(t).ctypes.data == t.data_ptr()
    assert np.array(t).ctypes.data != t.data_ptr()
    assert np.asarray(t, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError):
        np.array(t, dtype=np.float64, copy=False)
    assert np.zeros(2, dtype=t.dtype).dtype == np.float32
    np.testing.assert_allclose(np.exp(t), np.exp([1.5, 2.5]), rtol=1e-6)


def test_numpy_leaves_operators_to_the_tensor() -> None:
    t = nc.tensor([1.0, 2.0])
    for left in (np.array([3.0, 4.0]), np.float64(3.0), np.float32(3.0), np.int64(3)):
        assert isinstance(left * t, nc.Tensor)
        np.testing.assert_array_equal((left - t).numpy(), left - np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.5, "float32"),
        (3, "int64"),
        (True, "bool"),
        ([1.5, 2], "float32"),
        ([[1, 2], [3, 4]], "int64"),
        ([True, False], "bool"),
        (np.float64([1.5]), "float64"),
        (np.float64(1.5), "float64"),
        (np.int32(3), "int32"),
        ([], "float32"),
        ((), "float32"),
        (range(4), "int64"),
    ],
)
def test_dtypes_of_python_data(data: object, dtype: str) -> None:
    t = nc.tensor(data)
    assert t.dtype.name == dtype
    np.testing.assert_array_equal(t.numpy(), np.asarray(data))


def test_data_that_is_no_numbers() -> None:
    for bad in ("abc", None, [None], {"a": 1}, [object()]):
        with pytest.raises(DTypeError):
            nc.tensor(bad)
    with pytest.raises(ShapeError):
        nc.tensor([[1.0], [1.0, 2.0]])


def test_tensor_copies_a_tensor_and_asarray_does_not() -> None:
    t = nc.tensor([1.0, 2.0])
    assert nc.tensor(t).data_ptr() != t.data_ptr()
    assert nc.asarray(t) is t
    a = np.zeros(3, np.float32)
    assert nc.asarray(a).data_ptr() == a.ctypes.data
    assert nc.asarray(a, copy=True).data_ptr() != a.ctypes.data
    assert nc.asarray(a[::-1]).shape == (3,)
    with pytest.raises(LayoutError):
        nc.asarray(a[::-1], copy=False)
    assert nc.asarray([1, 2], dtype=nc.float64).dtype == nc.float64


def test_creation_agrees_with_numpy() -> None:
    np.testing.assert_array_equal(nc.arange(5).numpy(), np.arange(5))
    np.testing.assert_array_equal(nc.arange(2, 11, 3).numpy(), np.arange(2, 11, 3))
    np.testing.assert_array_equal(nc.arange(5, 0, -2).numpy(), np.arange(5, 0, -2))
    np.testing.assert_allclose(nc.arange(0, 1, 0.1, dtype="float64").numpy(), np.arange(0, 1, 0.1), rtol=1e-15)
    for n in (0, 1, 2, 7):
        np.testing.assert_allclose(
            nc.linspace(-1, 2, n, dtype="float64").numpy(), np.linspace(-1, 2, n), rtol=1e-15, atol=1e-15
        )
    np.testing.assert_array_equal(nc.eye(3).numpy(), np.eye(3))
    np.testing.assert_array_equal(nc.eye(2, 4, dtype="int64").numpy(), np.eye(2, 4))
    assert nc.zeros(2, 3).shape == nc.ones((2, 3)).shape == (2, 3)
    assert nc.zeros(()).shape == () and nc.zeros(0).shape == (0,)
    assert nc.full((2,), 3).dtype == nc.int64 and nc.full(2, 3.0).dtype == nc.float32
    assert nc.full((2,), 3, dtype=nc.float32).tolist() == [3.0, 3.0]
    with pytest.raises(ShapeError):
        nc.zeros(-1)
    with pytest.raises(InvalidValueError):
        nc.arange(0, 1, 0)


def test_like_keeps_the_memory_order() -> None:
    x = nc.zeros(2, 3, 4, 5).contiguous("channels_last")
    assert x.strides == (60, 1, 15, 3)
    for made in (nc.zeros_like(x), nc.ones_like(x), nc.full_like(x, 2), nc.empty_like(x)):
        assert made.strides == x.strides
    assert nc.ones_like(x, dtype="int64").dtype == nc.int64


def test_large_ints_are_exact() -> None:
    for n in (2**53 + 1, -(2**62) - 1, 2**63 - 1):
        assert nc.tensor(n).item() == n
        assert (nc.tensor([0]) + n).tolist() == [n]
    with pytest.raises(InvalidValueError):
        nc.tensor([1], dtype="uint8") + 300


def test_an_array_that_reaches_too_far_is_refused() -> None:
    far = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (3,), (1_800_000_000,))
    with pytest.raises(LayoutError, match="3600000001 elements"):
        nc.from_numpy(far)


def test_adding_in_place_reads_the_old_values() -> None:
    x = np.random.default_rng(0).random((300, 300))
    t = nc.tensor(x)
    t += t.T
    np.testing.assert_array_equal(t.numpy(), x + x.T)


def test_an_expanded_tensor_is_not_changed_in_place() -> None:
    e = nc.zeros(2).expand(3, 2)
    with pytest.raises(LayoutError, match="clone"):
        e += nc.ones(3, 2)
    assert e.tolist() == [[0, 0]] * 3
