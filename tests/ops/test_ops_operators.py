"""Python's operators on tensors: which op they stand for, what they do with numbers, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from nncore import _core as nc
from nncore.errors import DTypeError, GradientError, NNCoreError

FLOATS = np.array([-2.5, -1.0, 0.5, 3.0], dtype=np.float32)
WHOLE = np.array([-7, 7, 3, 12])


def test_powers_with_a_number_on_either_side() -> None:
    x = nc.tensor(FLOATS)
    for exponent in (0, 1, 2, 3, -1, -2, 4):
        np.testing.assert_allclose((x**exponent).numpy(), FLOATS**exponent, rtol=1e-6)
    positive = np.abs(FLOATS)
    for root in (0.5, -0.5, 1.5, 1 / 3):
        np.testing.assert_allclose((nc.tensor(positive) ** root).numpy(), positive**root, rtol=1e-6)
    np.testing.assert_allclose((2**x).numpy(), 2**FLOATS, rtol=1e-6)
    np.testing.assert_allclose((2.5**x).numpy(), 2.5**FLOATS, rtol=1e-6)
    np.testing.assert_allclose(nc.ops.pow(2, x).numpy(), 2**FLOATS, rtol=1e-6)
    np.testing.assert_allclose(nc.ops.pow(x, 3).numpy(), FLOATS**3, rtol=1e-6)


def test_powers_keep_or_widen_the_dtype() -> None:
    whole = nc.tensor(WHOLE)
    assert (whole**2).dtype == nc.int64 and (whole**2).numpy().tolist() == [49, 49, 9, 144]
    assert (whole**0.5).dtype == nc.float32
    assert (nc.tensor(FLOATS) ** 2).dtype == nc.float32
    assert (nc.tensor(FLOATS.astype(np.float64)) ** 2.0).dtype == nc.float64
    assert (nc.tensor(np.array([True, False])) ** 2).numpy().tolist() == [1, 0]
    with pytest.raises(NNCoreError, match="negative powers"):
        whole**-1


def test_a_power_in_place() -> None:
    x = nc.tensor(FLOATS)
    x **= 2
    np.testing.assert_array_equal(x.numpy(), FLOATS**2)
    whole = nc.tensor(WHOLE)
    with pytest.raises(DTypeError, match="float32"):
        whole **= 0.5


def test_the_gradient_of_a_power() -> None:
    for exponent in (2, 3, 0.5, -0.5, -1, 1.7):
        x = nc.tensor(np.array([0.5, 2.0]), requires_grad=True)
        (x**exponent).sum().backward()
        assert x.grad is not None
        np.testing.assert_allclose(x.grad.numpy(), exponent * np.array([0.5, 2.0]) ** (exponent - 1))


def test_quotients_and_remainders_are_those_of_python() -> None:
    x, whole = nc.tensor(FLOATS), nc.tensor(WHOLE)
    for y in (2, -2, 0.75):
        np.testing.assert_array_equal((x // y).numpy(), FLOATS // np.float32(y))
        np.testing.assert_array_equal((x % y).numpy(), FLOATS % np.float32(y))
    for y in (2, -5):
        np.testing.assert_array_equal((whole // y).numpy(), WHOLE // y)
        np.testing.assert_array_equal((whole % y).numpy(), WHOLE % y)
        np.testing.assert_array_equal((y // whole).numpy(), y // WHOLE)
        np.testing.assert_array_equal((y % whole).numpy(), y % WHOLE)


def test_bits_of_integers_and_bool() -> None:
    whole, mask = nc.tensor(WHOLE), nc.tensor(WHOLE > 3)
    np.testing.assert_array_equal((whole & 5).numpy(), WHOLE & 5)
    np.testing.assert_array_equal((5 | whole).numpy(), 5 | WHOLE)
    np.testing.assert_array_equal((whole ^ whole).numpy(), WHOLE ^ WHOLE)
    np.testing.assert_array_equal((~whole).numpy(), ~WHOLE)
    np.testing.assert_array_equal((~mask & (whole > 0)).numpy(), ~(WHOLE > 3) & (WHOLE > 0))
    np.testing.assert_array_equal((mask | True).numpy(), [True] * 4)
    assert (mask & 1).dtype == nc.int64
    whole &= 3
    np.testing.assert_array_equal(whole.numpy(), WHOLE & 3)
    with pytest.raises(DTypeError, match="integers or bool"):
        nc.tensor(FLOATS) & nc.tensor(FLOATS)
    with pytest.raises(DTypeError, match="integers or bool"):
        ~nc.tensor(FLOATS)


def test_abs_and_round() -> None:
    x = nc.tensor(FLOATS)
    np.testing.assert_array_equal(abs(x).numpy(), np.abs(FLOATS))
    np.testing.assert_array_equal(round(x).numpy(), np.round(FLOATS))
    np.testing.assert_allclose(round(x / 7, 2).numpy(), np.round(FLOATS / 7, 2), rtol=1e-6)


def test_bounds_may_be_numbers_tensors_or_left_out() -> None:
    x = nc.tensor(FLOATS)
    np.testing.assert_array_equal(x.clamp(-1, 1).numpy(), np.clip(FLOATS, -1, 1))
    np.testing.assert_array_equal(x.clamp(max=0.25).numpy(), np.minimum(FLOATS, 0.25))
    np.testing.assert_array_equal(x.clamp(min=nc.zeros((4,))).numpy(), np.maximum(FLOATS, 0))
    assert nc.tensor(WHOLE).clamp(min=0.5).dtype == nc.float32
    assert nc.tensor(WHOLE).clamp(min=1).dtype == nc.int64
    with pytest.raises(NNCoreError, match="None for both"):
        x.clamp()


@pytest.mark.parametrize("dtype", [nc.float32, nc.float64])
def test_twins_work_in_place(dtype: nc.DType) -> None:
    values = np.array([-1.5, 0.5, 2.0], dtype.name)
    for name, arguments, want in (
        ("add", (2.0,), values + 2),
        ("sub", (nc.tensor([1.0]),), values - 1),
        ("mul", (values,), values * values),
        ("div", (2,), values / 2),
        ("relu", (), np.maximum(values, 0)),
        ("clamp", (-1.0, 1.0), np.clip(values, -1, 1)),
        ("masked_fill", (nc.tensor([True, False, True]), 7.0), [7, 0.5, 7]),
        ("index_add", (0, nc.tensor([0, 0]), nc.tensor([1.0, 2.0], dtype=dtype)), [1.5, 0.5, 2.0]),
        ("neg", (), -values),
        ("pow", (2,), values**2),
        ("lerp", (nc.tensor(np.zeros(3, dtype.name)), 0.5), values / 2),
    ):
        x = nc.tensor(values.copy())
        view = x[1:]
        given = [nc.tensor(a) if isinstance(a, np.ndarray) else a for a in arguments]
        assert getattr(x, f"{name}_")(*given) is x
        assert x.dtype == dtype
        np.testing.assert_allclose(x.numpy(), want, rtol=1e-6, err_msg=name)
        np.testing.assert_array_equal(view.numpy(), x.numpy()[1:])


def test_twins_keep_dtype_and_shape_or_refuse() -> None:
    x = nc.tensor([1.0, 2.0])
    assert x.add_(nc.tensor([1.0, 1.0], dtype=nc.float64)).dtype == nc.float32
    assert x.mul_(nc.tensor([2, 3])).tolist() == [4.0, 9.0]
    assert x.gt_(5.0).tolist() == [0.0, 1.0]
    whole = nc.tensor([1, 2])
    with pytest.raises(DTypeError, match="float32 and can not be kept in int64"):
        whole.add_(0.5)
    with pytest.raises(NNCoreError, match="can not be kept"):
        x.add_(nc.ones((3, 2)))
    assert x.tolist() == [0.0, 1.0] and whole.tolist() == [1, 2]


def test_twins_leave_the_tape_alone() -> None:
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GradientError, match="requires a gradient"):
        x.add_(1.0)
    with pytest.raises(GradientError, match="requires a gradient"):
        (x * 2).mul_(2.0)
    with pytest.raises(GradientError, match="on the tape"):
        nc.tensor([1.0, 2.0]).add_(x)
    with nc.no_grad():
        x.add_(1.0)
    assert x.tolist() == [2.0, 3.0]
    # A value that backward needs has another version then.
    factor = nc.tensor([3.0, 4.0])
    y = (x * factor).sum()
    factor.zero_()
    with pytest.raises(NNCoreError, match="mul"):
        y.backward()
