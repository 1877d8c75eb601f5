"""Tensors as Python objects: attributes, operators, copies, and what must not happen silently."""

from __future__ import annotations

import copy
import inspect
import pickle

import numpy as np
import pytest

from nncore import _core as nc
from nncore.errors import DTypeError, GradientError, InvalidValueError, LayoutError, NNCoreError, ShapeError


def test_attributes() -> None:
    t = nc.zeros(2, 3, dtype="float64")
    assert (t.shape, t.strides, t.ndim, t.numel(), t.itemsize, t.nbytes) == ((2, 3), (3, 1), 2, 6, 8, 48)
    assert (t.size(), t.size(-1), t.dim(), len(t), t.device) == ((2, 3), 3, 2, 2, "cpu")
    assert t.is_leaf and not t.requires_grad and t.grad is None and t.grad_fn is None
    with pytest.raises(ShapeError):
        t.size(2)
    with pytest.raises(TypeError):
        len(nc.tensor(1.0))


def test_dtypes_are_single_objects_that_print_and_pickle() -> None:
    assert nc.float32 is nc.zeros(1).dtype
    assert repr(nc.float32) == "nncore.float32"
    assert nc.float32 == nc.float32 and nc.float32 != nc.float64
    assert pickle.loads(pickle.dumps(nc.int64)) is nc.int64
    assert {nc.float32: 1}[nc.zeros(1).dtype] == 1


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (nc.int32, "int32"),
        ("uint8", "uint8"),
        (float, "float64"),
        (int, "int64"),
        (bool, "bool"),
        (np.float32, "float32"),
        (np.dtype("int32"), "int32"),
    ],
)
def test_what_dtype_takes(given: object, meant: str) -> None:
    assert nc.zeros(1, dtype=given).dtype.name == meant
    assert nc.zeros(1).astype(given).dtype.name == meant


@pytest.mark.parametrize("bad", ["float16x", np.complex64, np.float16, 3, []])
def test_what_dtype_refuses(bad: object) -> None:
    with pytest.raises(DTypeError):
        nc.zeros(1, dtype=bad)


def test_conversions() -> None:
    t = nc.tensor([1.7, -2.2])
    assert t.to("int64").tolist() == [1, -2]
    assert t.to(nc.float32) is t and t.to("cpu") is t
    assert t.double().dtype == nc.float64 and t.long().dtype == nc.int64 and t.int().dtype == nc.int32
    assert t.bool().tolist() == [True, True] and t.float() is t
    assert t.to(nc.zeros(1, dtype="float64")).dtype == nc.float64
    assert t.astype("float32", copy=True).data_ptr() != t.data_ptr()
    with pytest.raises(NNCoreError, match="cpu"):
        t.to("cuda")


# Python numbers are weak: they take the tensor's dtype, unless they are of a higher kind.
@pytest.mark.parametrize(
    ("dtype", "number", "result"),
    [
        ("float32", 2.5, "float32"),
        ("float64", 2.5, "float64"),
        ("float32", 2, "float32"),
        ("int32", 2, "int32"),
        ("uint8", 2, "uint8"),
        ("int32", 2.5, "float32"),
        ("int64", 2.5, "float32"),
        ("bool", 2, "int64"),
        ("bool", 2.5, "float32"),
        ("int32", True, "int32"),
        ("float64", True, "float64"),
    ],
)
def test_weak_scalars(dtype: str, number: float, result: str) -> None:
    t = nc.ones(2, dtype=dtype)
    assert (t * number).dtype.name == result
    assert (number * t).dtype.name == result
    assert (t * number).tolist() == [number, number]


def test_operators_agree_with_numpy() -> None:
    a, b = np.array([[1.5, -2.0], [0.25, 4.0]]), np.array([2.0, -0.5])
    x, y = nc.tensor(a), nc.tensor(b)
    for got, want in [
        (x + y, a + b),
        (x - y, a - b),
        (x * y, a * b),
        (x / y, a / b),
        (1 - x, 1 - a),
        (1 / x, 1 / a),
        (x + 1, a + 1),
        (x / 2, a / 2),
        (-x, -a),
        (+x, +a),
        (x @ y, a @ b),
        (x == 1.5, a == 1.5),
        (x != y, a != b),
        (x < y, a < b),
        (x <= 0.25, a <= 0.25),
        (x > y, a > b),
        (x >= -2, a >= -2),
        (2 < x, a > 2),
    ]:
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-14)
    assert x.__add__("a") is NotImplemented
    with pytest.raises(TypeError):
        x + "a"  # type: ignore[operator]


def test_in_place_operators_change_the_memory() -> None:
    x = nc.tensor([1.0, 2.0, 3.0])
    view, before, version = x.reshape(3, 1), x, x._version
    x += 1
    x *= nc.tensor([1.0, 2.0, 3.0])
    x -= 1
    x /= 2
    assert x is before
    assert view.tolist() == [[0.5], [2.5], [5.5]]
    assert x._version > version


