"""Python's operators on tensors: which op they stand for, what they do with numbers, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from nncore import _core as nc
from nncore.errors import DTypeError, NNCoreError

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
