"""Properties that hold for any shapes: drawn by Hypothesis, empty and 0-d ones among them, and compared with NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncore import _core as nc
from nncore.errors import ShapeError

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
FLOATS = st.floats(-100, 100, width=32)
DTYPES = ("bool", "uint8", "int32", "int64", "float32", "float64")
BINARY = {"add": np.add, "sub": np.subtract, "mul": np.multiply}


def numbers(shape: tuple[int, ...], dtype: str = "float64", seed: int = 0) -> np.ndarray[Any, Any]:
    """Values that are different from each other and small enough for every dtype."""
    size = int(np.prod(shape))
    return ((np.arange(size) * 7 + seed) % 11 + 1).reshape(shape).astype(dtype)


def strided(array: np.ndarray[Any, Any], how: int) -> nc.Tensor:
    """The array as a tensor whose strides are row-major, turned, or of every second element."""
    if how == 0 or array.ndim == 0:
        return nc.tensor(array)
    if how == 1:
        order = tuple(reversed(range(array.ndim)))
        return nc.tensor(np.ascontiguousarray(array.transpose(order))).permute(order)
    wide = np.repeat(array, 2, axis=-1)
    return nc.from_numpy(wide[..., ::2])


@given(
    hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4), st.sampled_from(sorted(BINARY)), st.data()
)
def test_broadcasting_is_numpys(shapes: Any, name: str, data: st.DataObject) -> None:
    a, b = (numbers(shape, seed=k) for k, shape in enumerate(shapes.input_shapes))
    how = [data.draw(st.integers(0, 2)) for _ in range(2)]
    got = getattr(nc.ops, name)(strided(a, how[0]), strided(b, how[1]))
    assert got.shape == shapes.result_shape
    np.testing.assert_array_equal(got.numpy(), BINARY[name](a, b))


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4))
def test_the_gradient_of_a_broadcast_is_the_sum_over_it(shapes: Any) -> None:
    a, b = (nc.tensor(numbers(shape, seed=k), requires_grad=True) for k, shape in enumerate(shapes.input_shapes))
    (a * b).sum().backward()
    whole = shapes.result_shape
    for leaf, other in ((a, b), (b, a)):
        spread = np.broadcast_to(other.detach().numpy(), whole)
        lead = len(whole) - leaf.ndim
        axes = (*range(lead), *(k for k in range(lead, len(whole)) if leaf.shape[k - lead] == 1))
        want = spread.sum(axis=axes, keepdims=True).reshape(leaf.shape)
        np.testing.assert_allclose(leaf.grad.numpy(), want, rtol=1e-12)


@given(SHAPES, SHAPES, st.sampled_from(sorted(BINARY)))
def test_shapes_that_do_not_broadcast_are_refused(left: Any, right: Any, name: str) -> None:
    try:
        np.broadcast_shapes(left, right)
    except ValueError:
        with pytest.raises(ShapeError) as caught:
            getattr(nc.ops, name)(nc.zeros(left), nc.zeros(right))
        assert caught.value.op == name
        assert caught.value.shapes == (left, right)
    else:
        assert getattr(nc.ops, name)(nc.zeros(left), nc.zeros(right)).shape == np.broadcast_shapes(left, right)


@pytest.mark.parametrize("left", DTYPES)
@pytest.mark.parametrize("right", DTYPES)
def test_dtypes_promote_by_the_array_api(left: str, right: str) -> None:
    got = (
        nc.ops.add(nc.tensor(numbers((3,), left)), nc.tensor(numbers((3,), right)))
        if (left, right) != ("bool", "bool")
        else None
    )
    if got is None:
        return
    order = DTYPES.index
    # The Array API's table, and for its gaps: an integer or a bool with a float gives the float.
    want = max(left, right, key=order)
    assert str(got.dtype).removeprefix("nncore.") == want
    np.testing.assert_array_equal(got.numpy(), numbers((3,), left).astype(want) + numbers((3,), right).astype(want))


@given(SHAPES, st.data())
def test_sums_over_any_dimensions(shape: Any, data: st.DataObject) -> None:
    dims = data.draw(st.none() | st.sets(st.integers(-len(shape), len(shape) - 1)) if shape else st.none())
    if dims is not None:
        axes = {d % len(shape) for d in dims}
        dims = tuple(axes) or None
    keep, how = data.draw(st.booleans()), data.draw(st.integers(0, 2))
    x = numbers(shape)
    got = strided(x, how).sum(dim=dims, keepdim=keep)
    want = x.sum(axis=dims, keepdims=keep)
    assert got.shape == want.shape
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-12)


@given(
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(0, 40),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["float32", "float64"]),
)
def test_products_of_any_size(m: int, k: int, n: int, turn_a: bool, turn_b: bool, dtype: str) -> None:
    rng = np.random.default_rng(m * 1681 + k * 41 + n)
    a, b = rng.standard_normal((m, k)), rng.standard_normal((k, n))
    left = (
        nc.tensor(a.astype(dtype)) if not turn_a else nc.tensor(np.ascontiguousarray(a.T.astype(dtype))).permute((1, 0))
    )
    right = (
        nc.tensor(b.astype(dtype)) if not turn_b else nc.tensor(np.ascontiguousarray(b.T.astype(dtype))).permute((1, 0))
    )
    got = nc.ops.matmul(left, right).numpy()
    # The error of a sum of k products, each factor rounded: k + 2 roundings of its absolute value.
    bound = (k + 2) * np.finfo(dtype).eps * (np.abs(a) @ np.abs(b)) + 1e-30
    assert got.shape == (m, n)
    assert (np.abs(got - a @ b) <= bound).all()


@given(SHAPES, st.data())
def test_reshape_keeps_the_order(shape: Any, data: st.DataObject) -> None:
    x, how = numbers(shape), data.draw(st.integers(0, 2))
    got = strided(x, how).reshape((x.size,))
    np.testing.assert_array_equal(got.numpy(), x.reshape(-1))
    np.testing.assert_array_equal(got.reshape(shape).numpy(), x)


@given(SHAPES.filter(len), st.data())
def test_permuting_there_and_back(shape: Any, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(shape))))
    x = numbers(shape)
    got = nc.tensor(x).permute(tuple(order))
    np.testing.assert_array_equal(got.numpy(), x.transpose(order))
    np.testing.assert_array_equal(got.permute(tuple(int(k) for k in np.argsort(order))).numpy(), x)


@given(st.lists(FLOATS, max_size=70))
def test_relu_of_any_length(values: list[float]) -> None:
    x = np.array(values, np.float32)
    np.testing.assert_array_equal(nc.ops.relu(nc.tensor(x)).numpy(), np.maximum(x, 0))


@given(
    st.integers(1, 3), st.integers(1, 4), st.integers(1, 8), st.integers(1, 8), st.integers(1, 4), st.integers(1, 3),
    st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.sampled_from(["float32", "float64"]),
)  # fmt: skip
def test_convolutions_of_any_geometry(
    n: int, c: int, h: int, w: int, o: int, kernel: int, stride: int, padding: int, dilation: int, dtype: str
) -> None:
    from references import REFERENCES

    span = dilation * (kernel - 1) + 1
    rng = np.random.default_rng(n + 10 * c + 100 * h + 1000 * w)
    x, weight, bias = (
        rng.standard_normal((n, c, h, w)),
        rng.standard_normal((o, c, kernel, kernel)),
        rng.standard_normal(o),
    )
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    given_ = [nc.tensor(a.astype(dtype)) for a in (x, weight, bias)]
    if span > min(h, w) + 2 * padding:
        with pytest.raises(ShapeError, match="window"):
            nc.ops.conv2d(*given_, **settings)
        return
    got = nc.ops.conv2d(*given_, **settings).numpy()
    want = REFERENCES["conv2d"](x, weight, bias, **settings)
    size = REFERENCES["conv2d"](np.abs(x), np.abs(weight), np.abs(bias), **settings)
    assert (np.abs(got - want) <= (c * kernel**2 + 3) * np.finfo(dtype).eps * size).all()
