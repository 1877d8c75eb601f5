# Written by tools/generate.py from the ops' definitions: change those, not this.
"""The public ops as functions, made at import from their definitions."""

from collections.abc import Iterable, Sequence
from typing import Literal, overload

from nncore._core import Tensor, _DTypeLike, _Operand

__all__ = [
    "add",
    "addbmm",
    "addmm",
    "addmv",
    "addr",
    "amax",
    "amin",
    "arange",
    "argmax",
    "argmin",
    "argwhere",
    "avg_pool2d",
    "baddbmm",
    "batch_norm",
    "bilinear",
    "bmm",
    "cast",
    "cat",
    "chunk",
    "conv2d",
    "copy",
    "cross_entropy",
    "div",
    "dot",
    "embedding",
    "eq",
    "exp",
    "expand",
    "eye",
    "flatten",
    "full",
    "gather",
    "ge",
    "gt",
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_select",
    "inner",
    "kron",
    "le",
    "linalg_cholesky",
    "linalg_det",
    "linalg_eigh",
    "linalg_eigvalsh",
    "linalg_inv",
    "linalg_lstsq",
    "linalg_qr",
    "linalg_slogdet",
    "linalg_solve",
    "linalg_svd",
    "linalg_svdvals",
    "linear",
    "linspace",
    "log",
    "log_softmax",
    "lt",
    "masked_fill",
    "masked_scatter",
    "masked_select",
    "matmul",
    "max",
    "max_pool2d",
    "mean",
    "min",
    "mm",
    "moveaxis",
    "movedim",
    "mul",
    "mv",
    "narrow",
    "ne",
    "neg",
    "nonzero",
    "one_hot",
    "outer",
    "permute",
    "random_dropout",
    "relu",
    "reshape",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "select",
    "sigmoid",
    "slice",
    "softmax",
    "split",
    "sqrt",
    "squeeze",
    "stack",
    "sub",
    "sum",
    "swapaxes",
    "swapdims",
    "take",
    "take_along_dim",
    "tanh",
    "tensor_split",
    "transpose",
    "unbind",
    "unflatten",
    "unsqueeze",
    "vdot",
    "where",
]

