"""What PyTorch's functions mean where NumPy's mean something else, or have no word for it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import ops
from nncore.errors import CaptureError, DTypeError, InvalidValueError, NNCoreError, OutOfRangeError, ShapeError

INF, NAN = math.inf, math.nan
X = np.arange(24.0).reshape(2, 3, 4)


def leaf(values: Any, dtype: str = "float64") -> nc.Tensor:
    return nc.tensor(np.asarray(values, dtype), requires_grad=True)


def grad(x: nc.Tensor) -> np.ndarray[Any, Any]:
    assert x.grad is not None
    return x.grad.numpy()


@pytest.mark.parametrize(
    "name", ["sum", "mean", "nansum", "nanmean", "amax", "amin", "var", "std", "norm", "logsumexp"]
)
def test_a_list_of_no_dimensions_is_all_of_them(name: str) -> None:
    f = getattr(ops, name)
    every = f(nc.tensor(X), dim=[0, 1, 2])
    assert f(nc.tensor(X), dim=[]).shape == ()
    assert f(nc.tensor(X), dim=()).item() == every.item()
    assert f(nc.tensor(X), dim=[], keepdim=True).shape == (1, 1, 1)
    x = leaf(X)
    f(x, dim=[]).backward()
    y = leaf(X)
    f(y, dim=[0, 1, 2]).backward()
    np.testing.assert_array_equal(grad(x), grad(y))


def test_a_list_of_no_dimensions_is_none_where_order_or_truth_is_asked_for() -> None:
    x = nc.tensor([[0.0, 2.0]])
    np.testing.assert_array_equal(ops.any(x, dim=[]).numpy(), [[False, True]])
    np.testing.assert_array_equal(ops.all(x, dim=[]).numpy(), [[False, True]])
    np.testing.assert_array_equal(ops.flip(x, []).numpy(), x.numpy())
    assert ops.squeeze(x, []).shape == (1, 2)
    assert ops.count_nonzero(x, dim=[]).item() == 1


def test_truths_of_uint8_are_uint8() -> None:
    x = nc.tensor(np.array([[0, 3], [0, 0]], np.uint8))
    for f, want in ((ops.any, [1, 0]), (ops.all, [0, 0])):
        assert f(x).dtype == nc.uint8 and f(x, dim=1).dtype == nc.uint8
        np.testing.assert_array_equal(f(x, dim=1).numpy(), want)
    assert ops.any(nc.tensor([3])).dtype == nc.bool


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(4,), (70, 3), (3, 70), (1000,), (100_000,)])
def test_an_infinite_element_makes_the_mean_infinite_and_the_spread_unknown(dtype: str, shape: tuple[int, ...]) -> None:
    for value in (INF, -INF):
        x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
        x[x.shape[0] // 2, ...] = value
        for f in (ops.var_mean, ops.std_mean):
            spread, mean = f(nc.tensor(x), dim=0)
            np.testing.assert_array_equal(mean.numpy(), np.full(shape[1:], value))
            assert np.isnan(spread.numpy()).all()
    both = ops.var_mean(nc.tensor(np.array([INF, 1.0, -INF], dtype)))
    assert math.isnan(both[0].item()) and math.isnan(both[1].item())


def test_spreads_of_large_numbers_do_not_overflow_on_the_way() -> None:
    x = np.tile(np.array([3e38, 1e38], np.float32), 40)
    spread, mean = ops.std_mean(nc.tensor(x), correction=0)
    np.testing.assert_allclose([spread.item(), mean.item()], [1e38, 2e38], rtol=1e-6)
    spread, mean = ops.std_mean(nc.tensor(np.stack([x, x], 1)), dim=0, correction=0)
    np.testing.assert_allclose(spread.numpy(), [1e38, 1e38], rtol=1e-6)


@pytest.mark.parametrize("sizes", [(5, 2), (4, 4), (7, 3), (2, 3), (10, 4), (3, 7)])
def test_areas_keep_what_is_not_finite_to_themselves(sizes: tuple[int, int]) -> None:
    n, m = sizes
    for bad in (INF, NAN):
        for at in range(n):
            x = np.arange(1.0, n + 1)
            x[at] = bad
            windows = [x[j * n // m : -(-(j + 1) * n // m)] for j in range(m)]
            got = ops.interpolate(nc.tensor(x.reshape(1, 1, n)), size=m, mode="area").numpy()[0, 0]
            np.testing.assert_allclose(got, [w.mean() for w in windows], rtol=1e-12)
            wide = np.repeat(x.reshape(1, 1, n, 1), 5, 3)
            got = ops.interpolate(nc.tensor(wide), size=(m, 5), mode="area").numpy()[0, 0, :, 2]
            np.testing.assert_allclose(got, [w.mean() for w in windows], rtol=1e-12)


def test_bools_are_added_as_or_and_multiplied_as_and() -> None:
    a, b = np.array([True, True, False, False]), np.array([True, False, True, False])
    x, y = nc.tensor(a), nc.tensor(b)
    for got, want in (
        (x + y, a | b),
        (x * y, a & b),
        (ops.maximum(x, y), a | b),
        (ops.minimum(x, y), a & b),
        (ops.sign(x), a),
        (x + True, a | True),
        (x.reshape(4, 1) * y, a[:, None] & b),
    ):
        assert got.dtype == nc.bool
        np.testing.assert_array_equal(got.numpy(), want)
        assert set(got.numpy().view(np.uint8).ravel()) <= {0, 1}
    x += y
    np.testing.assert_array_equal(x.numpy(), a | b)
    values, places = ops.max(y, dim=0)
    assert values.item() is True and places.item() == 0
    assert ops.min(y).item() is False and ops.amax(y).dtype == nc.bool
    with pytest.raises(DTypeError):
        _ = x - y


def test_a_tensor_without_dimensions_is_an_index_like_an_int() -> None:
    x = leaf(X)
    for i, j in ((0, 1), (-1, 2)):
        for index in (nc.tensor(i), nc.tensor(np.int32(i))):
            np.testing.assert_array_equal(x[index].detach().numpy(), X[i])
            np.testing.assert_array_equal(x[:, :, index].detach().numpy(), X[:, :, i])
            # Beside a list it is no list: the list's dimension stays where it is.
            np.testing.assert_array_equal(x[index, :, [0, 2]].detach().numpy(), X[i][:, [0, 2]])
            np.testing.assert_array_equal(x[index, nc.tensor(j)].detach().numpy(), X[i, j])
    part = x[nc.tensor(1)]
    (part * part).sum().backward()
    np.testing.assert_array_equal(grad(x), [np.zeros((3, 4)), 2 * X[1]])
    y = nc.tensor(X.copy())
    row = y[nc.tensor(1)]
    row += 1.0
    np.testing.assert_array_equal(y.numpy(), [X[0], X[1] + 1])
    y[nc.tensor(0), nc.tensor(2)] = 7.0
    np.testing.assert_array_equal(y.numpy()[0, 2], np.full(4, 7.0))
    with pytest.raises(OutOfRangeError, match="index 2"):
        x[nc.tensor(2)]
    with pytest.raises(DTypeError):
        x[nc.tensor(1.0)]


def test_a_captured_step_refuses_an_index_that_the_host_reads() -> None:
    step = nc.capture(lambda x, i: x[i] * 2)
    with pytest.raises(CaptureError, match="index_select"):
        for _ in range(3):
            step(nc.tensor(X), nc.tensor(1))


def test_the_gradient_of_a_cosine_takes_short_vectors_for_longer_ones() -> None:
    """`x / m`, with `m = max(|x|, eps)` whose slope is that of |x|, whichever is larger."""
    a, b, eps = np.array([3e-3, 4e-3]), np.array([1.0, 0.0]), 0.1
    x, y = leaf(a), leaf(b)
    cos = ops.cosine_similarity(x, y, dim=0, eps=eps)
    np.testing.assert_allclose(cos.item(), 3e-3 / 0.1, rtol=1e-12)
    cos.backward()
    unit = a / np.linalg.norm(a)
    np.testing.assert_allclose(grad(x), b / eps - (a @ b) / eps**2 * unit, rtol=1e-12)
    np.testing.assert_allclose(grad(y), a / eps - (a @ b) / eps * b, rtol=1e-12, atol=1e-15)


def test_reductions_cast_first_where_a_dtype_is_given() -> None:
    x = nc.tensor([1.6, -2.6, 250.9, 200.0])
    assert x.sum(dtype=nc.int64).item() == 1 - 2 + 250 + 200
    assert x.sum(dtype="int32").dtype == nc.int32
    assert nc.tensor([200, 100]).sum(dtype=nc.uint8).item() == 300 % 256
    assert ops.sum(x, dim=[0], keepdim=True, dtype=nc.float64).dtype == nc.float64
    assert nc.tensor([1, 2]).mean(dtype=nc.float64).item() == 1.5
    assert ops.mean(nc.tensor([1, 2])).dtype == nc.float32
    for f in (ops.mean, ops.nanmean):
        with pytest.raises(DTypeError, match="float32 or float64"):
            f(x, dtype=nc.int64)
    assert ops.nansum(nc.tensor([1.0, NAN]), dtype=nc.float64).dtype == nc.float64
    assert ops.nanmean(nc.tensor([1.0, NAN]), dtype=nc.float64).item() == 1.0
    y = leaf([1.0, 2.0], "float32")
    y.sum(dtype=nc.float64).backward()
    assert y.grad is not None and y.grad.dtype == nc.float32


def test_sorted_places_by_side_and_by_sorter() -> None:
    line, x = np.array([3.0, 1.0, 2.0, 2.0]), np.array([2.0, 0.5, 3.0])
    order = np.argsort(line)
    for side in ("left", "right"):
        want = np.searchsorted(line, x, side, order)
        got = ops.searchsorted(nc.tensor(line), nc.tensor(x), side=side, sorter=nc.tensor(order))
        np.testing.assert_array_equal(got.numpy(), want)
    with pytest.raises(InvalidValueError, match="opposites"):
        ops.searchsorted(nc.tensor(line), nc.tensor(x), right=True, side="left")
    with pytest.raises(ShapeError, match="sorter"):
        ops.searchsorted(nc.tensor(line), nc.tensor(x), sorter=nc.tensor(order[:2]))


def test_repeats_may_be_a_tensor() -> None:
    x, k = np.arange(6.0).reshape(2, 3), np.array([2, 0, 3])
    for repeats in (nc.tensor(k), nc.tensor(k.astype(np.int32))):
        np.testing.assert_array_equal(ops.repeat_interleave(nc.tensor(x), repeats, 1).numpy(), np.repeat(x, k, 1))
    np.testing.assert_array_equal(nc.tensor(x).repeat_interleave(nc.tensor(2)).numpy(), np.repeat(x, 2))
    y = leaf(x)
    y.repeat_interleave(nc.tensor(k), dim=1).sum().backward()
    np.testing.assert_array_equal(grad(y), np.tile(k, (2, 1)))
    with pytest.raises(NNCoreError):
        ops.repeat_interleave(nc.tensor(x), nc.tensor([1, -1, 0]), 1)
    for wrong in (nc.tensor([1.0, 2.0, 3.0]), nc.tensor([[1, 2, 3]])):
        with pytest.raises(TypeError, match="tensor of them"):
            ops.repeat_interleave(nc.tensor(x), wrong, 1)


def test_quantiles_of_lines_with_nan() -> None:
    x = np.array([[3.0, NAN, 1.0, 2.0], [4.0, 0.0, 2.0, 1.0], [NAN] * 4])
    q = np.array([0.0, 0.25, 1.0])
    got = ops.quantile(nc.tensor(x), nc.tensor(q), dim=1)
    np.testing.assert_array_equal(got.numpy(), [[NAN, 0.0, NAN], [NAN, 0.75, NAN], [NAN, 4.0, NAN]])
    got = ops.nanquantile(nc.tensor(x), nc.tensor(q), dim=1)
    np.testing.assert_array_equal(got.numpy(), [[1.0, 0.0, NAN], [1.5, 0.75, NAN], [3.0, 4.0, NAN]])
    # Of two places as near, the even one.
    line = nc.tensor([0.0, 1.0, 2.0])
    assert ops.quantile(line, 0.25, interpolation="nearest").item() == 0.0
    assert ops.quantile(line, 0.75, interpolation="nearest").item() == 2.0
    y = leaf([3.0, 1.0, 2.0])
    ops.quantile(y, 0.25).backward()
    np.testing.assert_array_equal(grad(y), [0.0, 0.5, 0.5])


def test_grids_sample_where_pytorch_does() -> None:
    """Corners and outside: values that follow from the definitions of the modes."""
    x = nc.tensor(np.arange(1.0, 5.0).reshape(1, 1, 2, 2))

    def at(px: float, py: float, **options: Any) -> float:
        return float(ops.grid_sample(x, nc.tensor(np.array([[[[px, py]]]])), **options).item())

    assert at(0.0, 0.0) == 2.5  # the middle of all four
    assert at(-1.0, -1.0) == 0.25  # a corner: three of four elements are outside
    assert at(-1.0, -1.0, align_corners=True) == 1.0
    assert at(-1.0, -1.0, padding_mode="border") == 1.0
    assert at(3.0, 0.0) == 0.0
    assert at(3.0, 1.0, padding_mode="border") == 4.0
    assert at(1.5, 1.0, padding_mode="reflection", align_corners=True) == 3.75  # place 1.25 is 0.75 in the mirror
    assert at(0.9, -0.9, mode="nearest") == 2.0
    assert at(NAN, 0.0) == 0.0 and at(INF, 0.0) == 0.0
    for mode in ("bilinear", "bicubic", "nearest"):
        even = nc.tensor(np.arange(48.0).reshape(1, 3, 4, 4))
        for align in (True, False):
            grid = ops.affine_grid(nc.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), even.shape, align).cast(nc.float64)
            same = ops.grid_sample(even, grid, mode=mode, align_corners=align)
            np.testing.assert_allclose(same.numpy(), even.numpy(), atol=1e-5)


def test_a_grid_does_not_move_where_it_is_at_the_border() -> None:
    grid = leaf([[[[2.0, 0.2]]]])
    x = leaf(np.arange(4.0).reshape(1, 1, 2, 2))
    ops.grid_sample(x, grid, padding_mode="border").sum().backward()
    np.testing.assert_array_equal(grad(grid)[0, 0, 0, 0], 0.0)
    assert grad(grid)[0, 0, 0, 1] == 2.0  # one row further is 2 more, and a row is as high as 1
    np.testing.assert_allclose(grad(x)[0, 0], [[0.0, 0.3], [0.0, 0.7]])


def test_labels_end_at_the_first_that_is_negative() -> None:
    x = nc.tensor([0.1, 0.2, 0.4, 0.8])
    loss = ops.multilabel_margin_loss(x, nc.tensor([3, 0, -1, 1]))
    np.testing.assert_allclose(loss.item(), 0.85, rtol=1e-6)  # PyTorch's documented example
    assert ops.multilabel_margin_loss(x, nc.tensor([-1, 0, 1, 2])).item() == 0.0


@pytest.mark.parametrize("p", [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, INF])
def test_distances_of_equal_rows_have_no_slope(p: float) -> None:
    x, y = leaf([[1.0, 2.0], [0.0, 1.0]]), leaf([[1.0, 2.0]])
    far = ops.cdist(x, y, p)
    assert far.detach().numpy()[0, 0] == 0.0
    far.sum().backward()
    if p == 0.0:
        assert x.grad is None  # a count does not move
        return
    np.testing.assert_array_equal(grad(x)[0], [0.0, 0.0])
    assert np.isfinite(grad(x)).all()


def test_distances_of_near_rows_keep_their_digits() -> None:
    """As differences, not from products, in which a distance of 1e-4 beside 1e3 would drown."""
    a = np.full((30, 8), 1e3, np.float32)
    b = a + np.float32(2**-13)
    np.testing.assert_allclose(ops.cdist(nc.tensor(a), nc.tensor(b)).numpy(), 2**-13 * np.sqrt(8), rtol=1e-6)
    assert math.isnan(ops.cdist(nc.tensor([[NAN, 0.0]]), nc.tensor([[1.0, 0.0]]), INF).item())


def test_unique_elements_and_rows() -> None:
    x = np.array([[3, 1, 3], [1, 1, 3]])
    values, inverse, counts = ops.unique(nc.tensor(x), return_inverse=True, return_counts=True)
    np.testing.assert_array_equal(values.numpy(), [1, 3])
    np.testing.assert_array_equal(values.numpy()[inverse.numpy()], x)
    np.testing.assert_array_equal(counts.numpy(), [3, 3])
    values, counts = ops.unique(nc.tensor(x), return_counts=True, dim=1)
    np.testing.assert_array_equal(values.numpy(), [[1, 3, 3], [1, 1, 3]])
    np.testing.assert_array_equal(counts.numpy(), [1, 1, 1])
    floats = ops.unique(nc.tensor([NAN, -1.0, NAN, -1.0, INF])).numpy()
    np.testing.assert_array_equal(floats, [-1.0, INF, NAN, NAN])
    assert nc.tensor([True, False, True]).unique().dtype == nc.bool
    assert nc.tensor([2**62 + 1, 2**62]).unique().tolist() == [2**62, 2**62 + 1]
