# Written by tools/generate.py from the ops' definitions: change those, not this.
"""The public ops as functions, made at import from their definitions."""

from collections.abc import Iterable, Sequence
from typing import Literal, overload

from nncore._core import Tensor, _DTypeLike, _Operand

__all__ = [
    "add",
    "all",
    "amax",
    "amin",
    "aminmax",
    "any",
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "argwhere",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "avg_pool2d",
    "batch_norm",
    "bincount",
    "broadcast_to",
    "bucketize",
    "cast",
    "cat",
    "chunk",
    "conv2d",
    "copy",
    "count_nonzero",
    "cross_entropy",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "diag",
    "diag_embed",
    "diagonal",
    "div",
    "embedding",
    "eq",
    "exp",
    "expand",
    "expand_as",
    "eye",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "fold",
    "full",
    "gather",
    "ge",
    "gt",
    "histc",
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_select",
    "kthvalue",
    "le",
    "linear",
    "linspace",
    "log",
    "log_softmax",
    "logsumexp",
    "lt",
    "masked_fill",
    "masked_scatter",
    "masked_select",
    "matmul",
    "max",
    "max_pool2d",
    "mean",
    "median",
    "meshgrid",
    "min",
    "moveaxis",
    "movedim",
    "mul",
    "nanmean",
    "nanmedian",
    "nansum",
    "narrow",
    "ne",
    "neg",
    "nonzero",
    "norm",
    "one_hot",
    "pad",
    "permute",
    "prod",
    "random_dropout",
    "relu",
    "repeat",
    "repeat_interleave",
    "reshape",
    "roll",
    "rot90",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "searchsorted",
    "select",
    "sigmoid",
    "slice",
    "softmax",
    "sort",
    "split",
    "sqrt",
    "squeeze",
    "stack",
    "std",
    "std_mean",
    "sub",
    "sum",
    "swapaxes",
    "swapdims",
    "take",
    "take_along_dim",
    "tanh",
    "tensor_split",
    "tile",
    "topk",
    "transpose",
    "tril",
    "triu",
    "unbind",
    "unflatten",
    "unfold",
    "unsqueeze",
    "var",
    "var_mean",
    "vector_norm",
    "where",
]

