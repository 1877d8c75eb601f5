"""Ops of one's own: compositions with a gradient of their own, and ops on NumPy arrays."""

from __future__ import annotations

import numpy as np
import pytest

import nncore as nc
from nncore import ops
from nncore.errors import GradientError, InvalidValueError, ShapeError
from nncore.testing import gradcheck

rng = np.random.default_rng(0)


@nc.custom_op
def square(x: nc.Tensor, factor: float = 1.0) -> nc.Tensor:
    return x * x * factor


@square.backward
def _(ctx, grad):
    return grad * ctx.inputs[0] * (2 * ctx.arguments["factor"])


@nc.custom_op
def product_and_sum(x: nc.Tensor, y: nc.Tensor) -> tuple[nc.Tensor, nc.Tensor]:
    return x * y, x + y


@product_and_sum.backward
def _(ctx, product, total):
    x, y = ctx.inputs
    return product * y + total, product * x + total


@nc.custom_op(numpy=True)
def sorted_rows(x):
    return np.sort(x, axis=1)


@sorted_rows.backward
def _(ctx, grad):
    back = np.empty_like(grad)
    np.put_along_axis(back, np.argsort(ctx.inputs[0], axis=1), grad, axis=1)
    return back


@nc.custom_op(numpy=True, shape=lambda x, axis: [x.shape[:1], (x.shape[:1], "int64")])
def peak(x, axis):
    return x.max(axis=axis), x.argmax(axis=axis)


def test_a_composition_uses_its_own_gradient_and_can_be_differentiated_twice() -> None:
    assert gradcheck(lambda x: square(x, factor=3.0), rng.standard_normal(5), order=2).skipped == 0
    assert gradcheck(product_and_sum, rng.standard_normal((2, 3)), rng.standard_normal((2, 3)), order=2).skipped == 0


def test_the_tape_sees_one_op() -> None:
    x = nc.ones((2,), requires_grad=True)
    assert square(x).grad_fn == "square"
    with nc.no_grad():
        assert square(x).grad_fn is None
    assert square(nc.ones((2,))).grad_fn is None


def test_a_wrong_gradient_is_found_and_an_own_one_is_used() -> None:
    @nc.custom_op
    def double(x):
        return x * 2

    assert gradcheck(double, rng.standard_normal(3)).checked == 3  # that of its ops
    double.backward(lambda ctx, grad: grad * 3)
    with pytest.raises(GradientError, match="the derivative by argument 0"):
        gradcheck(double, rng.standard_normal(3))


def test_an_op_on_arrays_has_values_and_a_gradient() -> None:
    x = rng.standard_normal((3, 4))
    np.testing.assert_array_equal(sorted_rows(nc.tensor(x)).numpy(), np.sort(x, axis=1))
    assert gradcheck(sorted_rows, x).checked == 12
    # A transposed view reaches the function row-major.
    np.testing.assert_array_equal(sorted_rows(nc.tensor(x).T).numpy(), np.sort(x.T, axis=1))


def test_an_op_on_arrays_may_have_several_outputs_of_other_shapes() -> None:
    x = rng.standard_normal((3, 4))
    top, where = peak(nc.tensor(x), axis=1)
    np.testing.assert_array_equal(top.numpy(), x.max(1))
    np.testing.assert_array_equal(where.numpy(), x.argmax(1))
    assert where.dtype == nc.int64


def test_mistakes_are_told() -> None:
    @nc.custom_op(numpy=True)
    def shrinks(x):
        return x[:1]

    with pytest.raises(ShapeError, match=r"output 0 has shape \[1\], expected \[3\]"):
        shrinks(nc.ones((3,)))
    with pytest.raises(InvalidValueError, match="no tensor"):
        square(3.0)
    square_of_two = nc.custom_op(lambda x, y: x * y, name="two")
    square_of_two.backward(lambda ctx, grad: grad)
    x = nc.ones((2,), requires_grad=True)
    with pytest.raises(GradientError, match="1 gradients for 2 tensors"):
        square_of_two(x, x).sum().backward()

    @nc.custom_op(numpy=True)
    def raises(x):
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        raises(nc.ones((3,)))


def test_what_backward_needs_may_not_be_overwritten() -> None:
    leaf = nc.ones((2,), requires_grad=True)
    x = leaf * 1.0
    y = square(x)
    with nc.no_grad():
        x.detach().fill_(5.0)
    with pytest.raises(nc.errors.OverwrittenError):
        y.sum().backward()


def test_a_gradient_that_its_author_keeps_stays_as_it_was() -> None:
    kept = nc.tensor([1.0, 2.0])
    triple = nc.custom_op(lambda x: x * 3, name="kept")
    triple.backward(lambda ctx, grad: kept)
    x = nc.ones((2,), requires_grad=True)
    for times in (1, 2):
        triple(x).sum().backward()
        np.testing.assert_array_equal(x.grad.numpy(), [1.0 * times, 2.0 * times])
    np.testing.assert_array_equal(kept.numpy(), [1.0, 2.0])


def test_gradients_of_used_once_more_inputs_add_up() -> None:
    x = nc.tensor([1.0, 2.0], requires_grad=True)
    (square(x) + square(x, 2.0)).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [6.0, 12.0])
    assert ops is nc.ops
