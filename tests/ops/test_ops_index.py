"""What the samples of the indexing ops can not show: gradients by rule, errors before writing, and threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nncore
from nncore import _core as nc
from nncore.errors import CaptureError, DTypeError, InvalidValueError, NNCoreError, ShapeError

Array = np.ndarray[Any, Any]


def gradients(f: Any, *arrays: Any) -> list[Array]:
    """The gradients of `f(...)`'s sum, weighted by 1, 2, 3, ..."""
    leaves = [nc.tensor(np.asarray(a, np.float64), requires_grad=True) for a in arrays]
    y = f(*leaves)
    (y * nc.tensor(np.arange(1.0, y.numel() + 1).reshape(y.shape))).sum().backward()
    return [leaf.grad.numpy() for leaf in leaves]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_an_embedding_adds_up_gradients_by_row(data: st.DataObject) -> None:
    rows, size = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 40))
    index = np.array(data.draw(st.lists(st.integers(0, rows - 1), max_size=30)), np.int64)
    padding = data.draw(st.none() | st.integers(-rows, rows - 1))
    scaled = data.draw(st.booleans())
    (got,) = gradients(
        lambda w: nc.ops.embedding(nc.tensor(index), w, padding_idx=padding, scale_grad_by_freq=scaled),
        np.zeros((rows, size)),
    )
    want, dy = np.zeros((rows, size)), np.arange(1.0, index.size * size + 1).reshape(-1, size)
    for k, row in enumerate(index):
        if padding is None or row != padding % rows:
            want[row] += dy[k] / ((index == row).sum() if scaled else 1)
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_an_embedding_refuses_what_it_does_not_do() -> None:
    w, index = nc.ones((3, 2)), nc.tensor([0, 2])
    for bad in (nc.tensor([3]), nc.tensor([-1])):
        with pytest.raises(InvalidValueError, match="3 rows"):
            nc.ops.embedding(bad, w)
    with pytest.raises(InvalidValueError, match="padding_idx"):
        nc.ops.embedding(index, w, padding_idx=3)
    with pytest.raises(InvalidValueError, match="max_norm"):
        nc.ops.embedding(index, w, max_norm=1.0)
    with pytest.raises(InvalidValueError, match="sparse"):
        nc.ops.embedding(index, w, sparse=True)
    with pytest.raises(DTypeError, match="int64"):
        nc.ops.embedding(nc.tensor([0.0]), w)
    with pytest.raises(ShapeError, match="rows, size"):
        nc.ops.embedding(index, nc.ones(3))
    assert nc.ops.embedding(index.to("int32"), w).shape == (2, 2)


