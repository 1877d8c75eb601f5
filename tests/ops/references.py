"""What every op should compute, written with NumPy in float64: one function a public op, under its name.

A reference takes the op's inputs as arrays (a list input as a list) and its attributes by name. It is written from the
op's documentation, plainly and slowly. For an op that changes inputs in place it returns what these hold afterwards.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
REFERENCES: dict[str, Callable[..., Any]] = {}


def reference(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function into the table."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        assert name not in REFERENCES, f"two references for {name}"
        REFERENCES[name] = function
        return function

    return enter


REFERENCES.update(
    {
        # Elementwise.
        "add": np.add,
        "sub": np.subtract,
        "mul": np.multiply,
        "div": np.true_divide,
        "neg": np.negative,
        "exp": np.exp,
        "log": np.log,
        "sqrt": np.sqrt,
        "tanh": np.tanh,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "relu": lambda x: np.where(x < 0, 0, x),
        "where": np.where,
        "eq": np.equal,
        "ne": np.not_equal,
        "lt": np.less,
        "le": np.less_equal,
        "gt": np.greater,
        "ge": np.greater_equal,
        # Shapes.
        "reshape": lambda x, shape: x.reshape(shape),
        "permute": lambda x, dims: x.transpose(dims),
        "transpose": lambda x, dim0, dim1: x.swapaxes(dim0, dim1) if x.ndim else x,
        "select": lambda x, dim, index: x.take(index, axis=dim),
        "copy": lambda x, memory_format="preserve": x.copy(),
        "cast": lambda x, dtype: _cast(x, _dtype(dtype)),
        "full": lambda shape, value, dtype="float32": np.full(shape, value, _dtype(dtype)),
        "cat": lambda tensors, dim=0: np.concatenate(tensors, axis=dim),
        "stack": lambda tensors, dim=0: np.stack(tensors, axis=dim),
        "unsqueeze": lambda x, dim: np.expand_dims(x, dim),
        "gather": lambda x, dim, index: _gather(x, index, dim),
        "index_select": lambda x, dim, index: x.take(np.atleast_1d(index), axis=dim),
        "masked_select": lambda x, mask: np.broadcast_arrays(x, mask)[0][np.broadcast_arrays(x, mask)[1]],
        # Reductions.
        "sum": lambda x, dim=None, keepdim=False: x.sum(_axes(dim), keepdims=keepdim),
        "mean": lambda x, dim=None, keepdim=False: x.mean(_axes(dim), keepdims=keepdim),
        "amax": lambda x, dim=None, keepdim=False: x.max(_axes(dim), keepdims=keepdim),
        "amin": lambda x, dim=None, keepdim=False: x.min(_axes(dim), keepdims=keepdim),
        "argmax": lambda x, dim=None, keepdim=False: x.argmax(dim, keepdims=keepdim),
        "argmin": lambda x, dim=None, keepdim=False: x.argmin(dim, keepdims=keepdim),
        "max": lambda x, dim=None, keepdim=False: _extreme(x, np.max, np.argmax, dim, keepdim),
        "min": lambda x, dim=None, keepdim=False: _extreme(x, np.min, np.argmin, dim, keepdim),
        # Made from numbers.
        "arange": lambda start, end, step=1.0, dtype="int64": np.arange(start, end, step).astype(_dtype(dtype)),
        "eye": lambda n, m=None, dtype="float32": np.eye(n, m, dtype=_dtype(dtype)),
        "linspace": lambda start, end, steps, dtype="float32": np.linspace(start, end, steps).astype(_dtype(dtype)),
        # Products.
        "matmul": np.matmul,
        "linear": lambda x, weight, bias=None: x @ weight.T + (0 if bias is None else bias),
    }
)


def _dtype(dtype: Any) -> np.dtype[Any]:
    return np.dtype(str(dtype).removeprefix("nncore."))


def _cast(x: Array, dtype: np.dtype[Any]) -> Array:
    if dtype.kind in "iu" and x.dtype.kind == "f":
        # Towards zero, and to the nearest end where the value does not fit: NumPy leaves that open.
        ends = np.iinfo(dtype)
        x = np.clip(np.trunc(x), ends.min, ends.max)
    return x.astype(dtype)


def _axes(dim: Any) -> Any:
    return dim if dim is None or isinstance(dim, int) else tuple(dim)


def _extreme(x: Array, of: Any, where: Any, dim: int | None, keepdim: bool) -> Any:
    values = of(x, axis=dim, keepdims=keepdim)
    return values if dim is None else (values, where(x, axis=dim, keepdims=keepdim))


def _pair(size: int | Sequence[int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def _gather(x: Array, index: Array, dim: int) -> Array:
    line = np.atleast_1d(index)
    out = np.empty(line.shape, x.dtype)
    for at in np.ndindex(line.shape):
        source = list(at)
        source[dim] = line[at]
        out[at] = np.atleast_1d(x)[tuple(source)]
    return out.reshape(index.shape)


@reference("expand")
def expand(x: Array, shape: Sequence[int]) -> Array:
    lead = len(shape) - x.ndim
    sizes = [x.shape[i - lead] if size == -1 else size for i, size in enumerate(shape)]
    return np.broadcast_to(x, sizes)


@reference("flatten")
def flatten(x: Array, start_dim: int = 0, end_dim: int = -1) -> Array:
    if x.ndim == 0:
        return x.reshape(1)
    start, end = start_dim % x.ndim, end_dim % x.ndim
    return x.reshape(*x.shape[:start], int(np.prod(x.shape[start : end + 1])), *x.shape[end + 1 :])


@reference("squeeze")
def squeeze(x: Array, dim: Any = None) -> Array:
    axes = range(x.ndim) if dim is None else [d % max(x.ndim, 1) for d in np.atleast_1d(dim)]
    return x.squeeze(tuple(a for a in axes if a < x.ndim and x.shape[a] == 1))


@reference("slice")
def slice_(x: Array, dim: int = 0, start: int | None = None, stop: int | None = None, step: int = 1) -> Array:
    places = [slice(None)] * x.ndim
    places[dim] = slice(start, stop, step)
    return x[tuple(places)]


@reference("softmax")
def softmax(x: Array, dim: int) -> Any:
    e = np.exp(x - x.max(axis=dim, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=dim, keepdims=True)


@reference("log_softmax")
def log_softmax(x: Array, dim: int) -> Any:
    shifted = x - x.max(axis=dim, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))


@reference("conv2d")
def conv2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Array:
    (sh, sw), (ph, pw), (dh, dw) = _pair(stride), _pair(padding), _pair(dilation)
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    images, _, height, width = x.shape
    outputs, each, kh, kw = weight.shape
    oh, ow = (height - dh * (kh - 1) - 1) // sh + 1, (width - dw * (kw - 1) - 1) // sw + 1
    y = np.zeros((images, outputs, oh, ow), x.dtype)
    for o, c, i, j in itertools.product(range(outputs), range(each), range(kh), range(kw)):
        channel = o // (outputs // groups) * each + c
        rows, columns = i * dh, j * dw
        y[:, o] += weight[o, c, i, j] * x[:, channel, rows : rows + sh * oh : sh, columns : columns + sw * ow : sw]
    return y if bias is None else y + bias[:, None, None]


def _windows(length: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> list[range]:
    """Where each window reads along one axis, places outside the image included."""
    span = length + 2 * padding - dilation * (kernel - 1) - 1
    count = (-(-span // stride) if ceil_mode else span // stride) + 1
    if ceil_mode and (count - 1) * stride >= length + padding:
        count -= 1  # the last window must begin in the image or its left padding
    starts = [k * stride - padding for k in range(count)]
    return [range(s, s + dilation * (kernel - 1) + 1, dilation) for s in starts]


def _pool(x: Array, rows: list[range], columns: list[range], of: Callable[[Array, int], Array]) -> Array:
    y = np.zeros((*x.shape[:2], len(rows), len(columns)), x.dtype)
    for i, j in np.ndindex(len(rows), len(columns)):
        inside = [(r, c) for r in rows[i] for c in columns[j] if 0 <= r < x.shape[2] and 0 <= c < x.shape[3]]
        y[:, :, i, j] = of(np.stack([x[:, :, r, c] for r, c in inside]), len(inside))
    return y


@reference("max_pool2d")
def max_pool2d(
    x: Array, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Array:
    kernel, step, pad, gap = map(_pair, (kernel_size, kernel_size if stride is None else stride, padding, dilation))
    rows, columns = (_windows(x.shape[2 + a], kernel[a], step[a], pad[a], gap[a], ceil_mode) for a in range(2))
    return _pool(x, rows, columns, lambda values, _: values.max(axis=0))


@reference("avg_pool2d")
def avg_pool2d(
    x: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    kernel, step, pad = (_pair(v) for v in (kernel_size, kernel_size if stride is None else stride, padding))
    rows, columns = (_windows(x.shape[2 + a], kernel[a], step[a], pad[a], 1, ceil_mode) for a in range(2))
    y = np.zeros((*x.shape[:2], len(rows), len(columns)), x.dtype)
    for i, j in np.ndindex(y.shape[2:]):
        inside = [(r, c) for r in rows[i] for c in columns[j] if 0 <= r < x.shape[2] and 0 <= c < x.shape[3]]
        # With the padding counted, what lies beyond even that (ceil_mode) is not.
        padded = sum(r < x.shape[2] + pad[0] for r in rows[i]) * sum(c < x.shape[3] + pad[1] for c in columns[j])
        y[:, :, i, j] = sum(x[:, :, r, c] for r, c in inside) / (padded if count_include_pad else len(inside))
    return y


@reference("batch_norm")
def batch_norm(
    x: Array,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    weight: Array | None = None,
    bias: Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Array:
    axes, shape = (0, *range(2, x.ndim)), (1, -1, *[1] * (x.ndim - 2))
    mean, var = (x.mean(axes), x.var(axes)) if training else (running_mean, running_var)
    assert mean is not None and var is not None
    y = (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    y = y if weight is None else y * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)


@reference("cross_entropy")
def cross_entropy(
    x: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    axis = 0 if x.ndim == 1 else 1
    log_p = np.moveaxis(log_softmax(x, axis), axis, -1)
    classes = log_p.shape[-1]
    w = np.ones(classes) if weight is None else weight
    if np.issubdtype(target.dtype, np.floating):
        p = np.moveaxis(target, axis, -1) * (1 - label_smoothing) + label_smoothing / classes
        losses = -(w * p * log_p).sum(-1)
        divisor = losses.size
    else:
        kept = target != ignore_index
        labels = np.where(kept, target, 0)
        own = -np.take_along_axis(w * log_p, labels[..., None], -1)[..., 0]
        smooth = -(w * log_p).sum(-1) / classes
        losses = ((1 - label_smoothing) * own + label_smoothing * smooth) * kept
        divisor = (w[labels] * kept).sum()
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / divisor