def test_in_place_operators_refuse_what_they_can_not_keep() -> None:
    ints = nc.tensor([1, 2])
    with pytest.raises(DTypeError):
        ints += 0.5
    with pytest.raises(DTypeError):
        ints /= 2
    with pytest.raises(ShapeError):
        ints += nc.ones(3, 2, dtype="int64")
    assert ints.tolist() == [1, 2]
    w = nc.ones(2, requires_grad=True)
    with pytest.raises(GradientError, match="no_grad"):
        w += 1
    with pytest.raises(GradientError):
        w.fill_(1)
    x = nc.ones(2)
    with pytest.raises(GradientError, match="tape"):
        x += w
    with pytest.raises(GradientError):
        x.copy_(w * 2)
    with nc.no_grad():
        w += 1
        x += w
    assert w.tolist() == [2.0, 2.0] and x.tolist() == [3.0, 3.0] and w.requires_grad


def test_overwritten_values_are_noticed_by_backward() -> None:
    x = nc.ones(2, requires_grad=True)
    y = x * 1
    z = y * y
    with nc.no_grad():
        y += 1
    with pytest.raises(GradientError, match="changed in place"):
        z.sum().backward()


def test_reading_one_value() -> None:
    assert nc.tensor(1.5).item() == 1.5 and nc.tensor([[3]]).item() == 3 and nc.tensor(True).item() is True
    assert float(nc.tensor([2.5])) == 2.5 and int(nc.tensor(2.9)) == 2 and bool(nc.tensor([0.0])) is False
    assert [10, 20, 30][nc.tensor(1)] == 20
    assert f"{nc.tensor(1.23456):.2f}" == "1.23"
    for read in (bool, float, int, nc.Tensor.item):
        with pytest.raises(ShapeError):
            read(nc.zeros(2))
    with pytest.raises(TypeError):
        [1, 2][nc.tensor(1.0)]  # type: ignore[call-overload]


def test_repr_shows_what_differs_from_the_usual() -> None:
    assert repr(nc.tensor([1.0, 2.5])) == "tensor([1. , 2.5])"
    assert repr(nc.tensor([1, 2])) == "tensor([1, 2])"
    assert repr(nc.tensor([1.0], dtype="float64")) == "tensor([1.], dtype=nncore.float64)"
    w = nc.tensor([1.0], requires_grad=True)
    assert repr(w) == "tensor([1.], requires_grad=True)"
    assert repr(w * 2) == "tensor([2.], grad_fn=<mul>)"
    assert "shape=[0, 3]" in repr(nc.zeros(0, 3))


def test_identity_hash() -> None:
    a, b = nc.zeros(2), nc.zeros(2)
    assert len({a, b, a}) == 2
    assert a != "text"
    assert (a == "text") is False


class Parameter(nc.Tensor):
    """As the module system makes one."""

    note: str


def test_subclasses() -> None:
    p = Parameter(nc.ones(2), requires_grad=True)
    p.note = "weight"
    assert isinstance(p, nc.Tensor) and type(p * 2) is nc.Tensor
    (nc.ops.relu(p) + p.relu()).sum().backward()
    assert p.grad is not None and p.grad.tolist() == [2.0, 2.0]
    assert repr(p) == "Parameter([1., 1.], requires_grad=True)"
    shared = nc.ones(2)
    assert Parameter(shared).data_ptr() == shared.data_ptr()
    assert Parameter([1, 2], dtype="float64").dtype == nc.float64


@pytest.mark.parametrize("protocol", range(2, 6))
def test_pickle(protocol: int) -> None:
    p = Parameter(nc.tensor([[1.0, 2.0]]), requires_grad=True)
    p.note = "weight"
    q = pickle.loads(pickle.dumps(p, protocol))
    assert type(q) is Parameter and q.note == "weight" and q.requires_grad and q.tolist() == [[1.0, 2.0]]
    x = nc.ones(1, 2, 3, 4).contiguous("channels_last")
    assert pickle.loads(pickle.dumps(x, protocol)).strides == x.strides
    assert pickle.loads(pickle.dumps(nc.tensor(3), protocol)).item() == 3


def test_copies() -> None:
    p = Parameter(nc.tensor([1.0, 2.0]), requires_grad=True)
    p.note = "weight"
    (p * 3).sum().backward()
    deep = copy.deepcopy({"a": p, "b": p})
    assert deep["a"] is deep["b"] and type(deep["a"]) is Parameter and deep["a"].note == "weight"
    assert deep["a"].data_ptr() != p.data_ptr() and deep["a"].requires_grad
    assert deep["a"].grad is not None and deep["a"].grad.tolist() == [3.0, 3.0]
    with nc.no_grad():
        deep["a"].grad.zero_()
    assert p.grad is not None and p.grad.tolist() == [3.0, 3.0]
    assert copy.copy(p).data_ptr() == p.data_ptr()
    with pytest.raises(GradientError):
        copy.deepcopy(p * 2)
    x = nc.tensor([1.0])
    assert x.clone().data_ptr() != x.data_ptr() and x.detach().data_ptr() == x.data_ptr()


