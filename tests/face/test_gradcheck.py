"""The gradient check itself: it accepts what is right, and finds what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

import nncore as nc
from nncore import nn, ops
from nncore.errors import GradientError, InvalidValueError
from nncore.testing import gradcheck


def test_elements_at_a_kink_are_left_out_and_counted() -> None:
    result = gradcheck(ops.relu, np.array([-1.0, 0.0, 2.0, 3.0, -4.0]))
    assert (result.checked, result.skipped, result.where) == (4, 1, ["argument 0[1]"])
    with pytest.raises(GradientError, match="2 of 3 elements lie at kinks"):
        gradcheck(ops.relu, np.array([0.0, 0.0, 1.0]))


def test_the_inputs_keep_their_values_and_integers_pass_through() -> None:
    weight = nn.Linear(2, 2).to("float64")
    before = weight.weight.detach().numpy().copy()
    x = np.ones((3, 2))
    assert gradcheck(weight, x).checked == 6 + 4 + 2
    np.testing.assert_array_equal(weight.weight.detach().numpy(), before)
    assert gradcheck(lambda a, n: a * n, np.ones(2), 3).checked == 2


def test_a_part_that_gets_no_gradient_must_not_matter() -> None:
    # A gradient that is left out counts as zero, so that a forgotten one is found.
    with pytest.raises(GradientError, match="differences say"):
        gradcheck(lambda x: x + x.detach(), np.ones(2))
    assert gradcheck(lambda x, y: x * 1.0, np.ones(2), np.ones(2)).checked == 4


def test_the_second_order_is_checked_on_request() -> None:
    once = nc.custom_op(lambda x: x * x * x, name="cube")

    # Right at the first order, but the gradient hides that it depends on x.
    once.backward(lambda ctx, grad: grad * (ctx.inputs[0] * ctx.inputs[0] * 3).detach())
    assert gradcheck(once, np.array([1.0, 2.0])).checked == 2
    with pytest.raises(GradientError):
        gradcheck(once, np.array([1.0, 2.0]), order=2)


def test_what_cannot_be_checked_is_refused() -> None:
    with pytest.raises(GradientError, match="nothing to differentiate"):
        gradcheck(lambda n: n, 3)
    with pytest.raises(InvalidValueError, match="to\\('float64'\\)"):
        gradcheck(nn.Linear(1, 1), np.ones((1, 1)))
    with pytest.raises(InvalidValueError, match="order"):
        gradcheck(ops.relu, np.ones(1), order=3)