def add(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise sum, `input + other`, with broadcasting and promotion.

    Shapes: any two that broadcast; the result has the broadcast shape.
    """
def addbmm(input: _Operand, batch1: _Operand, batch2: _Operand, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """`beta * input + alpha * (sum of batch1[i] @ batch2[i])`. With `beta=0` the input is not read.

    Shapes: (B, M, K) and (B, K, N); the input broadcasts to (M, N). Raises `ShapeError` where they do not fit.
    """
def addmm(input: _Operand, mat1: _Operand, mat2: _Operand, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """`beta * input + alpha * (mat1 @ mat2)`. With `beta=0` the input is not read.

    Shapes: (M, K) and (K, N); the input broadcasts to (M, N). Raises `ShapeError` where they do not fit.
    """
def addmv(input: _Operand, mat: _Operand, vec: _Operand, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """`beta * input + alpha * (mat @ vec)`. With `beta=0` the input is not read.

    Shapes: (M, K) and (K,); the input broadcasts to (M,). Raises `ShapeError` where they do not fit.
    """
def addr(input: _Operand, vec1: _Operand, vec2: _Operand, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """`beta * input + alpha * (all products of two vectors' elements)`. With `beta=0` the input is not read.

    Shapes: (M,) and (N,); the input broadcasts to (M, N). Raises `ShapeError` where they do not fit.
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
def argwhere(input: Tensor) -> Tensor:
    """Where `input` is not 0, as in `nonzero`; a 0-d input gives rows without entries, as in NumPy and PyTorch.

    Shape: (count, input.ndim).
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
def baddbmm(input: _Operand, batch1: _Operand, batch2: _Operand, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)`. With `beta=0` the input is not read.

    Shapes: (B, M, K) and (B, K, N); the input broadcasts to (B, M, N). Raises `ShapeError` where they do not fit.
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
def bilinear(input1: _Operand, input2: _Operand, weight: _Operand, bias: _Operand | None = None) -> Tensor:
    """Bilinear map: `y[k] = input1 @ weight[k] @ input2 + bias[k]`.

    Shapes: `input1` (*, n), `input2` (*, m), `weight` (out, n, m), `bias` (out,) or None; the result is (*, out). Raises
    `ShapeError` where they do not fit.
    """
def bmm(input: _Operand, mat2: _Operand) -> Tensor:
    """Products of two batches of matrices: (B, M, K) and (B, K, N) give (B, M, N). Nothing broadcasts, unlike in `matmul`.

    Raises `ShapeError` for other shapes.
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
def div(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise quotient, `input / other`, with broadcasting and promotion. Integers become float32.

    Shapes: any two that broadcast; the result has the broadcast shape. A division by zero gives an infinity or NaN.
    """
def dot(input: _Operand, tensor: _Operand) -> Tensor:
    """The sum of the products of two vectors' elements: (K,) and (K,) give a 0-d tensor.

    Raises `ShapeError` for other shapes.
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
def inner(input: _Operand, other: _Operand) -> Tensor:
    """Sums of products over the last dimensions of both: (*, K) and (+, K) give (*, +). A 0-d tensor multiplies the other.

    Raises `ShapeError` where the last sizes differ.
    """
def kron(input: _Operand, other: _Operand) -> Tensor:
    """Kronecker product: each element of `input` becomes a block of it times `other`.

    Shapes: leading sizes of 1 make up for missing dimensions; sizes multiply. Raises `ShapeError` for more than 4 dimensions.
    """
def le(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input <= other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def linalg_cholesky(A: _Operand, upper: bool = False) -> Tensor:
    """The lower triangular matrix L with positive diagonal for which `A = L @ L.T`; with `upper` its transpose.

    A is symmetric and positive definite: half of A and its transpose is what is read. Computed in float64. Shape:
    (*, n, n); the result has the same. Raises `ShapeError` unless A is square, `ValueError` unless it is positive definite.
    """
def linalg_det(A: _Operand) -> Tensor:
    """The determinants of matrices.

    Computed in float64. Shape: (*, n, n) gives (*,). Raises `ShapeError` unless A is square. The gradient is that of a matrix
    that can be inverted; of a singular one it raises `ValueError`.
    """
def linalg_eigh(A: _Operand) -> tuple[Tensor, Tensor]:
    """Eigenvalues of symmetric matrices, in ascending order, and eigenvectors as columns: `A = V @ diag(L) @ V.T`.

    Half of A and its transpose is what is read. Computed in float64. The largest number of each eigenvector (the first of
    several) is positive. Shapes: A (*, n, n), L (*, n), V (*, n, n). Raises `ShapeError` unless A is square. The gradient of
    eigenvectors is finite only where no eigenvalue occurs twice.
    """
def linalg_eigvalsh(A: _Operand) -> Tensor:
    """Eigenvalues of symmetric matrices, in ascending order. Their gradient is finite even where some are equal.

    Shapes: A (*, n, n) gives (*, n). Otherwise as `linalg_eigh`.
    """
def linalg_inv(A: _Operand) -> Tensor:
    """The inverses of matrices. Where it is multiplied with something, `linalg_solve` is faster and more precise.

    Computed in float64. Shape: (*, n, n); the result has the same. Raises `ShapeError` unless A is square, `ValueError` where
    it is singular.
    """
def linalg_lstsq(A: _Operand, B: _Operand) -> tuple[Tensor, Tensor]:
    """X for which `A @ X - B` is smallest, and the sums of squares that are left of each column: (solution, residuals).

    A has full rank: of m rows and n columns with m below n, X is the smallest of those that solve exactly. Computed in
    float64, by QR. Shapes: A (*, m, n) and B (*, m, k); X is (*, n, k); the residuals are (*, k) where m is above n, else
    (0,). Raises `ShapeError` where they do not fit, `ValueError` for a matrix of lower rank.
    """
def linalg_qr(A: _Operand, mode: Literal["reduced", "complete"] = "reduced") -> tuple[Tensor, Tensor]:
    """Q with orthonormal columns and R, upper triangular, with `A = Q @ R`. R's diagonal is not negative.

    Computed in float64. Shapes: A (*, m, n); Q (*, m, k) and R (*, k, n), where k is the smaller of m and n, or m with
    `mode="complete"`. Raises `ShapeError` for less than a matrix. There is a gradient where m is at least n and the columns
    are independent, and with "complete" where m is n.
    """
def linalg_slogdet(A: _Operand) -> tuple[Tensor, Tensor]:
    """The signs of determinants, and the logarithms of their absolute values: (sign, logabsdet). Of a singular matrix these are
    0 and minus infinity.

    Computed in float64. Shape: (*, n, n) gives (*,) twice. Raises `ShapeError` unless A is square.
    """
def linalg_solve(A: _Operand, B: _Operand, left: bool = True) -> Tensor:
    """X with `A @ X = B`, or with `left=False` with `X @ A = B`.

    Computed in float64, by LU with row exchanges. Shapes: A (*, n, n), B (*, n, k) (with `left=False` (*, k, n)), whose
    leading dimensions broadcast; or B (n,), or as A without its last dimension, as vectors. Raises `ShapeError` where they do
    not fit, `ValueError` for a singular matrix.
    """
def linalg_svd(A: _Operand, full_matrices: bool = True) -> tuple[Tensor, Tensor, Tensor]:
    """Singular values, in descending order, and vectors: `A = U @ diag(S) @ Vh`, where U's columns and Vh's rows are orthonormal.

    Computed in float64. The largest number of each column of U (the first of several) is positive. Shapes: A (*, m, n),
    S (*, k), where k is the smaller of m and n; U (*, m, m) and Vh (*, n, n) with `full_matrices`, else (*, m, k) and (*, k, n).
    Raises `ShapeError` for less than a matrix. There is a gradient without `full_matrices` or where m is n; that of vectors is
    finite only where no singular value is 0 or occurs twice.
    """
def linalg_svdvals(A: _Operand) -> Tensor:
    """Singular values, in descending order. Their gradient is finite even where some are equal.

    Shapes: A (*, m, n) gives (*, k), where k is the smaller of m and n. Otherwise as `linalg_svd`.
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
def min(input: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def min(input: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The smallest element along `dim`, as (values, indices); without `dim` the smallest of all, as one 0-d tensor. NaN counts as
    the smallest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Indices are int64, of the first such element.
    Along `dim` the gradient goes to the element that `indices` names; without `dim` equal ones share it evenly.
    Raises `ShapeError` for a dimension that is out of range or empty.
    """
def mm(input: _Operand, mat2: _Operand) -> Tensor:
    """Product of two matrices: (M, K) and (K, N) give (M, N). `matmul` takes batches too.

    Raises `ShapeError` for other shapes.
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
def mv(input: _Operand, vec: _Operand) -> Tensor:
    """Product of a matrix and a vector: (M, K) and (K,) give (M,).

    Raises `ShapeError` for other shapes.
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
def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """Classes as vectors: zeros with a 1 at the place that each entry of `input` names.

    `input` is int64. Shape: the input's, and `num_classes` behind it; the result is int64. With `num_classes=-1` there are
    as many as the largest entry asks for, which the host reads: inside a captured step this is an error. Raises
    `DTypeError` for another dtype, `ValueError` for an entry out of range, or for no entry to tell the number from.
    """
def outer(input: _Operand, vec2: _Operand) -> Tensor:
    """All products of two vectors' elements: (M,) and (N,) give (M, N).

    Raises `ShapeError` for other shapes.
    """
def permute(input: Tensor, dims: int | Sequence[int]) -> Tensor:
    """Reorders dimensions: dimension `i` of the result is dimension `dims[i]` of the input. A view.

    Shape: `(d0, …)` to `(d[dims[0]], …)`. Raises `ShapeError` unless `dims` names each dimension once.
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
def reshape(input: Tensor, shape: int | Sequence[int]) -> Tensor:
    """The same values in another shape, in row-major order; one size may be -1. A view where strides allow it, else a copy.

    Raises `ShapeError` where the number of elements differs.
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
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Swaps two dimensions. A view.

    Raises `ShapeError` for a dimension that is out of range.
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
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Puts a dimension of size 1 before dimension `dim` of the result. A view.

    Shape: the input's with a 1 at `dim`, which counts from the end of the result's shape when negative.
    Raises `ShapeError` where `dim` is out of range.
    """
def vdot(input: _Operand, other: _Operand) -> Tensor:
    """`dot`, under the name that it has where numbers are complex.

    Shapes and errors as there.
    """
def where(condition: Tensor, input: _Operand, other: _Operand) -> Tensor:
    """`input` where `condition` is true, else `other`, elementwise.

    Shapes: any three that broadcast; the result has the broadcast shape. `input` and `other` promote to one dtype.
    Where an element is not taken, no gradient flows to it, whatever its value. Raises `DTypeError` unless the condition
    is bool.
    """