def test_sums_at_indices_have_the_same_bits_for_any_number_of_threads() -> None:
    rng = np.random.default_rng(0)
    index = nc.tensor(rng.integers(0, 50, 4000))
    g = nc.tensor(rng.normal(size=(4000, 96)).astype(np.float32))
    w = nc.zeros(50, 96)
    before = nc.get_num_threads()
    seen = set()
    try:
        for threads in (1, 2, 3, 5):
            nc.set_num_threads(threads)
            leaf = nc.zeros(50, 96, requires_grad=True)
            (nc.ops.embedding(index, leaf) * g).sum().backward()
            seen.add(leaf.grad.numpy().tobytes() + nc.ops.index_add(w, 0, index, g).numpy().tobytes())
    finally:
        nc.set_num_threads(before)
    assert len(seen) == 1
    want = np.zeros((50, 96))
    np.add.at(want, index.numpy(), g.numpy().astype(np.float64))
    np.testing.assert_allclose(nc.ops.index_add(w, 0, index, g).numpy(), want, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("include_self", [True, False])
def test_products_with_zeros_have_the_gradient_of_the_other_factors(include_self: bool) -> None:
    x, src, index = np.array([2.0, 0.0, 3.0]), np.array([0.0, 4.0, 5.0]), nc.tensor([0, 0, 2])
    got = gradients(
        lambda x, s: nc.ops.scatter_reduce(x, 0, index, s, reduce="prod", include_self=include_self), x, src
    )
    # Weights 1, 2, 3 of the three places; in the first meet (2 *) 0 * 4, in the third (3 *) 5.
    inner = [0, 2, 15] if include_self else [0, 2, 0]
    outer = [8, 0, 9] if include_self else [4, 0, 3]
    assert [got[0].tolist(), got[1].tolist()] == [inner, outer]


def test_equal_extremes_share_the_gradient() -> None:
    x, src, index = np.array([5.0, 1.0]), np.array([5.0, 5.0, 0.0]), nc.tensor([0, 0, 1])
    got = gradients(lambda x, s: nc.ops.scatter_reduce(x, 0, index, s, reduce="amax"), x, src)
    np.testing.assert_allclose(got[0], [1 / 3, 2])
    np.testing.assert_allclose(got[1], [1 / 3, 1 / 3, 0])


def test_means_of_integers_are_rounded_down_and_extremes_hold_nan() -> None:
    index = nc.tensor([0, 0])
    got = nc.ops.scatter_reduce(nc.zeros(2, dtype="int64"), 0, index, nc.tensor([3, -4]), reduce="mean")
    assert got.tolist() == [-1, 0]
    for how in ("amax", "amin"):
        y = nc.ops.scatter_reduce(nc.zeros(2), 0, index, nc.tensor([float("nan"), 1.0]), reduce=how)
        assert np.isnan(y.numpy()[0])


def test_numbers_take_the_dtype_of_what_they_go_into() -> None:
    x = nc.zeros(3, dtype="int64")
    assert nc.ops.scatter(x, 0, nc.tensor([0, 1]), 1.5).tolist() == [1, 1, 0]
    assert nc.ops.index_fill(x, 0, nc.tensor([-1]), 2.9).tolist() == [0, 0, 2]
    assert nc.ops.masked_fill(x, nc.tensor([True, False, False]), 7.5).tolist() == [7, 0, 0]
    assert nc.ops.masked_fill(nc.zeros(2), nc.tensor([True, False]), 1).dtype == nc.float32
    assert nc.ops.index_put(nc.zeros(2), [nc.tensor([0])], nc.tensor(3)).tolist() == [3, 0]


def test_nothing_is_written_where_an_index_is_out_of_range() -> None:
    x = nc.zeros(3, 2)
    for key in ([0, 3], ([0, 1], [0, 2]), ([0, -4], slice(None))):
        with pytest.raises(InvalidValueError, match="out of range"):
            x[key] = 1.0
    with pytest.raises(ShapeError, match="broadcast"):
        x[nc.tensor([True, False, True])] = nc.ones(3, 2)
    with pytest.raises(InvalidValueError, match="2 places"):
        nc.ops.masked_scatter(nc.zeros(3), nc.tensor([True, True, False]), nc.ones(1))
    assert not x.numpy().any()
    for wrong in (
        lambda: nc.ops.scatter(x, 0, nc.tensor([[3, 0]]), 1.0),
        lambda: nc.ops.index_copy(x, 0, nc.tensor([-4]), nc.ones(1, 2)),
        lambda: nc.ops.take(x, nc.tensor([6])),
        lambda: nc.ops.take_along_dim(x, nc.tensor([[2]]), 1),
        lambda: nc.ops.one_hot(nc.tensor([3]), 3),
        lambda: nc.ops.one_hot(nc.tensor([-1])),
        lambda: nc.ops.index_put(x, [nc.tensor([3])], nc.ones(1)),
    ):
        with pytest.raises(InvalidValueError, match="out of range"):
            wrong()


def test_errors_carry_the_name_of_what_was_called() -> None:
    x = nc.zeros(3, 2)
    for name, call in {
        "scatter_add": lambda: nc.ops.scatter_add(x, 0, nc.tensor([[3, 0]]), nc.ones(1, 2)),
        "index_add": lambda: nc.ops.index_add(x, 0, nc.tensor([0]), nc.ones(2, 2)),
        "index_put": lambda: nc.ops.index_put(x, [nc.tensor([0])], nc.ones(5)),
        "masked_scatter": lambda: nc.ops.masked_scatter(x, x > 0, nc.ones(6, dtype="float64")),
        "embedding": lambda: nc.ops.embedding(nc.tensor([0.5]), x),
    }.items():
        with pytest.raises(NNCoreError) as caught:
            call()
        assert caught.value.op == name and caught.value.shapes


def test_assignments_at_tensors_are_replayed() -> None:
    def step(x: nc.Tensor, i: nc.Tensor, hit: nc.Tensor, v: nc.Tensor) -> nc.Tensor:
        x[i] = v
        x[:, hit] = 5.0
        x[i, 0] = x[0, 1]
        return x.sum()

    def expected(x: Array, i: Array, hit: Array, v: Array) -> Array:
        x = x.copy()
        x[i] = v
        x[:, hit] = 5.0
        x[i, 0] = x[0, 1]
        return x

    captured = nncore.capture(step)
    rng = np.random.default_rng(1)
    for turn in range(5):
        x, v = rng.normal(size=(4, 3)), rng.normal(size=(2, 1))
        # As many places or not: what a mask says is read when the step runs.
        i, hit = np.array([turn % 4, -1]), np.array([turn % 2 == 0, turn > 2, False])
        mine = nc.tensor(x)
        got = captured(mine, nc.tensor(i), nc.tensor(hit), nc.tensor(v))
        np.testing.assert_allclose(mine.numpy(), expected(x, i, hit, v))
        np.testing.assert_allclose(got.item(), expected(x, i, hit, v).sum())
    bad = nc.zeros(4, 3, dtype="float64")
    with pytest.raises(InvalidValueError, match="out of range"):
        captured(bad, nc.tensor([0, 4]), nc.tensor([True, True, True]), nc.tensor(v))
    assert not bad.numpy().any()


def test_what_the_host_must_read_is_not_captured() -> None:
    with pytest.raises(CaptureError):
        nc.record(lambda x: nc.ops.nonzero(x), [nc.zeros(3)])


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_index_put_is_numpys(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    x = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    count, key = data.draw(st.integers(0, 4)), []
    for d in shape[: data.draw(st.integers(1, len(shape)))]:
        picks = st.lists(st.integers(-d, d - 1), min_size=count, max_size=count)
        key.append(data.draw(picks.map(lambda v: np.array(v, np.int64)) | st.none()))
    if all(k is None for k in key):
        return
    index = tuple(slice(None) if k is None else k for k in key)
    values = -1.0 - np.arange(x[index].size).reshape(x[index].shape)
    mine = [k if k is None else nc.tensor(k) for k in key]
    for accumulate in (False, True):
        want = x.copy()
        if accumulate:
            np.add.at(want, index, values)
        else:
            want[index] = values
        got = nc.ops.index_put(nc.tensor(x), mine, nc.tensor(values), accumulate=accumulate)
        np.testing.assert_array_equal(got.numpy(), want)


def test_where_alone_tells_places() -> None:
    a = np.array([[0.0, 2.0, 0.0], [3.0, 0.0, float("nan")]])
    x = nc.tensor(a)
    for got in (nncore.ops.nonzero(x, as_tuple=True), nncore.ops.where(x != 0)):
        assert isinstance(got, tuple)
        for mine, theirs in zip(got, np.nonzero(a), strict=True):
            np.testing.assert_array_equal(mine.numpy(), theirs)
    np.testing.assert_array_equal(x[nncore.ops.where(x > 1)].numpy(), a[np.where(a > 1)])
    assert [i.tolist() for i in nncore.ops.where(nc.tensor(True))] == [[0]]
    assert nncore.ops.nonzero(x).tolist() == np.argwhere(a).tolist()
    assert nncore.ops.where(x > 1, x, 0.0).tolist() == [[0, 2, 0], [3, 0, 0]]