def add(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise sum, `input + other`, with broadcasting and promotion.

    Shapes: any two that broadcast; the result has the broadcast shape.
    """
def all(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Are all elements over the dimensions in `dim` (all of them when None) other than zero? Of nothing: true. The result is bool.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. NaN is not zero. There is no gradient. Raises
    `ShapeError` for a dimension that is out of range or named twice.
    """
def amax(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """The largest elements over the dimensions in `dim` (all of them when None). NaN counts as the largest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Equal elements share the gradient evenly.
    Raises `ShapeError` for a dimension that is out of range, named twice or empty.
    """
def amin(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """The smallest elements over the dimensions in `dim` (all of them when None). NaN counts as the smallest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Equal elements share the gradient evenly.
    Raises `ShapeError` for a dimension that is out of range, named twice or empty.
    """
def aminmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The smallest and the largest element along `dim`, or of all when None. NaN counts as both.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Equal elements share the gradient evenly.
    Raises `ShapeError` for a dimension that is out of range or empty.
    """
def any(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Is some element over the dimensions in `dim` (all of them when None) not zero? Of nothing: false. The result is bool.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. NaN is not zero. There is no gradient. Raises
    `ShapeError` for a dimension that is out of range or named twice.
    """
def arange(start: float, end: float, step: float = 1.0, dtype: _DTypeLike = "int64") -> Tensor:
    """The numbers `start, start + step, …` before `end`: int64 unless `dtype` says otherwise.

    Shape: `(ceil((end - start) / step),)`, empty where `end` lies on the other side. Each element is `start + i step`,
    computed in float64. Raises `ValueError` for a step of 0, or numbers that are not finite.
    """
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the largest element along `dim` is, or of all elements in row-major order when None; the first of equal ones.
    NaN counts as the largest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`; int64. Raises `ShapeError` for a dimension that
    is out of range or empty.
    """
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the smallest element along `dim` is, or of all elements in row-major order when None; the first of equal ones.
    NaN counts as the smallest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`; int64. Raises `ShapeError` for a dimension that
    is out of range or empty.
    """
def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The indices that sort along dimension `dim`: those of `sort`. NaN counts as the largest.

    Shape: the input's; int64. Equal elements keep their order. Raises `ShapeError` for a dimension that is out of range.
    """
def argwhere(input: Tensor) -> Tensor:
    """Where `input` is not 0, as in `nonzero`; a 0-d input gives rows without entries, as in NumPy and PyTorch.

    Shape: (count, input.ndim).
    """
def atleast_1d(input: Tensor) -> Tensor:
    """A view with at least one dimension.

    Shape: the input's with ones added; the input's own where it has as many dimensions.
    """
def atleast_2d(input: Tensor) -> Tensor:
    """A view with at least two dimensions; a vector becomes a row.

    Shape: the input's with ones added; the input's own where it has as many dimensions.
    """
def atleast_3d(input: Tensor) -> Tensor:
    """A view with at least three dimensions; a matrix gets a last one, a vector one on either side.

    Shape: the input's with ones added; the input's own where it has as many dimensions.
    """
def avg_pool2d(
    input: _Operand,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = (0, 0),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Mean over sliding windows.

    Shapes: `input` (N, C, H, W); the result is (N, C, H', W') with `H' = (H + 2 * padding - kernel_size) // stride + 1`
    (rounded up with `ceil_mode`). Each of the sizes is one number or (vertical, horizontal); `stride` is `kernel_size`
    unless given. Padding counts as zeros, or not at all without `count_include_pad`. Raises `ShapeError` where the window
    is larger than the image.
    """
def batch_norm(
    input: _Operand,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Batch normalization over every dimension but the second: `(x - mean) / sqrt(var + eps) * weight + bias`.

    Shapes: `input` (N, C) or (N, C, ...); statistics, `weight` and `bias` (C,) or None. With `training` the batch's own
    mean and biased variance normalise, and `running_mean` and `running_var` move towards the batch's mean and *unbiased*
    variance by `momentum`, in place; without it they normalise. Raises `ShapeError` where sizes do not fit, or a training
    batch has one value a channel. Source: Ioffe and Szegedy, 2015.
    """
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, … occurs in a vector of integers; with `weights`, the sum of the weights of those places.

    Shape: `(n,)` to the largest number and one, at least `minlength`; int64, or the weights' dtype (integers and bool as
    float64). The host reads the input to tell the length, so that a captured step refuses it. Raises `ShapeError` for what
    is no vector, `DTypeError` for floats, `ValueError` for a negative number.
    """
def broadcast_to(input: Tensor, size: int | Sequence[int]) -> Tensor:
    """Repeats without copying, as `expand`, under NumPy's name. A view.

    Raises `ShapeError` where the input does not broadcast to that shape.
    """
def bucketize(input: _Operand, boundaries: _Operand, out_int32: bool = False, right: bool = False) -> Tensor:
    """The number of the bucket that each element falls into, between sorted `boundaries`: `searchsorted` with the arguments
    changed over. With `right` a bucket holds its left boundary, else its right one.

    Shapes: any, and a vector of boundaries; the result has the input's, in int64 (int32 with `out_int32`). Raises
    `ShapeError` for boundaries that are no vector.
    """
def cast(input: Tensor, dtype: _DTypeLike) -> Tensor:
    """The values in another dtype. Floats are cut off towards zero on their way to integers; to bool, all but 0 is true.

    Shape: any; the result has the same.
    """
def cat(tensors: Iterable[Tensor | None], dim: int = 0) -> Tensor:
    """Joins tensors along dimension `dim`, in order.

    Shapes: alike but for `dim`, whose sizes add up. Dtypes promote. Raises `ShapeError` where the shapes differ
    elsewhere, or for 0-d tensors.
    """
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Cuts a tensor along `dim` into at most `chunks` pieces of equal size, the last one smaller where they do not divide the
    size. Views.

    Shapes: the input's, with `ceil(size / chunks)` or less at `dim`: there may be fewer pieces than asked for, see
    `tensor_split`. Raises `ShapeError` for a dimension that is out of range, `ValueError` unless `chunks > 0`.
    """
def conv2d(
    input: _Operand,
    weight: _Operand,
    bias: _Operand | None = None,
    stride: int | tuple[int, int] = (1, 1),
    padding: int | tuple[int, int] = (0, 0),
    dilation: int | tuple[int, int] = (1, 1),
    groups: int = 1,
) -> Tensor:
    """2-D cross-correlation, as every network library calls convolution.

    Shapes: `input` (N, C, H, W), `weight` (O, C / groups, kH, kW), `bias` (O,) or None; the result is (N, O, H', W') with
    `H' = (H + 2 * padding - dilation * (kH - 1) - 1) // stride + 1`. `stride`, `padding` and `dilation` are one number or
    (vertical, horizontal). Activations and weights lie channels-last in memory; other layouts are copied at the door.
    Raises `ShapeError` where shapes do not fit or the window is larger than the padded image.
    """
def copy(input: Tensor, memory_format: Literal["preserve", "contiguous", "channels_last"] = "preserve") -> Tensor:
    """The same values in fresh memory: row-major ("contiguous"), channels-last where 4-D ("channels_last"), or in the
    input's own order ("preserve").

    Shape: any; the result has the same.
    """
def count_nonzero(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """How many elements over the dimensions in `dim` (all of them when None) are not zero, in int64.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. NaN is not zero. There is no gradient. Raises
    `ShapeError` for a dimension that is out of range or named twice.
    """
def cross_entropy(
    input: _Operand,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: Literal["none", "mean", "sum"] = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Softmax cross-entropy: `-log(softmax(input)[target])`, from unnormalised logits.

    Shapes: `input` (N, C), (C,) or (N, C, d1, ...); `target` of class labels (N,), () or (N, d1, ...), integers in [0, C)
    or `ignore_index`; or of class probabilities, floats in the shape of `input`. `weight` (C,) rescales classes. "mean"
    divides by the sum of the weights of the labels (of probabilities: by the number of rows), "none" gives the losses in the shape of the
    labels. `label_smoothing` in [0, 1] mixes the target with a uniform distribution. Raises `InvalidValueError` for a
    label that is out of range and for a probability that is negative, infinite or NaN, before anything is written.
    """
def cummax(input: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """The largest element so far along dimension `dim`, and where it is, as (values, indices).
    NaN stays once it is met.

    Shapes: the input's, for both. Indices are int64, of the last of equal ones; the gradient goes to the elements that they
    name. Raises `ShapeError` for a dimension that is out of range.
    """
def cummin(input: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """The smallest element so far along dimension `dim`, and where it is, as (values, indices).
    NaN stays once it is met.

    Shapes: the input's, for both. Indices are int64, of the last of equal ones; the gradient goes to the elements that they
    name. Raises `ShapeError` for a dimension that is out of range.
    """
def cumprod(input: Tensor, dim: int, dtype: _DTypeLike | None = None) -> Tensor:
    """Running products along dimension `dim`: each element and all before it.

    Shape: the input's. Integers and bool give int64; `dtype` casts first. Floats run in float64. Raises `ShapeError` for a
    dimension that is out of range.
    """
def cumsum(input: Tensor, dim: int, dtype: _DTypeLike | None = None) -> Tensor:
    """Running sums along dimension `dim`: each element and all before it.

    Shape: the input's. Integers and bool give int64; `dtype` casts first. Floats run in float64. Raises `ShapeError` for a
    dimension that is out of range.
    """
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Of a vector the matrix with it on a diagonal; of a matrix that diagonal, as a view. `diagonal` counts from the main one to
    the right.

    Shape: `(n,)` to `(n + |diagonal|, n + |diagonal|)`, and `(m, n)` to a vector. Raises `ShapeError` for another number of
    dimensions.
    """
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices with the input's last dimension on a diagonal, and zero elsewhere. `offset` counts from the main diagonal to the
    right; `dim1` and `dim2` are the matrix's dimensions in the result.

    Shape: the input's without the last, with two dimensions of its size and `|offset|` more. Raises `ShapeError` for a 0-d
    input, and for dimensions that are out of range or the same.
    """
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal of two dimensions, which becomes the last one. `offset` counts from the main diagonal to the right. A view.

    Shape: the input's without `dim1` and `dim2`, and the diagonal's length at the end. Raises `ShapeError` for dimensions
    that are out of range or the same.
    """
def div(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise quotient, `input / other`, with broadcasting and promotion. Integers become float32.

    Shapes: any two that broadcast; the result has the broadcast shape. A division by zero gives an infinity or NaN.
    """
def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Rows of a table: `weight[input]`, for words and other tokens.

    Shapes: `input`, int64 or int32, any; `weight` (rows, size); the result is that of `input`, and `size` behind it. The
    row `padding_idx` (negative: from the end) gets no gradient. With `scale_grad_by_freq` the gradient of a row is divided
    by how often it was taken. The gradients of one row add up in the order of `input`, for any number of threads. Raises
    `ValueError` for an entry out of range (negative ones too) and a `padding_idx` out of range, and for
    `max_norm` (which would change the weight while it is read) and for `sparse` gradients.
    """
def eq(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input == other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def exp(input: _Operand) -> Tensor:
    """The exponential, `e^input`, elementwise. Integers become float32.

    Shape: any; the result has the same. In float32 it overflows to infinity above 88.72.
    """
def expand(input: Tensor, shape: int | Sequence[int]) -> Tensor:
    """Repeats without copying: dimensions of size 1, and new leading ones, take the size asked for; -1 keeps a size. A view.

    Raises `ShapeError` where the shape does not broadcast to the one asked for.
    """
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Repeats without copying to the shape of `other`, whose values are not looked at. A view.

    Raises `ShapeError` where the input does not broadcast to that shape.
    """
def eye(n: int, m: int | None = None, dtype: _DTypeLike = "float32") -> Tensor:
    """A matrix of `n` rows and `m` columns (`n` unless given) with ones on the diagonal and zeros elsewhere.

    Shape: `(n, m)`. Raises `ShapeError` for a negative size.
    """
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Joins the dimensions from `start_dim` to `end_dim`, both included, into one. A view where strides allow it, else a
    copy in row-major order.

    Shape: `(N, C, H, W)` with `start_dim=1` to `(N, C H W)`; a 0-d tensor gives one element in one dimension.
    Raises `ShapeError` for a dimension that is out of range, or where `start_dim` comes after `end_dim`.
    """
def flip(input: Tensor, dims: int | Sequence[int]) -> Tensor:
    """Reverses the order of the elements along the dimensions in `dims`. A copy.

    Shape: the input's. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def fliplr(input: Tensor) -> Tensor:
    """Reverses the order of the columns: `flip` along dimension 1. A copy.

    Shape: the input's. Raises `ShapeError` where it has too few dimensions.
    """
def flipud(input: Tensor) -> Tensor:
    """Reverses the order of the rows: `flip` along dimension 0. A copy.

    Shape: the input's. Raises `ShapeError` where it has too few dimensions.
    """
def fold(
    input: Tensor,
    output_size: int | tuple[int, int],
    kernel_size: int | tuple[int, int],
    dilation: int | tuple[int, int] = (1, 1),
    padding: int | tuple[int, int] = (0, 0),
    stride: int | tuple[int, int] = (1, 1),
) -> Tensor:
    """Columns put back to where `unfold` took them from, and added up where windows overlap (col2im).

    Shape: `(N, C kh kw, L)` to `(N, C, *output_size)`, where L is the number of windows; without N in both. Raises `ShapeError`
    for columns of another shape, `ValueError` for sizes that are not positive.
    """
def full(shape: int | Sequence[int], value: float, dtype: _DTypeLike = "float32") -> Tensor:
    """A tensor of `shape` filled with `value`."""
def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Picks one element along `dim` for each entry of `index`: `out[i][j] = input[i][index[i][j]]` for `dim=1`.

    `index` is int64, with as many dimensions as the input and no larger in any but `dim`; negative entries count from the
    end. Shape: that of `index`. Raises `DTypeError` or `ShapeError` for an index that does not fit, `ValueError` for an
    entry out of range. The gradients of elements that are taken more than once add up, in row-major order of `index`.
    """
def ge(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input >= other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def gt(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input > other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def histc(input: Tensor, bins: int = 100, min: float = 0.0, max: float = 0.0) -> Tensor:
    """A histogram: how many elements fall into each of `bins` equal parts of `[min, max]`. What is outside is not counted, NaN
    neither; where both bounds are 0 they are the smallest and the largest element.

    Shape: any to `(bins,)`, in the input's dtype, float32 or float64. There is no gradient. Raises `DTypeError` for other
    dtypes, `ValueError` unless `bins > 0` and `min <= max`, or for bounds that are not finite.
    """
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, alpha: float = 1.0) -> Tensor:
    """A copy of `input` to which `alpha` times the slices of `source` are added: for `dim=0`, row `k` of `source` to row
    `index[k]`, in the order of `index`.

    `index` is an int64 vector (or 0-d); negative entries count from the end. Shapes: `source` is like the input, with the
    length of `index` at `dim`; the result is like the input. Raises `DTypeError` or `ShapeError` where they do not fit,
    `ValueError` for an entry out of range.
    """
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy of `input` into which the slices of `source` are written: for `dim=0`, row `k` of `source` into row `index[k]`.

    Where entries of `index` meet, the last one stays. Shapes and errors as in `index_add`.
    """
def index_fill(input: _Operand, dim: int, index: Tensor, value: _Operand) -> Tensor:
    """A copy of `input` with the slices at `index` along `dim` filled with `value`, a number or a 0-d tensor.

    `index` is an int64 vector (or 0-d); negative entries count from the end. Shape and dtype: the input's. Raises
    `DTypeError` or `ShapeError` for an index or a value that does not fit, `ValueError` for an entry out of range.
    """
def index_put(input: Tensor, indices: Iterable[Tensor | None], values: Tensor, accumulate: bool = False) -> Tensor:
    """A copy of `input` with `values` written where `indices` point, or added there with `accumulate`:
    `out[indices[0], indices[1], ...] = values`.

    `indices` are int64 tensors that broadcast together, bool masks over one or more dimensions, or None for a dimension
    that is taken whole. Negative entries count from the end. Shapes: `values` broadcast to what reading at `indices` would
    give. Where entries meet, the last one in row-major order stays, and each gets the gradient of the place. A mask is read
    by the host: inside a captured step assign to `x[mask]` instead. Raises `DTypeError` or `ShapeError` where they do not
    fit, `ValueError` for an entry out of range.
    """
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The elements at `index` along dimension `dim`: for `dim=0`, row `index[k]` of the input is row `k` of the result.

    `index` is an int64 vector (or 0-d); negative entries count from the end. Shape: the input's, with the length of
    `index` at `dim`. Raises `DTypeError` for another index dtype, `ShapeError` for another index shape, `ValueError` for
    an entry out of range. The gradients of rows that are taken more than once add up, in the order of `index`.
    """
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The `k`-th smallest element along dimension `dim`, counted from 1, as (values, indices). NaN counts as the largest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Indices are int64; of equal elements the earlier
    has the lower rank. The gradient goes to the element that `indices` names. Raises `ShapeError` for a dimension that is
    out of range or empty, `ValueError` for a k that is.
    """
def le(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input <= other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def linear(input: _Operand, weight: _Operand, bias: _Operand | None = None) -> Tensor:
    """Affine map, `input @ weight.T + bias`.

    Shapes: `input` (*, in), `weight` (out, in), `bias` (out,) or None; the result is (*, out).
    Raises `ShapeError` where they do not fit.
    """
def linspace(start: float, end: float, steps: int, dtype: _DTypeLike = "float32") -> Tensor:
    """`steps` numbers, evenly spaced from `start` to `end`, both included exactly.

    Shape: `(steps,)`; one step gives `start`. Computed in float64, from the nearer end, so that the spacing is symmetric.
    Raises `ShapeError` for a negative number of steps, `DTypeError` unless `dtype` is a float.
    """
def log(input: _Operand) -> Tensor:
    """The natural logarithm, elementwise. Integers become float32.

    Shape: any; the result has the same. Zero gives minus infinity, a negative number NaN.
    """
def log_softmax(input: _Operand, dim: int) -> Tensor:
    """`log(softmax(input, dim))`, computed as `input - max - log(sum(exp(input - max)))`.

    Shape: any; the result has the same. Raises `ShapeError` for a `dim` that is out of range.
    """
def logsumexp(input: _Operand, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
    """`log(sum(exp(input)))` over the dimensions in `dim`, without overflow.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of nothing it is minus infinity. Integers become
    float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def lt(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input < other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def masked_fill(input: _Operand, mask: Tensor, value: _Operand) -> Tensor:
    """`input` with `value`, a number or a 0-d tensor, wherever `mask` is true.

    Shapes: any two that broadcast. Dtype: the input's. Raises `DTypeError` unless the mask is bool, `ShapeError` where the
    shapes do not fit.
    """
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """`input` with the elements of `source`, one after the other, wherever `mask` is true.

    Shapes: input and mask are any two that broadcast; `source` has at least as many elements as there are places. Dtype: the
    input's, which `source` must have. Raises `DTypeError` or `ShapeError` where they do not fit, `ValueError` for a source
    that is too short.
    """
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements of `input` where `mask` is true, in row-major order, as a vector.

    Shapes: any two that broadcast. How long the result is depends on the mask's values, so the host reads them: inside a
    captured step this is an error (multiply by the mask, or use `where`). Raises `DTypeError` unless the mask is bool.
    """
def matmul(input: _Operand, other: _Operand) -> Tensor:
    """Matrix product.

    Shapes: (M, K) and (K, N) give (M, N); a vector stands for a row on the left and a column on the right, and its
    dimension vanishes; leading dimensions are batches and broadcast. Transposed views are read in place.
    Raises `ShapeError` where the inner sizes differ.
    """
@overload
def max(input: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def max(input: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The largest element along `dim`, as (values, indices); without `dim` the largest of all, as one 0-d tensor. NaN counts as
    the largest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Indices are int64, of the first such element.
    Along `dim` the gradient goes to the element that `indices` names; without `dim` equal ones share it evenly.
    Raises `ShapeError` for a dimension that is out of range or empty.
    """
def max_pool2d(
    input: _Operand,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = (0, 0),
    dilation: int | tuple[int, int] = (1, 1),
    ceil_mode: bool = False,
) -> Tensor:
    """Maximum over sliding windows. NaN is the maximum of its window; of equal values the first one gets the gradient.

    Shapes: `input` (N, C, H, W); the result is (N, C, H', W') with
    `H' = (H + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1` (rounded up with `ceil_mode`). Each of the
    sizes is one number or (vertical, horizontal); `stride` is `kernel_size` unless given. Padding counts as minus
    infinity. Raises `ShapeError` where the window is larger than the image.
    """
def mean(input: _Operand, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Mean over the dimensions in `dim` (all of them when None). The order of additions is fixed. Integers become float32.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. The mean of nothing is NaN.
    Raises `ShapeError` for a dimension that is out of range or named twice.
    """
@overload
def median(input: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def median(input: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The median along `dim`, as (values, indices); without `dim` that of all elements, as one 0-d tensor.
    NaN where there is one.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of an even number of elements it is the lower of
    the two in the middle. Indices are int64. The gradient goes to one element. Raises `ShapeError` for a dimension that
    is out of range or empty.
    """
def meshgrid(tensors: Iterable[Tensor | None], indexing: Literal["ij", "xy"] = "ij") -> tuple[Tensor, ...]:
    """The coordinates of a grid, one tensor a dimension, from vectors of coordinates. With "xy" the first two dimensions change
    places, as in plots. Views.

    Shapes: vectors (or numbers) of sizes n0, n1, … to as many tensors of shape `(n0, n1, …)`. Raises `ShapeError` for anything
    else, `DTypeError` where dtypes differ.
    """
@overload
def min(input: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def min(input: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The smallest element along `dim`, as (values, indices); without `dim` the smallest of all, as one 0-d tensor. NaN counts as
    the smallest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Indices are int64, of the first such element.
    Along `dim` the gradient goes to the element that `indices` names; without `dim` equal ones share it evenly.
    Raises `ShapeError` for a dimension that is out of range or empty.
    """
def moveaxis(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """What `movedim` does, under NumPy's name. A view.

    Shape: the input's, reordered. Raises `ShapeError` for a dimension that is out of range or named twice, or where
    `source` and `destination` have different lengths.
    """
def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Moves the dimensions in `source` to the places in `destination`; the others keep their order. A view.

    Shape: the input's, reordered. Raises `ShapeError` for a dimension that is out of range or named twice, or where
    `source` and `destination` have different lengths.
    """
def mul(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise product, `input * other`, with broadcasting and promotion.

    Shapes: any two that broadcast; the result has the broadcast shape.
    """
def nanmean(input: _Operand, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Mean over the dimensions in `dim` (all of them when None) of the elements that are not NaN.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of nothing but NaN it is NaN. Integers become
    float32. No gradient flows to a NaN. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
@overload
def nanmedian(input: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def nanmedian(input: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The median along `dim` of what is not NaN, as (values, indices); without `dim` that of all elements, as one 0-d
    tensor. NaN where there is nothing else.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of an even number of elements it is the lower of
    the two in the middle. Indices are int64. The gradient goes to one element. Raises `ShapeError` for a dimension that
    is out of range or empty.
    """
def nansum(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Sum over the dimensions in `dim` (all of them when None), in which NaN counts as 0.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Integers and bool give int64, as in `sum`. No
    gradient flows to a NaN. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """The `length` elements from `start` on along dimension `dim`; `start` counts from the end when negative. A view.

    Shape: the input's, with `length` at `dim`. Raises `ShapeError` for a dimension that is out of range, `ValueError` where
    the window leaves the dimension.
    """
def ne(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input != other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def neg(input: Tensor) -> Tensor:
    """Elementwise negation, `-input`. Unsigned integers wrap, as in NumPy.

    Shape: any; the result has the same.
    """
def nonzero(input: Tensor) -> Tensor:
    """Where `input` is not 0 (or true): an int64 matrix with one row of indices an element, in row-major order.

    Shape: (count, input.ndim). How many there are depends on the values, so the host reads them: inside a captured step
    this is an error. NaN is not 0.
    """
def norm(
    input: Tensor,
    p: float | Literal["fro"] = "fro",
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    dtype: _DTypeLike | None = None,
) -> Tensor:
    """The norm `(sum |input|^p)^(1/p)` over the dimensions in `dim` (all of them when None), which count as one vector. "fro" is
    p = 2; 0 counts what is not zero; infinity takes the largest absolute value, minus infinity the smallest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. With `dtype` the input is cast first. Where the
    norm is 0 no gradient flows. Raises `ShapeError` for a dimension that is out of range or named twice, or where p is
    negative or infinite and there is no element; `DTypeError` for integers.
    """
def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """Classes as vectors: zeros with a 1 at the place that each entry of `input` names.

    `input` is int64. Shape: the input's, and `num_classes` behind it; the result is int64. With `num_classes=-1` there are
    as many as the largest entry asks for, which the host reads: inside a captured step this is an error. Raises
    `DTypeError` for another dtype, `ValueError` for an entry out of range, or for no entry to tell the number from.
    """
def pad(
    input: Tensor,
    pad: int | Sequence[int],
    mode: Literal["constant", "reflect", "replicate", "circular"] = "constant",
    value: float | None = None,
) -> Tensor:
    """Adds elements around a tensor. `pad` has two numbers a dimension, for the places before and behind it, from the last
    dimension on: `(left, right, top, bottom)`. Negative ones crop.

    What is added is `value` (0 when None), or: "reflect" mirrors at the border element, "replicate" repeats it, "circular"
    goes on at the other end. Shape: the input's, with the numbers added. Raises `ShapeError` for an odd number of numbers,
    more than two a dimension, a crop of more than there is, or a padding wider than what there is to reflect or to go
    round; `ValueError` for a value in another mode.
    """
def permute(input: Tensor, dims: int | Sequence[int]) -> Tensor:
    """Reorders dimensions: dimension `i` of the result is dimension `dims[i]` of the input. A view.

    Shape: `(d0, …)` to `(d[dims[0]], …)`. Raises `ShapeError` unless `dims` names each dimension once.
    """
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, dtype: _DTypeLike | None = None) -> Tensor:
    """Product along `dim`, or of all elements when None.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Integers and bool give int64; `dtype` casts first;
    an empty product is 1. The gradient is right where elements are zero, too. Raises `ShapeError` for a dimension that is
    out of range.
    """
def random_dropout(input: Tensor, generator: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """Dropout: while `training`, each element is zeroed with probability `p` and the others are divided by `1 - p`, so that
    the expected value stays; otherwise the input as it is.

    `generator` is int64 `[seed, draws so far]`; each call takes one draw from it. Shape: any; the result has the same.
    Raises `ValueError` unless `0 <= p < 1`. Where a text calls `p` the probability of keeping, pass `1 - p`.
    Source: Srivastava et al., 2014.
    """
def relu(input: _Operand) -> Tensor:
    """Rectified linear unit, `max(input, 0)`, elementwise. NaN stays NaN; the gradient at 0 is 0.

    Shape: any; the result has the same. Source: Nair and Hinton, 2010.
    """
def repeat(input: Tensor, repeats: int | Sequence[int]) -> Tensor:
    """The tensor `repeats[i]` times along each dimension; there may be more repeats than dimensions, for new leading ones. A
    copy.

    Shape: the input's with each size multiplied. Raises `ShapeError` for fewer repeats than dimensions, or negative ones.
    """
def repeat_interleave(input: Tensor, repeats: int | Sequence[int], dim: int | None = None) -> Tensor:
    """Each element along `dim` several times in a row: all of them `repeats` times, or as often as a list says for each. Without
    `dim` the elements count as one line, in row-major order.

    Shape: the input's with the sum of the repeats at `dim`. Raises `ShapeError` for a dimension that is out of range or a list
    of another length, `ValueError` for negative repeats.
    """
def reshape(input: Tensor, shape: int | Sequence[int]) -> Tensor:
    """The same values in another shape, in row-major order; one size may be -1. A view where strides allow it, else a copy.

    Raises `ShapeError` where the number of elements differs.
    """
def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None) -> Tensor:
    """Moves the elements by `shifts` places along the dimensions in `dims`; what leaves at the end comes in at the start. Without
    `dims` the elements move as one line, in row-major order. A copy.

    Shape: the input's. Raises `ShapeError` for a dimension that is out of range, or unless there are as many shifts as
    dimensions.
    """
def rot90(input: Tensor, k: int = 1, dims: int | Sequence[int] = (0, 1)) -> Tensor:
    """Turns a tensor by `k` right angles in the plane of two dimensions, from the first towards the second.

    Shape: the input's, with the two sizes swapped when k is odd. Raises `ShapeError` unless `dims` names two dimensions.
    """
def scatter(
    input: _Operand, dim: int, index: Tensor, src: _Operand, reduce: Literal["add", "multiply"] | None = None
) -> Tensor:
    """A copy of `input` with the elements of `src` written where `index` points along `dim`: for `dim=0`,
    `out[index[i][j]][j] = src[i][j]`. `src` may be a number. Where entries of `index` meet, the last one in row-major order
    stays; with `reduce="add"` or `"multiply"` all of them are added to the element, or multiplied with it.

    `index` is int64, with as many dimensions as the input, no larger than `src`, and no larger than the input but in `dim`;
    what is left of `src` is not read. Negative entries count from the end. Shape and dtype: the input's. Entries should
    not meet where a gradient of `src` is wanted: each would get that of the place. Raises `DTypeError` or `ShapeError` for
    an index or a source that does not fit, `ValueError` for an entry out of range.
    """
def scatter_add(input: _Operand, dim: int, index: Tensor, src: _Operand) -> Tensor:
    """A copy of `input` to which the elements of `src` are added where `index` points along `dim`, in row-major order.

    Shapes, dtypes and errors as in `scatter`.
    """
def scatter_reduce(
    input: _Operand,
    dim: int,
    index: Tensor,
    src: _Operand,
    reduce: Literal["sum", "prod", "mean", "amax", "amin"],
    include_self: bool = True,
) -> Tensor:
    """A copy of `input` in which each element that `index` points to along `dim` is the sum, product, mean, maximum or minimum
    of itself and of all elements of `src` that go there; without `include_self` of those alone.

    Means of integers are rounded down. Equal extremes share the gradient evenly. Shapes, dtypes and errors as in `scatter`.
    """
def searchsorted(sorted_sequence: _Operand, input: _Operand, out_int32: bool = False, right: bool = False) -> Tensor:
    """Where each element of `input` could be put into the last dimension of `sorted_sequence` so that it stays sorted: before its
    equals, or behind them with `right`.

    Shapes: `sorted_sequence` is a vector, or has the input's shape but for the last size; the result has the input's, in
    int64 (int32 with `out_int32`). Dtypes promote. NaN comes last. That the sequence is sorted is not checked. Raises
    `ShapeError` for other shapes.
    """
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The elements at `index` along dimension `dim`, which goes away: `x[:, index]` for `dim=1`. Counts from the end when
    negative. A view.

    Shape: the input's without `dim`. Raises `ShapeError` for a dimension, `ValueError` for an index out of range.
    """
def sigmoid(input: _Operand) -> Tensor:
    """The logistic function, `1 / (1 + e^-input)`, elementwise, within [0, 1]. Integers become float32.

    Shape: any; the result has the same. Neither tail overflows: far left it is `e^input` to the last digit.
    """
def slice(input: Tensor, dim: int = 0, start: int | None = None, stop: int | None = None, step: int = 1) -> Tensor:
    """The elements `start, start + step, …` before `stop` along dimension `dim`, as Python's `x[start:stop:step]`: bounds
    count from the end when negative, and are cut off at the ends. A view.

    Shape: the input's, with `ceil((stop - start) / step)` along `dim` (0 where `stop <= start`).
    Raises `ShapeError` for a dimension that is out of range, `ValueError` unless `step > 0`.
    """
def softmax(input: _Operand, dim: int) -> Tensor:
    """`exp(input) / sum(exp(input))` along `dim`; what is computed is shifted by the maximum, so that nothing overflows.

    Shape: any; the result has the same, and sums to 1 along `dim`. Raises `ShapeError` for a `dim` that is out of range.
    """
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> tuple[Tensor, Tensor]:
    """Sorts along dimension `dim`, as (values, indices). NaN counts as the largest.

    Shapes: the input's, for both; indices are int64. Equal elements keep their order, whether `stable` or not. The gradient
    goes to the elements that `indices` name. Raises `ShapeError` for a dimension that is out of range.
    """
def split(input: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Cuts a tensor along `dim`: into pieces of `split_size_or_sections` elements, the last one smaller where it does not
    divide the size; or into pieces of the sizes in a list. Views.

    Shapes: the input's, with a piece's size at `dim`. Raises `ShapeError` for a dimension that is out of range, a negative
    size, or sizes that do not add up.
    """
def sqrt(input: _Operand) -> Tensor:
    """The square root, elementwise. Integers become float32.

    Shape: any; the result has the same. A negative number gives NaN; the gradient at 0 is infinite.
    """
def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """Drops dimensions of size 1: all of them, or those in `dim` that have that size. A view.

    Shape: the input's without these. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def stack(tensors: Iterable[Tensor | None], dim: int = 0) -> Tensor:
    """Joins tensors of one shape along a new dimension `dim`, in order.

    Shape: `(d0, …)` to the same with the number of tensors inserted at `dim`, which counts from the end of the result's
    shape when negative. Dtypes promote. Raises `ShapeError` where shapes differ.
    """
def std(
    input: _Operand, dim: int | Sequence[int] | None = None, correction: float = 1.0, keepdim: bool = False
) -> Tensor:
    """Standard deviation over the dimensions in `dim` (all of them when None): the root of `var`. Where it is 0 no gradient
    flows.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of too few elements the result is NaN, or
    infinite. Integers become float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def std_mean(
    input: _Operand, dim: int | Sequence[int] | None = None, correction: float = 1.0, keepdim: bool = False
) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean over the dimensions in `dim` (all of them when None), in one pass: `std` and `mean` say more.
    The standard deviation divides by the number of elements less `correction`.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of too few elements the result is NaN, or
    infinite. Integers become float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def sub(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise difference, `input - other`, with broadcasting and promotion.

    Shapes: any two that broadcast; the result has the broadcast shape.
    """
def sum(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Sum over the dimensions in `dim` (all of them when None). The order of additions is fixed, and float32 is added up in
    float64, from short runs.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Integers and bool give int64; an empty sum is 0.
    Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """Swaps two dimensions: `transpose` under NumPy's name. A view.

    Shape: the input's with the two sizes swapped. Raises `ShapeError` for a dimension that is out of range.
    """
def swapdims(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Swaps two dimensions: another name of `transpose`. A view.

    Shape: the input's with the two sizes swapped. Raises `ShapeError` for a dimension that is out of range.
    """
def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements at `index`, counted through the whole input in row-major order; negative entries count from the end.

    Shape: that of `index`, which is int64. Raises `DTypeError` for another dtype, `ValueError` for an entry out of range.
    """
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """The elements at `indices` along `dim`, which broadcast with the input elsewhere; without `dim` as `take`.

    This is what `argmax` and its kin point to: their indices need `keepdim`. Shape: the broadcast one, with the size of
    `indices` at `dim`. Raises `DTypeError` unless they are int64, `ShapeError` where they do not fit, `ValueError` for an
    entry out of range.
    """
def tanh(input: _Operand) -> Tensor:
    """The hyperbolic tangent, elementwise, within [-1, 1]. Integers become float32.

    Shape: any; the result has the same.
    """
def tensor_split(input: Tensor, indices_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Cuts a tensor along `dim`: into exactly `indices_or_sections` pieces, the first ones one larger where these do not divide
    the size; or before each of the indices in a list, as Python's slices do. Views.

    Shapes: the input's, with a piece's size at `dim`. Raises `ShapeError` for a dimension that is out of range, `ValueError`
    unless there is at least one piece.
    """
def tile(input: Tensor, dims: int | Sequence[int]) -> Tensor:
    """The tensor repeated along each dimension, as `repeat` does; where `dims` has fewer numbers than the tensor dimensions,
    those in front are not repeated. A copy.

    Shape: the input's with each size multiplied. Raises `ShapeError` for negative numbers.
    """
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The `k` largest elements along dimension `dim` (the smallest, unless `largest`), in order, as (values, indices). NaN counts
    as the largest.

    Shapes: the input's with `k` at `dim`, for both; indices are int64. Of equal elements the first ones are taken. They come
    in order, whether `sorted` or not. The gradient goes to the elements that `indices` name. Raises `ShapeError` for a
    dimension that is out of range, or a k that is larger than its size.
    """
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Swaps two dimensions. A view.

    Raises `ShapeError` for a dimension that is out of range.
    """
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle of matrices, up to a diagonal; zero above it.
    `diagonal` counts from the main one, 0, to the right.

    Shape: `(*, m, n)`; the result has the same. Raises `ShapeError` for less than two dimensions.
    """
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle of matrices, from a diagonal on; zero below it.
    `diagonal` counts from the main one, 0, to the right.

    Shape: `(*, m, n)`; the result has the same. Raises `ShapeError` for less than two dimensions.
    """
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along `dim`, one for each index, without that dimension. Views.

    Shapes: the input's without `dim`. Raises `ShapeError` for a dimension that is out of range.
    """
def unflatten(input: Tensor, dim: int, sizes: int | Sequence[int]) -> Tensor:
    """Cuts dimension `dim` into several of the given `sizes`, one of which may be -1. A view where strides allow it.

    Shape: the input's with `sizes` in the place of `dim`. Raises `ShapeError` for a dimension that is out of range, or where
    the sizes do not multiply to its size.
    """
def unfold(
    input: Tensor,
    kernel_size: int | tuple[int, int],
    dilation: int | tuple[int, int] = (1, 1),
    padding: int | tuple[int, int] = (0, 0),
    stride: int | tuple[int, int] = (1, 1),
) -> Tensor:
    """The sliding windows of images, each as a column: what a convolution multiplies with its weight (im2col).

    Shape: `(N, C, H, W)` to `(N, C kh kw, L)` for L windows; without N in both. Padding is zero. Raises `ShapeError` for
    another number of dimensions or where no window fits, `ValueError` for sizes that are not positive. (`Tensor.unfold`
    is another function, as in PyTorch: windows along one dimension, as a view.)
    """
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Puts a dimension of size 1 before dimension `dim` of the result. A view.

    Shape: the input's with a 1 at `dim`, which counts from the end of the result's shape when negative.
    Raises `ShapeError` where `dim` is out of range.
    """
def var(
    input: _Operand, dim: int | Sequence[int] | None = None, correction: float = 1.0, keepdim: bool = False
) -> Tensor:
    """Variance over the dimensions in `dim` (all of them when None): squared deviations from the mean, divided by their number
    less `correction`.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of too few elements the result is NaN, or
    infinite. Integers become float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def var_mean(
    input: _Operand, dim: int | Sequence[int] | None = None, correction: float = 1.0, keepdim: bool = False
) -> tuple[Tensor, Tensor]:
    """Variance and mean over the dimensions in `dim` (all of them when None), in one pass: `var` and `mean` say more.
    The variance divides by the number of elements less `correction`.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of too few elements the result is NaN, or
    infinite. Integers become float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def vector_norm(
    x: Tensor,
    ord: float = 2.0,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    dtype: _DTypeLike | None = None,
) -> Tensor:
    """`norm` under the name and with the arguments of `torch.linalg`: the norm of order `ord` over the dimensions in `dim` (all
    of them when None), which count as one vector.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. See `norm`.
    """
def where(condition: Tensor, input: _Operand, other: _Operand) -> Tensor:
    """`input` where `condition` is true, else `other`, elementwise.

    Shapes: any three that broadcast; the result has the broadcast shape. `input` and `other` promote to one dtype.
    Where an element is not taken, no gradient flows to it, whatever its value. Raises `DTypeError` unless the condition
    is bool.
    """