def test_views() -> None:
    x = nc.arange(6).reshape(2, 3)
    assert x.T.tolist() == [[0, 3], [1, 4], [2, 5]] and x.mT.data_ptr() == x.data_ptr() and x.t().shape == (3, 2)
    assert x.view(3, 2).data_ptr() == x.data_ptr() and x.view(-1).shape == (6,) and x.view((6, 1)).shape == (6, 1)
    with pytest.raises(LayoutError, match="reshape"):
        x.T.view(6)
    assert x.T.reshape(6).tolist() == [0, 3, 1, 4, 2, 5]
    with pytest.raises(ShapeError):
        _ = nc.zeros(1, 2, 3).T
    assert x.expand_as(nc.zeros(4, 2, 3)).shape == (4, 2, 3) and x.reshape_as(nc.zeros(6)).shape == (6,)
    assert nc.zeros(2, 3, 4).movedim(0, -1).shape == (3, 4, 2)
    y = nc.zeros(2, 3, 4, 5).contiguous("channels_last")
    assert y.is_contiguous("channels_last") and not y.is_contiguous() and y.contiguous("channels_last") is y
    with pytest.raises(InvalidValueError):
        y.contiguous("diagonal")


def test_methods_spread_sizes() -> None:
    x = nc.arange(6)
    for y in (x.reshape(2, 3), x.reshape((2, 3)), x.reshape([2, -1]), x.reshape(shape=(2, 3))):
        assert y.shape == (2, 3)
    assert x.reshape(6).shape == (6,)
    assert nc.zeros(2, 3, 4).permute(2, 0, 1).shape == nc.zeros(2, 3, 4).permute((2, 0, 1)).shape == (4, 2, 3)
    assert nc.zeros(3, 1).expand(2, 3, 4).shape == (2, 3, 4)


def test_every_op_is_a_function_with_a_true_signature() -> None:
    for op in nc.op_table():
        function = getattr(nc.ops, op["name"], None)
        assert (function is not None) == op["public"], op["name"]
        if function is None:
            continue
        parameters = inspect.signature(function).parameters
        assert set(parameters) == {p["name"] for p in op["inputs"] + op["attrs"]}
        assert function.__doc__ == op["doc"] and len(op["doc"]) > 15
        assert function.__name__ == op["name"] and function.__module__ == "nncore._core.ops"
        if op["method"]:
            method = getattr(nc.Tensor, op["name"])
            assert next(iter(inspect.signature(method).parameters)) == "self"


def test_wrong_calls_say_what_is_wrong() -> None:
    x = nc.zeros(2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'axis'"):
        nc.ops.sum(x, axis=0)
    with pytest.raises(TypeError, match="multiple values for argument 'dim'"):
        nc.ops.sum(x, 0, dim=0)
    with pytest.raises(TypeError, match="missing the argument 'input'"):
        nc.ops.sum()
    with pytest.raises(TypeError, match="takes 4 arguments but 5 were given"):
        nc.ops.sum(x, 0, False, None, 1)
    with pytest.raises(TypeError, match="argument keepdim: a bool expected, got 'yes' .str."):
        nc.ops.sum(x, 0, "yes")
    with pytest.raises(TypeError, match="argument input: a Tensor expected, got list"):
        nc.ops.sum([1.0])
    with pytest.raises(TypeError, match="nncore.tensor"):
        nc.ops.sum(np.zeros(3))
    with pytest.raises(InvalidValueError, match='"preserve", "contiguous", "channels_last"'):
        nc.ops.copy(x, "upside_down")


def test_errors_carry_the_op_and_the_shapes() -> None:
    with pytest.raises(ValueError) as caught:
        nc.zeros(2, 3) + nc.zeros(4)
    e = caught.value
    assert isinstance(e, ShapeError)
    assert (e.op, e.shapes, e.dtypes) == ("add", ((2, 3), (4,)), ("float32", "float32"))


@pytest.mark.parametrize("shift", [1, -1, 0])
def test_windows_on_one_block_are_copied_as_if_through_another(shift: int) -> None:
    values = np.arange(24.0).reshape(6, 4)
    x = nc.tensor(values)
    to, source = (slice(1, None), slice(None, -1)) if shift > 0 else (slice(None, -1), slice(1, None))
    if shift:
        x[to] = x[source]
        values[to] = values[source].copy()
    else:
        x.copy_(x)
    np.testing.assert_array_equal(x.numpy(), values)
    square = nc.tensor(np.arange(9.0).reshape(3, 3))
    square.copy_(square.T)
    np.testing.assert_array_equal(square.numpy(), np.arange(9.0).reshape(3, 3).T)


def test_arguments_stand_where_pytorch_has_them() -> None:
    x = nc.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    rows, each = nc.tensor([1]), nc.tensor([[2], [0]])
    assert str(inspect.signature(nc.ops.index_select)) == "(input, dim, index)"
    for picked in (x.index_select(0, rows), nc.ops.index_select(x, 0, rows), x.index_select(index=rows, dim=0)):
        assert picked.numpy().tolist() == [[4.0, 5.0, 6.0]]
    assert x.gather(1, each).numpy().tolist() == [[3.0], [4.0]]
    with pytest.raises(TypeError, match="multiple values"):
        x.gather(1, dim=1)
