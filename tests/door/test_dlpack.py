"""DLPack both ways, with NumPy and PyTorch as the other side."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from nncore import _core as nc
from nncore.errors import DTypeError

DTYPES = ["bool", "uint8", "int32", "int64", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_takes_our_memory(dtype: str) -> None:
    t = nc.ones(2, 3, dtype=dtype)
    a = np.from_dlpack(t)
    assert a.ctypes.data == t.data_ptr()
    assert a.dtype == dtype
    assert a.shape == (2, 3)
    assert np.from_dlpack(t, copy=True).ctypes.data != t.data_ptr()


@pytest.mark.parametrize("dtype", DTYPES)
def test_we_take_numpys_memory(dtype: str) -> None:
    a = np.arange(24).reshape(2, 3, 4).astype(dtype).transpose(1, 2, 0)
    t = nc.from_dlpack(a)
    assert t.data_ptr() == a.ctypes.data
    assert t.dtype.name == dtype
    np.testing.assert_array_equal(t.numpy(), a)
    assert nc.from_dlpack(a, copy=True).data_ptr() != a.ctypes.data


def test_strides_empties_and_scalars_pass() -> None:
    for shape in [(), (0,), (2, 0, 3), (1, 1), (4,)]:
        t = nc.zeros(shape)
        assert np.from_dlpack(t).shape == shape
        assert nc.from_dlpack(np.zeros(shape)).shape == shape
    x = nc.arange(6).reshape(2, 3).T
    np.testing.assert_array_equal(np.from_dlpack(x), [[0, 3], [1, 4], [2, 5]])


def test_each_side_keeps_the_memory_alive() -> None:
    a = np.from_dlpack(nc.full((1000,), 7.0))
    gc.collect()
    assert (a == 7).all()

    class Array(np.ndarray):
        pass

    source = np.zeros(3).view(Array)
    seen = weakref.ref(source)
    t = nc.from_dlpack(source)
    del source
    gc.collect()
    assert seen() is not None
    del t
    gc.collect()
    assert seen() is None


def test_a_capsule_is_used_once_and_freed_when_forgotten() -> None:
    t = nc.ones(3)
    capsule = t.__dlpack__()
    del capsule
    gc.collect()

    class Once:
        def __init__(self) -> None:
            self.capsule = t.__dlpack__(max_version=(1, 0))

        def __dlpack__(self, **_: object) -> object:
            return self.capsule

        def __dlpack_device__(self) -> tuple[int, int]:
            return (1, 0)

    once = Once()
    nc.from_dlpack(once)
    with pytest.raises(BufferError, match="used before"):
        nc.from_dlpack(once)


def test_refusals() -> None:
    with pytest.raises(BufferError, match="detach"):
        np.from_dlpack(nc.ones(2, requires_grad=True))
    with pytest.raises(DTypeError):
        nc.from_dlpack(np.zeros(2, np.complex64))
    with pytest.raises(TypeError, match="__dlpack__"):
        nc.from_dlpack([1, 2])
    frozen = np.zeros(2)
    frozen.flags.writeable = False
    t = nc.from_dlpack(frozen)
    with pytest.raises(ValueError, match="read-only"):
        t.fill_(1)
    assert not np.from_dlpack(t).flags.writeable
    with pytest.raises(BufferError, match="1.0"):
        t.__dlpack__()


def test_exporters_from_before_version_one() -> None:
    class Old:
        def __init__(self, a: np.ndarray) -> None:
            self.a = a

        def __dlpack__(self, stream: None = None) -> object:
            return self.a.__dlpack__()

        def __dlpack_device__(self) -> tuple[int, int]:
            return (1, 0)

    a = np.arange(3.0)
    assert nc.from_dlpack(Old(a)).data_ptr() == a.ctypes.data


def test_torch_both_ways() -> None:
    torch = pytest.importorskip("torch")
    t = nc.arange(6, dtype="float32").reshape(2, 3)
    theirs = torch.from_dlpack(t)
    assert theirs.data_ptr() == t.data_ptr()
    theirs += 1
    assert t.tolist() == [[1, 2, 3], [4, 5, 6]]
    back = nc.from_dlpack(theirs.T)
    assert back.data_ptr() == t.data_ptr()
    assert back.strides == (1, 3)
    assert nc.from_dlpack(torch.tensor([True, False])).tolist() == [True, False]
    assert nc.asarray(torch.ones(2)).tolist() == [1.0, 1.0]
