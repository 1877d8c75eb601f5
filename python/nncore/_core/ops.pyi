# Written by tools/generate.py from the ops' definitions: change those, not this.
"""The public ops as functions, made at import from their definitions."""

from collections.abc import Iterable, Sequence
from typing import Literal, overload

from nncore._core import Tensor, _DTypeLike, _Operand

__all__ = [
    "abs",
    "acos",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "add",
    "addbmm",
    "addcdiv",
    "addcmul",
    "addmm",
    "addmv",
    "addr",
    "affine_grid",
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
    "asin",
    "atan",
    "atan2",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "baddbmm",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "bincount",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "bmm",
    "broadcast_to",
    "bucketize",
    "cast",
    "cat",
    "cdist",
    "ceil",
    "celu",
    "channel_shuffle",
    "chunk",
    "clamp",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "copy",
    "cos",
    "cosh",
    "cosine_embedding_loss",
    "cosine_similarity",
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
    "dot",
    "elu",
    "embedding",
    "eq",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expand",
    "expand_as",
    "expm1",
    "eye",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "fmod",
    "fold",
    "frac",
    "full",
    "gather",
    "gaussian_nll_loss",
    "ge",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gt",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "histc",
    "huber_loss",
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_select",
    "inner",
    "instance_norm",
    "interpolate",
    "isfinite",
    "isinf",
    "isnan",
    "kl_div",
    "kron",
    "kthvalue",
    "l1_loss",
    "layer_norm",
    "le",
    "leaky_relu",
    "lerp",
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
    "local_response_norm",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logsigmoid",
    "logsumexp",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "lt",
    "margin_ranking_loss",
    "masked_fill",
    "masked_scatter",
    "masked_select",
    "matmul",
    "max",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mish",
    "mm",
    "moveaxis",
    "movedim",
    "mse_loss",
    "mul",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "mv",
    "nanmean",
    "nanmedian",
    "nanquantile",
    "nansum",
    "narrow",
    "ne",
    "neg",
    "nll_loss",
    "nonzero",
    "norm",
    "normalize",
    "one_hot",
    "outer",
    "pad",
    "pairwise_distance",
    "permute",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "pow",
    "prelu",
    "prod",
    "quantile",
    "random_alpha_dropout",
    "random_dropout",
    "random_feature_dropout",
    "random_gumbel_softmax",
    "reciprocal",
    "relu",
    "relu6",
    "remainder",
    "repeat",
    "repeat_interleave",
    "reshape",
    "rms_norm",
    "roll",
    "rot90",
    "round",
    "rsqrt",
    "scaled_dot_product_attention",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "searchsorted",
    "select",
    "selu",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "slice",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "sort",
    "split",
    "sqrt",
    "square",
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
    "tan",
    "tanh",
    "tanhshrink",
    "tensor_split",
    "threshold",
    "tile",
    "topk",
    "transpose",
    "tril",
    "triplet_margin_loss",
    "triu",
    "trunc",
    "unbind",
    "unflatten",
    "unfold",
    "unique",
    "unsqueeze",
    "var",
    "var_mean",
    "vdot",
    "vector_norm",
    "where",
]

def abs(input: Tensor) -> Tensor:
    """The absolute value, elementwise; the gradient at 0 is 0. The least integer has none and stays.

    Shape: any; the result has the same.
    """
def acos(input: _Operand) -> Tensor:
    """The arc cosine, elementwise, in [0, pi]. Integers become float32.

    Shape: any; the result has the same. NaN outside [-1, 1], where the gradient is infinite at the ends.
    """
def adaptive_avg_pool1d(input: _Operand, output_size: int | Sequence[int | None] | None) -> Tensor:
    """Mean over as many windows as `output_size` says, along a line: window i reaches from floor(i * L / L') to
    ceil((i + 1) * L / L').

    Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L'). None keeps the size.
    Raises `ShapeError` for an empty input.
    """
def adaptive_avg_pool2d(input: _Operand, output_size: int | Sequence[int | None] | None) -> Tensor:
    """Mean over as many windows as `output_size` says: window i of a column reaches from floor(i * H / H') to
    ceil((i + 1) * H / H'). With 1 the mean of each channel.

    Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W'). `output_size` is (H', W'), or one
    number for both; None keeps a size. Raises `ShapeError` for an empty image.
    """
def adaptive_avg_pool3d(input: _Operand, output_size: int | Sequence[int | None] | None) -> Tensor:
    """Mean over as many windows as `output_size` says: window i along the depth reaches from floor(i * D / D') to
    ceil((i + 1) * D / D').

    Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W'). `output_size` is
    (D', H', W'), or one number for all; None keeps a size. Raises `ShapeError` for an empty volume.
    """
@overload
def adaptive_max_pool1d(
    input: _Operand, output_size: int | Sequence[int | None] | None, return_indices: Literal[False] = False
) -> Tensor: ...
@overload
def adaptive_max_pool1d(
    input: _Operand, output_size: int | Sequence[int | None] | None, *, return_indices: Literal[True]
) -> tuple[Tensor, Tensor]: ...
@overload
def adaptive_max_pool1d(
    input: _Operand, output_size: int | Sequence[int | None] | None, return_indices: bool = False
) -> Tensor | tuple[Tensor, Tensor]:
    """Maximum over as many windows as `output_size` says, along a line: window i reaches from floor(i * L / L') to
    ceil((i + 1) * L / L'). With `return_indices` also the place of each maximum, int64.

    Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L'). None keeps the size.
    Raises `ShapeError` for an empty input.
    """
@overload
def adaptive_max_pool2d(
    input: _Operand, output_size: int | Sequence[int | None] | None, return_indices: Literal[False] = False
) -> Tensor: ...
@overload
def adaptive_max_pool2d(
    input: _Operand, output_size: int | Sequence[int | None] | None, *, return_indices: Literal[True]
) -> tuple[Tensor, Tensor]: ...
@overload
def adaptive_max_pool2d(
    input: _Operand, output_size: int | Sequence[int | None] | None, return_indices: bool = False
) -> Tensor | tuple[Tensor, Tensor]:
    """Maximum over as many windows as `output_size` says: window i of a column reaches from floor(i * H / H') to
    ceil((i + 1) * H / H'). With `return_indices` also the place of each maximum in its channel's image, row-major, int64.

    Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W'). `output_size` is (H', W'), or one
    number for both; None keeps a size. Raises `ShapeError` for an empty image.
    """
@overload
def adaptive_max_pool3d(
    input: _Operand, output_size: int | Sequence[int | None] | None, return_indices: Literal[False] = False
) -> Tensor: ...
@overload
def adaptive_max_pool3d(
    input: _Operand, output_size: int | Sequence[int | None] | None, *, return_indices: Literal[True]
) -> tuple[Tensor, Tensor]: ...
@overload
def adaptive_max_pool3d(
    input: _Operand, output_size: int | Sequence[int | None] | None, return_indices: bool = False
) -> Tensor | tuple[Tensor, Tensor]:
    """Maximum over as many windows as `output_size` says: window i along the depth reaches from floor(i * D / D') to
    ceil((i + 1) * D / D'). With `return_indices` also the place of each maximum in its channel's volume, row-major, int64.

    Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W'). `output_size` is
    (D', H', W'), or one number for all; None keeps a size. Raises `ShapeError` for an empty volume.
    """
def add(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise sum, `input + other`, with broadcasting and promotion.

    Shapes: any two that broadcast; the result has the broadcast shape. Of two bools it is whether either is true.
    """
def addbmm(input: _Operand, batch1: _Operand, batch2: _Operand, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """`beta * input + alpha * (sum of batch1[i] @ batch2[i])`. With `beta=0` the input is not read.

    Shapes: (B, M, K) and (B, K, N); the input broadcasts to (M, N). Raises `ShapeError` where they do not fit.
    """
def addcdiv(input: _Operand, tensor1: _Operand, tensor2: _Operand, value: float = 1.0) -> Tensor:
    """`input + value * tensor1 / tensor2`, elementwise. Integers become float32.

    Shapes: any three that broadcast; the result has the broadcast shape.
    """
def addcmul(input: _Operand, tensor1: _Operand, tensor2: _Operand, value: float = 1.0) -> Tensor:
    """`input + value * tensor1 * tensor2`, elementwise.

    Shapes: any three that broadcast; the result has the broadcast shape. Dtypes promote; with integers `value` is cut off
    to one.
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
def affine_grid(theta: _Operand, size: int | Sequence[int], align_corners: bool | None = None) -> Tensor:
    """The grid of points at which `grid_sample` reads an input that affine maps have moved: the maps `theta` of the points of
    an even grid over [-1, 1] in each dimension.

    Shapes: `theta` (N, 2, 3) and `size` (N, C, H, W), the result (N, H, W, 2), which holds x and y; or (N, 3, 4) and
    (N, C, D, H, W), the result (N, D, H, W, 3). With `align_corners` the outermost points are -1 and 1, else these are the
    outer edges of elements whose middles are the points; None is False. Raises `ShapeError` where shapes do not go together.
    """
def all(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Are all elements over the dimensions in `dim` (all of them when None, none when empty) other than zero? Of nothing: true.
    The result is bool; of uint8 it is uint8.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. NaN is not zero. There is no gradient. Raises
    `ShapeError` for a dimension that is out of range or named twice.
    """
def amax(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """The largest elements over the dimensions in `dim` (all when None or empty). NaN counts as the largest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Equal elements share the gradient evenly.
    Raises `ShapeError` for a dimension that is out of range, named twice or empty.
    """
def amin(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """The smallest elements over the dimensions in `dim` (all when None or empty). NaN counts as the smallest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Equal elements share the gradient evenly.
    Raises `ShapeError` for a dimension that is out of range, named twice or empty.
    """
def aminmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The smallest and the largest element along `dim`, or of all when None. NaN counts as both.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Equal elements share the gradient evenly.
    Raises `ShapeError` for a dimension that is out of range or empty.
    """
def any(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Is some element over the dimensions in `dim` (all of them when None, none when empty) not zero? Of nothing: false. The
    result is bool; of uint8 it is uint8.

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
def asin(input: _Operand) -> Tensor:
    """The arc sine, elementwise, in [-pi/2, pi/2]. Integers become float32.

    Shape: any; the result has the same. NaN outside [-1, 1], where the gradient is infinite at the ends.
    """
def atan(input: _Operand) -> Tensor:
    """The arc tangent, elementwise, in [-pi/2, pi/2]. Integers become float32.

    Shape: any; the result has the same. Of two sides of a triangle: `atan2`.
    """
def atan2(input: _Operand, other: _Operand) -> Tensor:
    """The angle of the point (`other`, `input`) against the first axis, elementwise, in [-pi, pi]. Integers become float32.

    Shapes: any two that broadcast; the result has the broadcast shape. The signs of zeros tell the side, as in C.
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
def avg_pool1d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Mean over windows along a line.

    Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L') with `L' = (L + 2 * padding - kernel_size) // stride + 1`
    (rounded up with `ceil_mode`). `stride` is `kernel_size` unless given. Padding, at most half of the window, counts as
    zeros, or not at all without `count_include_pad`. Raises `ShapeError` where the window is larger than the input.
    """
def avg_pool2d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Mean over sliding windows.

    Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W') with
    `H' = (H + 2 * padding - kernel_size) // stride + 1` (rounded up with `ceil_mode`). Each of the sizes is one number or
    (vertical, horizontal); `stride` is `kernel_size` unless given. Padding, at most half of the window, counts as zeros, or
    not at all without `count_include_pad`. `divisor_override` divides the sum instead of the number of elements.
    Raises `ShapeError` where the window is larger than the image.
    """
def avg_pool3d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Mean over windows of a volume.

    Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W') with
    `D' = (D + 2 * padding - kernel_size) // stride + 1` (rounded up with `ceil_mode`). Each of the sizes is one number or
    (depth, vertical, horizontal); `stride` is `kernel_size` unless given. Padding, at most half of the window, counts as
    zeros, or not at all without `count_include_pad`. `divisor_override` divides the sum instead of the number of elements.
    Raises `ShapeError` where the window is larger than the volume.
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
    momentum: float | None = 0.1,
    eps: float = 1e-5,
    num_batches_tracked: Tensor | None = None,
) -> Tensor:
    """Batch normalization over every dimension but the second: `(x - mean) / sqrt(var + eps) * weight + bias`.

    Shapes: `input` (N, C) or (N, C, ...); statistics, `weight` and `bias` (C,) or None. With `training` the batch's own
    mean and biased variance normalise, and `running_mean` and `running_var` move towards the batch's mean and *unbiased*
    variance by `momentum`, in place; without it they normalise. With a `momentum` of None they become the plain averages
    over all batches: the newest one counts `1 / num_batches_tracked`, an int64 number that counts it already.
    Raises `ShapeError` where sizes do not fit, or a training batch has one value a channel.
    Source: Ioffe and Szegedy, 2015.
    """
def bilinear(input1: _Operand, input2: _Operand, weight: _Operand, bias: _Operand | None = None) -> Tensor:
    """Bilinear map: `y[k] = input1 @ weight[k] @ input2 + bias[k]`.

    Shapes: `input1` (*, n), `input2` (*, m), `weight` (out, n, m), `bias` (out,) or None; the result is (*, out). Raises
    `ShapeError` where they do not fit.
    """
def binary_cross_entropy(
    input: _Operand,
    target: _Operand,
    weight: _Operand | None = None,
    reduction: Literal["none", "mean", "sum"] = "mean",
) -> Tensor:
    """Cross-entropy of probabilities: `-(target * log(input) + (1 - target) * log(1 - input))`. Logarithms are at least -100,
    so that the loss is finite.

    Shapes: `input` and `target` are alike; `weight` broadcasts to them. `reduction`: "mean" of all elements, "sum", or
    "none" for each. Raises `InvalidValueError` for an input outside [0, 1], before anything is written.
    """
def binary_cross_entropy_with_logits(
    input: _Operand,
    target: _Operand,
    weight: _Operand | None = None,
    reduction: Literal["none", "mean", "sum"] = "mean",
    pos_weight: _Operand | None = None,
) -> Tensor:
    """Cross-entropy of logits, `log(1 + exp(input)) - target * input`: `binary_cross_entropy` of their sigmoid, without
    its loss of digits.

    Shapes: `input` and `target` are alike; `weight` and `pos_weight` broadcast to them. `pos_weight` multiplies the part of
    the loss that the target counts as positive. `reduction`: "mean" of all elements, "sum", or "none" for each.
    """
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, … occurs in a vector of integers; with `weights`, the sum of the weights of those places.

    Shape: `(n,)` to the largest number and one, at least `minlength`; int64, or the weights' dtype (integers and bool as
    float64). The host reads the input to tell the length, so that a captured step refuses it. Raises `ShapeError` for what
    is no vector, `DTypeError` for floats, `ValueError` for a negative number.
    """
def bitwise_and(input: _Operand, other: _Operand) -> Tensor:
    """The bits that both have, elementwise; of bool, whether both are true.

    Shapes: any that broadcast; the result has the broadcast shape. Dtypes promote. There is no gradient. Raises
    `DTypeError` for floats.
    """
def bitwise_not(input: Tensor) -> Tensor:
    """The other bits, elementwise; of bool, the other value.

    Shapes: any that broadcast; the result has the broadcast shape. Dtypes promote. There is no gradient. Raises
    `DTypeError` for floats.
    """
def bitwise_or(input: _Operand, other: _Operand) -> Tensor:
    """The bits that either has, elementwise; of bool, whether one is true.

    Shapes: any that broadcast; the result has the broadcast shape. Dtypes promote. There is no gradient. Raises
    `DTypeError` for floats.
    """
def bitwise_xor(input: _Operand, other: _Operand) -> Tensor:
    """The bits that one of them has, elementwise; of bool, whether they differ.

    Shapes: any that broadcast; the result has the broadcast shape. Dtypes promote. There is no gradient. Raises
    `DTypeError` for floats.
    """
def bmm(input: _Operand, mat2: _Operand) -> Tensor:
    """Products of two batches of matrices: (B, M, K) and (B, K, N) give (B, M, N). Nothing broadcasts, unlike in `matmul`.

    Raises `ShapeError` for other shapes.
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
def cdist(
    x1: _Operand,
    x2: _Operand,
    p: float = 2.0,
    compute_mode: Literal["use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"] = "use_mm_for_euclid_dist_if_necessary",
) -> Tensor:
    """Distances of all pairs of rows: the `p`-norm of each row of `x1` less each row of `x2`.

    Shapes: (*, P, M) and (*, R, M), whose leading sizes broadcast, to (*, P, R). `p` is at least 0 and may be infinite; 0
    counts the numbers that differ. Distances come from differences, whatever `compute_mode` says: it is there for PyTorch's
    signature. Where a distance is 0 no gradient flows. Raises `ShapeError` where shapes do not fit, `ValueError` for a
    negative `p`.
    """
def ceil(input: Tensor) -> Tensor:
    """The least whole number that is not below `input`, elementwise.

    Shape: any; the result has the same. Integers stay as they are. The gradient is 0.
    """
def celu(input: _Operand, alpha: float = 1.0) -> Tensor:
    """Continuously differentiable exponential linear unit, elementwise: `input` where positive, else
    `alpha * (e^(input / alpha) - 1)`. Integers become float32.

    Shape: any; the result has the same. Raises `ValueError` where `alpha` is 0. Source: Barron, 2017 (arXiv 1704.07483).
    """
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Deals the channels out: those of each of `groups` groups of neighbours end up `groups` apart.

    Shape: (N, C, ...); the result has the same. Raises `ShapeError` where the groups do not divide the channels.
    Source: Zhang et al., 2018 (ShuffleNet).
    """
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Cuts a tensor along `dim` into at most `chunks` pieces of equal size, the last one smaller where they do not divide the
    size. Views.

    Shapes: the input's, with `ceil(size / chunks)` or less at `dim`: there may be fewer pieces than asked for, see
    `tensor_split`. Raises `ShapeError` for a dimension that is out of range, `ValueError` unless `chunks > 0`.
    """
def clamp(input: _Operand, min: _Operand | None = None, max: _Operand | None = None) -> Tensor:
    """`input` moved into [`min`, `max`], elementwise; a bound that is None bounds nothing. Bounds are numbers or tensors.

    Shapes: any that broadcast; the result has the broadcast shape. Dtypes promote. NaN in input or bound gives NaN; where
    `min > max` the result is `max`. The gradient passes between the bounds, ends not included, else it flows to the bound; where
    input and a bound that requires a gradient are equal, each gets half. Raises `ValueError` where both bounds are None.
    """
def conv1d(
    input: _Operand,
    weight: _Operand,
    bias: _Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Literal["same", "valid"] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """1-D cross-correlation, as every network library calls convolution.

    Shapes: `input` (N, C, L) or (C, L), `weight` (O, C / groups, k), `bias` (O,) or None; the result is (N, O, L') or (O, L')
    with `L' = (L + 2 * padding - dilation * (k - 1) - 1) // stride + 1`. `padding="valid"` is none, `"same"` as much as keeps
    the size with a stride of 1, at the end one more where it does not divide evenly.
    Raises `ShapeError` where shapes do not fit or the window is larger than the padded input.
    """
def conv2d(
    input: _Operand,
    weight: _Operand,
    bias: _Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Literal["same", "valid"] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """2-D cross-correlation, as every network library calls convolution.

    Shapes: `input` (N, C, H, W) or (C, H, W), `weight` (O, C / groups, kH, kW), `bias` (O,) or None; the result is
    (N, O, H', W') or (O, H', W') with `H' = (H + 2 * padding - dilation * (kH - 1) - 1) // stride + 1`. `stride`, `padding` and
    `dilation` are one number or (vertical, horizontal). `padding="valid"` is none, `"same"` as much as keeps the size with a
    stride of 1, at the end one more where it does not divide evenly. Activations and weights lie channels-last in memory;
    other layouts are copied at the door.
    Raises `ShapeError` where shapes do not fit or the window is larger than the padded image.
    """
def conv3d(
    input: _Operand,
    weight: _Operand,
    bias: _Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Literal["same", "valid"] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """3-D cross-correlation, as every network library calls convolution.

    Shapes: `input` (N, C, D, H, W) or (C, D, H, W), `weight` (O, C / groups, kD, kH, kW), `bias` (O,) or None; the result is
    (N, O, D', H', W') or (O, D', H', W') with `D' = (D + 2 * padding - dilation * (kD - 1) - 1) // stride + 1`. `stride`,
    `padding` and `dilation` are one number or (depth, vertical, horizontal). `padding="valid"` is none, `"same"` as much as
    keeps the size with a stride of 1, at the end one more where it does not divide evenly.
    Raises `ShapeError` where shapes do not fit or the window is larger than the padded volume.
    """
def conv_transpose1d(
    input: _Operand,
    weight: _Operand,
    bias: _Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """1-D transposed convolution: what `conv1d` does to its input's gradient, also called deconvolution.

    Shapes: `input` (N, C, L) or (C, L), `weight` (C, O / groups, k), `bias` (O,) or None; the result is (N, O, L') or (O, L')
    with `L' = (L - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding + 1`. `output_padding` lengthens the result
    at its end, and must be smaller than the stride or the dilation.
    Raises `ShapeError` where shapes do not fit or nothing would be left.
    """
def conv_transpose2d(
    input: _Operand,
    weight: _Operand,
    bias: _Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """2-D transposed convolution: what `conv2d` does to its input's gradient, also called deconvolution.

    Shapes: `input` (N, C, H, W) or (C, H, W), `weight` (C, O / groups, kH, kW), `bias` (O,) or None; the result is
    (N, O, H', W') or (O, H', W') with `H' = (H - 1) * stride - 2 * padding + dilation * (kH - 1) + output_padding + 1`.
    `output_padding` enlarges the result at its end, and must be smaller than the stride or the dilation. All of them are one
    number or (vertical, horizontal). Raises `ShapeError` where shapes do not fit or nothing would be left.
    """
def conv_transpose3d(
    input: _Operand,
    weight: _Operand,
    bias: _Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """3-D transposed convolution: what `conv3d` does to its input's gradient, also called deconvolution.

    Shapes: `input` (N, C, D, H, W) or (C, D, H, W), `weight` (C, O / groups, kD, kH, kW), `bias` (O,) or None; the result is
    (N, O, D', H', W') or (O, D', H', W') with
    `D' = (D - 1) * stride - 2 * padding + dilation * (kD - 1) + output_padding + 1`. `output_padding` enlarges the result at its
    end, and must be smaller than the stride or the dilation. All of them are one number or (depth, vertical, horizontal).
    Raises `ShapeError` where shapes do not fit or nothing would be left.
    """
def copy(input: Tensor, memory_format: Literal["preserve", "contiguous", "channels_last"] = "preserve") -> Tensor:
    """The same values in fresh memory: row-major ("contiguous"), channels-last with three to five dimensions ("channels_last"), or in the
    input's own order ("preserve").

    Shape: any; the result has the same.
    """
def cos(input: _Operand) -> Tensor:
    """The cosine of `input` in radians, elementwise. Integers become float32.

    Shape: any; the result has the same. An infinity gives NaN.
    """
def cosh(input: _Operand) -> Tensor:
    """The hyperbolic cosine, elementwise. Integers become float32.

    Shape: any; the result has the same.
    """
def cosine_embedding_loss(
    input1: _Operand,
    input2: _Operand,
    target: Tensor,
    margin: float = 0.0,
    reduction: Literal["none", "mean", "sum"] = "mean",
) -> Tensor:
    """Of pairs of vectors: `1 - cos` of their angle where the target is 1, `max(0, cos - margin)` where it is -1.

    Shapes: (N, D), (N, D) and (N,), or (D,), (D,) and (); the first two broadcast. `reduction`: "mean" of all
    pairs, "sum", or "none" for each.
    """
def cosine_similarity(x1: _Operand, x2: _Operand, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Cosine of the angle between vectors along `dim`: `x1 x2 / (max(|x1|, eps) max(|x2|, eps))`.

    Shapes: any two that broadcast; the result lacks `dim`. The gradient takes a norm below `eps` for one that moves with its
    vector, as PyTorch does. Raises `ShapeError` for a `dim` that is out of range,
    `ValueError` where `eps` is negative.
    """
def count_nonzero(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """How many elements over the dimensions in `dim` (all of them when None or empty) are not zero, in int64.


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
def dot(input: _Operand, tensor: _Operand) -> Tensor:
    """The sum of the products of two vectors' elements: (K,) and (K,) give a 0-d tensor.

    Raises `ShapeError` for other shapes.
    """
def elu(input: _Operand, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit, elementwise: `input` where positive, else `alpha * (e^input - 1)`. Integers become float32.

    Shape: any; the result has the same. Source: Clevert et al., 2015 (arXiv 1511.07289).
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
def erf(input: _Operand) -> Tensor:
    """The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to `input`, elementwise. Integers become
    float32.

    Shape: any; the result has the same, within [-1, 1].
    """
def erfc(input: _Operand) -> Tensor:
    """`1 - erf(input)`, elementwise, with full precision where that is small. Integers become float32.

    Shape: any; the result has the same, within [0, 2].
    """
def exp(input: _Operand) -> Tensor:
    """The exponential, `e^input`, elementwise. Integers become float32.

    Shape: any; the result has the same. In float32 it overflows to infinity above 88.72.
    """
def exp2(input: _Operand) -> Tensor:
    """`2^input`, elementwise. Integers become float32.

    Shape: any; the result has the same. Exact for whole numbers; float32 overflows to infinity from 128 on.
    """
def expand(input: Tensor, shape: int | Sequence[int]) -> Tensor:
    """Repeats without copying: dimensions of size 1, and new leading ones, take the size asked for; -1 keeps a size. A view.

    Raises `ShapeError` where the shape does not broadcast to the one asked for.
    """
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Repeats without copying to the shape of `other`, whose values are not looked at. A view.

    Raises `ShapeError` where the input does not broadcast to that shape.
    """
def expm1(input: _Operand) -> Tensor:
    """`e^input - 1`, elementwise, accurate near 0. Integers become float32.

    Shape: any; the result has the same.
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
def floor(input: Tensor) -> Tensor:
    """The greatest whole number that is not above `input`, elementwise.

    Shape: any; the result has the same. Integers stay as they are. The gradient is 0.
    """
def floor_divide(input: _Operand, other: _Operand) -> Tensor:
    """The quotient rounded down, elementwise: Python's `//`. The gradient is 0.

    Shapes: any two that broadcast; the result has the broadcast shape. Dtypes promote. A float divided by zero gives an
    infinity or NaN; integers raise `ValueError`.
    """
def fmod(input: _Operand, other: _Operand) -> Tensor:
    """What the division cut off towards zero leaves, elementwise, with the sign of `input`: C's `fmod`. Exact.

    Shapes: any two that broadcast; the result has the broadcast shape. Dtypes promote. A float divided by zero leaves
    NaN; integers raise `ValueError`.
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
def frac(input: _Operand) -> Tensor:
    """What follows the point, with the sign of `input`, elementwise: `input - trunc(input)`. Integers become float32.

    Shape: any; the result has the same. An infinity gives NaN.
    """
def full(shape: int | Sequence[int], value: float, dtype: _DTypeLike = "float32") -> Tensor:
    """A tensor of `shape` filled with `value`."""
def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Picks one element along `dim` for each entry of `index`: `out[i][j] = input[i][index[i][j]]` for `dim=1`.

    `index` is int64, with as many dimensions as the input and no larger in any but `dim`; negative entries count from the
    end. Shape: that of `index`. Raises `DTypeError` or `ShapeError` for an index that does not fit, `ValueError` for an
    entry out of range. The gradients of elements that are taken more than once add up, in row-major order of `index`.
    """
def gaussian_nll_loss(
    input: _Operand,
    target: _Operand,
    var: _Operand,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Literal["none", "mean", "sum"] = "mean",
) -> Tensor:
    """Negative log-likelihood under normal distributions of means `input` and variances `var`:
    `(log(var) + (input - target) ** 2 / var) / 2`, plus log(2 pi) / 2 where `full`. Variances count as `eps` at least, but
    their gradients pass.

    Shapes: `input` and `target` broadcast; `var` has their shape, or 1 for the last dimension, or lacks it.
    `reduction`: "mean" of all elements, "sum", or "none" for each. Raises `ValueError` unless `eps` is positive.
    Source: Nix and Weigend, 1994.
    """
def ge(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input >= other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def gelu(input: _Operand, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """Gaussian error linear unit, elementwise: `input * P(X <= input)` for a standard normal X. With `approximate="tanh"`:
    `0.5 * input * (1 + tanh(sqrt(2 / pi) * (input + 0.044715 * input ** 3)))`. Integers become float32.

    Shape: any; the result has the same. Source: Hendrycks and Gimpel, 2016 (arXiv 1606.08415).
    """
def glu(input: _Operand, dim: int = -1) -> Tensor:
    """Gated linear unit: the first half of `input` along `dim`, times the sigmoid of the second half.

    Shape: the result is half as large along `dim`. Integers become float32. Raises `ShapeError` where the size along
    `dim` is odd, or there is no such dimension. Source: Dauphin et al., 2016 (arXiv 1612.08083).
    """
def grid_sample(
    input: _Operand,
    grid: _Operand,
    mode: Literal["bilinear", "nearest", "bicubic"] = "bilinear",
    padding_mode: Literal["zeros", "border", "reflection"] = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Samples images or volumes at the points of a grid: (-1, -1) is the corner of the first element, (1, 1) that of the last.

    Shapes: `input` (N, C, H, W) and `grid` (N, H', W', 2), whose last dimension holds x and y; or (N, C, D, H, W) and
    (N, D', H', W', 3) with x, y and z. The result is (N, C, H', W') or (N, C, D', H', W'). `mode`: "bilinear" (of volumes
    trilinear), "nearest" (of two as near the even one) or "bicubic" (of volumes tricubic). `padding_mode` says what lies
    outside: "zeros", the nearest element of the "border", or the "reflection" of the input. With `align_corners` the corners
    are the middles of the outermost elements, else their outer edges; None is False. The gradient has none of its own.
    Raises `ShapeError` where shapes do not go together.
    """
def group_norm(
    input: _Operand, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Group normalization: the channels of each sample, in `num_groups` groups of neighbours, are normalised by the group's
    mean and biased variance over channels and positions; then `* weight + bias` by channel.

    Shapes: `input` (N, C) or (N, C, ...) with C a multiple of `num_groups`; `weight` and `bias` (C,) or None; the result
    has the input's shape, and its order in memory. Raises `ShapeError` where the groups do not divide the channels.
    Source: Wu and He, 2018.
    """
def gt(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input > other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def hardshrink(input: _Operand, lambd: float = 0.5) -> Tensor:
    """`input`, and 0 where it is within `lambd` of 0, elementwise: nowhere, where `lambd` is negative. Integers become float32.

    Shape: any; the result has the same. Raises `ValueError` where `lambd` is NaN.
    """
def hardsigmoid(input: _Operand) -> Tensor:
    """`relu6(input + 3) / 6`, elementwise: a sigmoid of straight lines. Integers become float32.

    Shape: any; the result has the same, within [0, 1].
    """
def hardswish(input: _Operand) -> Tensor:
    """`input * relu6(input + 3) / 6`, elementwise: a `silu` without exponential. Integers become float32.

    Shape: any; the result has the same. Source: Howard et al., 2019 (arXiv 1905.02244).
    """
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """`input` moved into [`min_val`, `max_val`], elementwise. NaN stays NaN.

    Shape: any; the result has the same. The gradient at the bounds is 0. Raises `ValueError` where
    `min_val > max_val`.
    """
def hinge_embedding_loss(
    input: _Operand, target: _Operand, margin: float = 1.0, reduction: Literal["none", "mean", "sum"] = "mean"
) -> Tensor:
    """Of distances and labels: `input` where the target is 1, `max(0, margin - input)` where it is -1.

    Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each. The target is a constant.
    Source: PyTorch, after Hadsell, Chopra and LeCun, 2006.
    """
def histc(input: Tensor, bins: int = 100, min: float = 0.0, max: float = 0.0) -> Tensor:
    """A histogram: how many elements fall into each of `bins` equal parts of `[min, max]`. What is outside is not counted, NaN
    neither; where both bounds are 0 they are the smallest and the largest element.

    Shape: any to `(bins,)`, in the input's dtype, float32 or float64. There is no gradient. Raises `DTypeError` for other
    dtypes, `ValueError` unless `bins > 0` and `min <= max`, or for bounds that are not finite.
    """
def huber_loss(
    input: _Operand, target: _Operand, reduction: Literal["none", "mean", "sum"] = "mean", delta: float = 1.0
) -> Tensor:
    """Squared error near 0, absolute error far off: `d ** 2 / 2` where d = |input - target| is at most `delta`, else
    `delta * (d - delta / 2)`.

    Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    Raises `ValueError` unless `delta` is positive. Source: Huber, 1964.
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
def instance_norm(
    input: _Operand,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Instance normalization: every channel of every sample by its own mean and biased variance over the positions, then
    `* weight + bias` by channel.

    Shapes: `input` (N, C, ...); statistics, `weight` and `bias` (C,) or None. The running statistics, where given, move
    towards the samples' average of means and *unbiased* variances by `momentum`, in place; with `use_input_stats` off they
    normalise instead. Raises `ShapeError` where a channel has one position only.
    Source: Ulyanov, Vedaldi and Lempitsky, 2016.
    """
def interpolate(
    input: _Operand,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: Literal["nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact"] = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resizes sequences, images or volumes, to `size` or by `scale_factor`.

    Shapes: `input` (N, C, L), (N, C, H, W) or (N, C, D, H, W); the result has other sizes after the channels, and the
    input's order in memory. One number serves all of them. Modes: "nearest" (the sample at or before), "nearest-exact" (the
    one whose middle is nearest), "area" (the mean of what an output covers), "linear" for sequences, "bilinear" and
    "bicubic" for images, "trilinear" for volumes. `align_corners` (for the last four) lays the outermost samples of both
    on each other. `recompute_scale_factor` takes the ratio of the sizes instead of the given factor. There is no
    `antialias`. Raises `ValueError` where mode, dimensions and arguments do not go together.
    """
def isfinite(input: Tensor) -> Tensor:
    """Whether `input` is neither infinite nor NaN, elementwise.

    Shape: any; the result is bool, of the same. Integers are finite. There is no gradient.
    """
def isinf(input: Tensor) -> Tensor:
    """Whether `input` is infinite, elementwise.

    Shape: any; the result is bool, of the same. Integers are finite. There is no gradient.
    """
def isnan(input: Tensor) -> Tensor:
    """Whether `input` is NaN, elementwise.

    Shape: any; the result is bool, of the same. Integers are finite. There is no gradient.
    """
def kl_div(
    input: _Operand,
    target: _Operand,
    reduction: Literal["none", "mean", "sum", "batchmean"] = "mean",
    log_target: bool = False,
) -> Tensor:
    """Kullback-Leibler divergence of a target distribution from the input's logarithms: `target * (log(target) - input)`,
    0 where the target is. With `log_target` the target is given as its logarithm.

    Shapes: any two that broadcast. `reduction`: "mean" of all elements, "batchmean" (the divergence itself: the sum over
    the first size), "sum", or "none" for each.
    """
def kron(input: _Operand, other: _Operand) -> Tensor:
    """Kronecker product: each element of `input` becomes a block of it times `other`.

    Shapes: leading sizes of 1 make up for missing dimensions; sizes multiply. Raises `ShapeError` for more than 4 dimensions.
    """
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The `k`-th smallest element along dimension `dim`, counted from 1, as (values, indices). NaN counts as the largest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Indices are int64; of equal elements the earlier
    has the lower rank. The gradient goes to the element that `indices` names. Raises `ShapeError` for a dimension that is
    out of range or empty, `ValueError` for a k that is.
    """
def l1_loss(input: _Operand, target: _Operand, reduction: Literal["none", "mean", "sum"] = "mean") -> Tensor:
    """Absolute error, `|input - target|`; the gradient where both are equal is 0.

    Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    """
def layer_norm(
    input: _Operand,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Layer normalization over the last dimensions: `(x - mean) / sqrt(var + eps) * weight + bias`.

    Shapes: `input` (*, normalized_shape); `weight` and `bias` of normalized_shape, or None; the result has the input's
    shape. Mean and biased variance are those of each row. Raises `ShapeError` where the input does not end in
    normalized_shape. Source: Ba, Kiros and Hinton, 2016.
    """
def le(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input <= other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def leaky_relu(input: _Operand, negative_slope: float = 0.01) -> Tensor:
    """`input` where positive, else `negative_slope * input`, elementwise. Integers become float32.

    Shape: any; the result has the same. The gradient at 0 is `negative_slope`.
    """
def lerp(input: _Operand, end: _Operand, weight: _Operand) -> Tensor:
    """From `input` towards `end` by the part `weight`, elementwise: `input + weight * (end - input)`, exact at both ends.

    Shapes: any three that broadcast; the result has the broadcast shape. `weight` is a number or a tensor. Integers become
    float32.
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

    Shapes: `input` (*, in), `weight` (out, in), `bias` (out,), or what broadcasts to the result, or None; the
    result is (*, out).
    Raises `ShapeError` where they do not fit.
    """
def linspace(start: float, end: float, steps: int, dtype: _DTypeLike = "float32") -> Tensor:
    """`steps` numbers, evenly spaced from `start` to `end`, both included exactly.

    Shape: `(steps,)`; one step gives `start`. Computed in float64, from the nearer end, so that the spacing is symmetric.
    Raises `ShapeError` for a negative number of steps, `DTypeError` unless `dtype` is a float.
    """
def local_response_norm(
    input: _Operand, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0, average: bool = True
) -> Tensor:
    """Local response normalization: `x / (k + alpha * m) ** beta`, where m is the mean of the squares of `size` neighbouring
    channels, `size // 2` of them before the own one; channels outside count as zeros.

    Shape: (N, C, ...); the result has the same. The papers multiply alpha with the sum of the squares instead of their
    mean: `average=False` does that (AlexNet: size=5, alpha=1e-4, beta=0.75, k=2). Raises `ShapeError` for fewer than 3
    dimensions. Source: Krizhevsky, Sutskever and Hinton, 2012, section 3.3.
    """
def log(input: _Operand) -> Tensor:
    """The natural logarithm, elementwise. Integers become float32.

    Shape: any; the result has the same. Zero gives minus infinity, a negative number NaN.
    """
def log10(input: _Operand) -> Tensor:
    """The logarithm to base 10, elementwise. Integers become float32.

    Shape: any; the result has the same. Zero gives minus infinity, a negative number NaN.
    """
def log1p(input: _Operand) -> Tensor:
    """`ln(1 + input)`, elementwise, accurate near 0. Integers become float32.

    Shape: any; the result has the same. -1 gives minus infinity, what is below NaN.
    """
def log2(input: _Operand) -> Tensor:
    """The logarithm to base 2, elementwise. Integers become float32.

    Shape: any; the result has the same. Zero gives minus infinity, a negative number NaN.
    """
def log_softmax(input: _Operand, dim: int) -> Tensor:
    """`log(softmax(input, dim))`, computed as `input - max - log(sum(exp(input - max)))`.

    Shape: any; the result has the same. Raises `ShapeError` for a `dim` that is out of range.
    """
def logical_and(input: _Operand, other: _Operand) -> Tensor:
    """Whether `input` and `other` both are true, elementwise.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first; all but 0
    is true, NaN too. There is no gradient.
    """
def logical_not(input: Tensor) -> Tensor:
    """Whether `input` is 0 or false, elementwise.

    Shape: any; the result is bool, of the same. All but 0 is true, NaN too. There is no gradient.
    """
def logical_or(input: _Operand, other: _Operand) -> Tensor:
    """Whether `input` or `other` or both are true, elementwise.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first; all but 0
    is true, NaN too. There is no gradient.
    """
def logical_xor(input: _Operand, other: _Operand) -> Tensor:
    """Whether one of `input` and `other` is true and the other is not, elementwise.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first; all but 0
    is true, NaN too. There is no gradient.
    """
def logsigmoid(input: _Operand) -> Tensor:
    """`ln(sigmoid(input))`, elementwise, without overflow. Integers become float32.

    Shape: any; the result has the same.
    """
def logsumexp(input: _Operand, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
    """`log(sum(exp(input)))` over the dimensions in `dim` (all when empty), without overflow.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of nothing it is minus infinity. Integers become
    float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def lp_pool1d(
    input: _Operand,
    norm_type: float,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """The p-norm of each window along a line: `sum(input ** p) ** (1 / p)` with p = `norm_type`, of the numbers themselves, not
    of their sizes. With 1 the sum, with infinity the largest size.

    Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L') with `L' = (L - kernel_size) // stride + 1` (rounded up
    with `ceil_mode`; a window that hangs over counts as if it were full). `stride` is `kernel_size` unless given.
    Raises `ValueError` for a `norm_type` of 0, `ShapeError` where the window is larger than the input.
    """
def lp_pool2d(
    input: _Operand,
    norm_type: float,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """The p-norm of each window: `sum(input ** p) ** (1 / p)` with p = `norm_type`, of the numbers themselves, not of their sizes.
    With 1 the sum, with infinity the largest size.

    Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W') with
    `H' = (H - kernel_size) // stride + 1` (rounded up with `ceil_mode`; a window that hangs over counts as if it were full). Each
    of the sizes is one number or (vertical, horizontal); `stride` is `kernel_size` unless given.
    Raises `ValueError` for a `norm_type` of 0, `ShapeError` where the window is larger than the image.
    """
def lp_pool3d(
    input: _Operand,
    norm_type: float,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """The p-norm of each window of a volume: `sum(input ** p) ** (1 / p)` with p = `norm_type`, of the numbers themselves, not of
    their sizes. With 1 the sum, with infinity the largest size.

    Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W') with
    `D' = (D - kernel_size) // stride + 1` (rounded up with `ceil_mode`; a window that hangs over counts as if it were full). Each
    of the sizes is one number or (depth, vertical, horizontal); `stride` is `kernel_size` unless given.
    Raises `ValueError` for a `norm_type` of 0, `ShapeError` where the window is larger than the volume.
    """
def lt(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise `input < other`.

    Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
    nothing and has no order. There is no gradient.
    """
def margin_ranking_loss(
    input1: _Operand,
    input2: _Operand,
    target: _Operand,
    margin: float = 0.0,
    reduction: Literal["none", "mean", "sum"] = "mean",
) -> Tensor:
    """`max(0, margin - target * (input1 - input2))`: a target of 1 wants the first input higher, -1 the second.

    Shapes: any three that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
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
@overload
def max_pool1d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def max_pool1d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[Tensor, Tensor]: ...
@overload
def max_pool1d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """Maximum over windows along a line. NaN is the maximum of its window; of equal values the first one gets the gradient.

    Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L') with
    `L' = (L + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1` (rounded up with `ceil_mode`). `stride` is
    `kernel_size` unless given. Padding counts as minus infinity, and is at most half of the window. With `return_indices`
    also the place of each maximum, int64, for `max_unpool1d`. Raises `ShapeError` where the window is larger than the input.
    """
@overload
def max_pool2d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def max_pool2d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[Tensor, Tensor]: ...
@overload
def max_pool2d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """Maximum over sliding windows. NaN is the maximum of its window; of equal values the first one gets the gradient.

    Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W') with
    `H' = (H + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1` (rounded up with `ceil_mode`). Each of the
    sizes is one number or (vertical, horizontal); `stride` is `kernel_size` unless given. Padding counts as minus
    infinity, and is at most half of the window. With `return_indices` also the place of each maximum in its channel's image,
    row-major, int64, for `max_unpool2d`. Raises `ShapeError` where the window is larger than the image.
    """
@overload
def max_pool3d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def max_pool3d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[Tensor, Tensor]: ...
@overload
def max_pool3d(
    input: _Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """Maximum over windows of a volume. NaN is the maximum of its window; of equal values the first one gets the gradient.

    Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W') with
    `D' = (D + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1` (rounded up with `ceil_mode`). Each of the sizes
    is one number or (depth, vertical, horizontal); `stride` is `kernel_size` unless given. Padding counts as minus infinity,
    and is at most half of the window. With `return_indices` also the place of each maximum in its channel's volume,
    row-major, int64, for `max_unpool3d`. Raises `ShapeError` where the window is larger than the volume.
    """
def max_unpool1d(
    input: _Operand,
    indices: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    output_size: int | Sequence[int] | None = None,
) -> Tensor:
    """A partial inverse of `max_pool1d`: zeros, with the values of `input` where `indices` say.

    Shapes: `input` and `indices` (int64) (N, C, L) or (C, L); the result is (N, C, L') or (C, L') with
    `L' = (L - 1) * stride - 2 * padding + kernel_size`, or as `output_size` says, which is less than a stride away from that.
    Of values for one place the last stays. Raises `ShapeError` where shapes do not fit, `ValueError` for an index out of range.
    """
def max_unpool2d(
    input: _Operand,
    indices: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    output_size: int | Sequence[int] | None = None,
) -> Tensor:
    """A partial inverse of `max_pool2d`: zeros, with the values of `input` where `indices` say.

    Shapes: `input` and `indices` (int64) (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W') with
    `H' = (H - 1) * stride - 2 * padding + kernel_size`, or as `output_size` says, which is less than a stride away from that.
    Of values for one place the last stays. Raises `ShapeError` where shapes do not fit, `ValueError` for an index out of range.
    """
def max_unpool3d(
    input: _Operand,
    indices: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    output_size: int | Sequence[int] | None = None,
) -> Tensor:
    """A partial inverse of `max_pool3d`: zeros, with the values of `input` where `indices` say.

    Shapes: `input` and `indices` (int64) (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W') with
    `D' = (D - 1) * stride - 2 * padding + kernel_size`, or as `output_size` says, which is less than a stride away from that.
    Of values for one place the last stays. Raises `ShapeError` where shapes do not fit, `ValueError` for an index out of range.
    """
def maximum(input: _Operand, other: _Operand) -> Tensor:
    """The larger of two numbers, elementwise, with broadcasting and promotion. NaN in either gives NaN.

    Shapes: any two that broadcast; the result has the broadcast shape. Where both are equal, each gets half of the
    gradient.
    """
def mean(
    input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False, dtype: _DTypeLike | None = None
) -> Tensor:
    """Mean over the dimensions in `dim` (all of them when None or empty). The order of additions is fixed. Integers become
    float32; `dtype` casts first.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. The mean of nothing is NaN.
    Raises `ShapeError` for a dimension that is out of range or named twice, `DTypeError` for a dtype that is no float.
    """
@overload
def median(input: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def median(input: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The median along `dim`, as (values, indices); without `dim` that of all elements, as one 0-d tensor.
    NaN where there is one.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of an even number of elements it is the lower of
    the two in the middle; of no elements at all, NaN. Indices are int64. The gradient goes to one element. Raises `ShapeError` for a dimension that
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
def minimum(input: _Operand, other: _Operand) -> Tensor:
    """The smaller of two numbers, elementwise, with broadcasting and promotion. NaN in either gives NaN.

    Shapes: any two that broadcast; the result has the broadcast shape. Where both are equal, each gets half of the
    gradient.
    """
def mish(input: _Operand) -> Tensor:
    """`input * tanh(softplus(input))`, elementwise. Integers become float32.

    Shape: any; the result has the same. Source: Misra, 2019 (arXiv 1908.08681).
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
def mse_loss(input: _Operand, target: _Operand, reduction: Literal["none", "mean", "sum"] = "mean") -> Tensor:
    """Squared error, `(input - target) ** 2`.

    Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    """
def mul(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise product, `input * other`, with broadcasting and promotion.

    Shapes: any two that broadcast; the result has the broadcast shape. Of two bools it is whether both are true.
    """
def multi_margin_loss(
    input: _Operand,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    reduction: Literal["none", "mean", "sum"] = "mean",
) -> Tensor:
    """Multi-class hinge loss: the sum over the other classes j of `max(0, margin - input[target] + input[j]) ** p`, times
    `weight[target]`, over the number of classes.

    Shapes: `input` (N, C) or (C,); `target` (N,) or (), integers in [0, C); `weight` (C,) or None. `p` is 1 or 2.
    `reduction`: "mean" of all rows, "sum", or "none" for each. Raises `InvalidValueError` for a label that is out of range,
    before anything is written.
    """
def multilabel_margin_loss(
    input: _Operand, target: Tensor, reduction: Literal["none", "mean", "sum"] = "mean"
) -> Tensor:
    """Hinge loss of rows with several labels each: the sum of `max(0, 1 - input[label] + input[other])` over a row's labels and
    the classes that are none of them, over the number of classes.

    Shapes: `input` (N, C) or (C,), `target` the same: a row's labels, integers in [0, C), end at the first -1. `reduction`:
    "mean" of all rows, "sum", or "none" for each. Raises `ValueError` for a label that is out of range, before anything is
    written.
    """
def mv(input: _Operand, vec: _Operand) -> Tensor:
    """Product of a matrix and a vector: (M, K) and (K,) give (M,).

    Raises `ShapeError` for other shapes.
    """
def nanmean(
    input: _Operand, dim: int | Sequence[int] | None = None, keepdim: bool = False, dtype: _DTypeLike | None = None
) -> Tensor:
    """Mean over the dimensions in `dim` (all of them when None or empty) of the elements that are not NaN.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of nothing but NaN it is NaN. Integers become
    float32; `dtype` casts first. No gradient flows to a NaN. Raises `ShapeError` for a dimension that is out of range or
    named twice, `DTypeError` for a dtype that is no float.
    """
@overload
def nanmedian(input: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def nanmedian(input: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The median along `dim` of what is not NaN, as (values, indices); without `dim` that of all elements, as one 0-d
    tensor. NaN where there is nothing else.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of an even number of elements it is the lower of
    the two in the middle; of no elements at all, NaN. Indices are int64. The gradient goes to one element. Raises `ShapeError` for a dimension that
    is out of range or empty.
    """
def nanquantile(
    input: _Operand,
    q: _Operand,
    dim: int | None = None,
    keepdim: bool = False,
    interpolation: Literal["linear", "lower", "higher", "midpoint", "nearest"] = "linear",
) -> Tensor:
    """The values below which the part `q` of the elements lies that are not NaN: along `dim`, or of all elements when
    None. NaN where there is nothing else.

    `q` is a number or a vector of numbers in [0, 1]. `interpolation` says what to take where a quantile lies between two
    elements: "linear" in proportion, "lower", "higher", "midpoint" or "nearest" (the even place of two as near).
    Shape: the input's without `dim`, or with size 1 there when `keepdim`; with a vector `q`, its size in front.
    Integers become float32. Raises `ShapeError` for a dimension that is out of range or empty or a `q` of more
    dimensions, `ValueError` for a `q` outside.
    """
def nansum(
    input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False, dtype: _DTypeLike | None = None
) -> Tensor:
    """Sum over the dimensions in `dim` (all of them when None or empty), in which NaN counts as 0.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Integers and bool give int64, as in `sum`; `dtype`
    casts first. No gradient flows to a NaN. Raises `ShapeError` for a dimension that is out of range or named twice.
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
def nll_loss(
    input: _Operand,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: Literal["none", "mean", "sum"] = "mean",
) -> Tensor:
    """Negative log-likelihood: `-weight[target] * input[target]`, of logarithms of probabilities.

    Shapes: `input` (N, C), (C,) or (N, C, d1, ...); `target` (N,), () or (N, d1, ...), integers in [0, C) or `ignore_index`;
    `weight` (C,) or None. "mean" divides by the sum of the weights of the labels, "none" gives the losses in the shape of
    the labels. Raises `InvalidValueError` for a label that is out of range, before anything is written.
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
    """The norm `(sum |input|^p)^(1/p)` over the dimensions in `dim` (all when None or empty), which count as one vector. "fro" is
    p = 2; 0 counts what is not zero; infinity takes the largest absolute value, minus infinity the smallest.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. With `dtype` the input is cast first. Where the
    norm is 0 no gradient flows. Raises `ShapeError` for a dimension that is out of range or named twice, or where p is
    negative or infinite and there is no element; `DTypeError` for integers.
    """
def normalize(input: _Operand, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """Vectors along `dim` at length 1: `input / max(p-norm, eps)`.

    Shape: any; the result has the same. `p` may be infinite. Raises `ShapeError` for a `dim` that is out of range.
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
def pairwise_distance(x1: _Operand, x2: _Operand, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """Distance of vectors: the `p`-norm of `x1 - x2 + eps` over the last dimension.

    Shapes: (*, D) and (*, D) that broadcast; the result lacks the last size, or has 1 there with `keepdim`. `p` may be
    infinite.
    """
def permute(input: Tensor, dims: int | Sequence[int]) -> Tensor:
    """Reorders dimensions: dimension `i` of the result is dimension `dims[i]` of the input. A view.

    Shape: `(d0, …)` to `(d[dims[0]], …)`. Raises `ShapeError` unless `dims` names each dimension once.
    """
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Spreads channels over space: (*, C r^2, H, W) becomes (*, C, H r, W r), with r the `upscale_factor`.

    Raises `ShapeError` where r^2 does not divide the channels. Source: Shi et al., 2016.
    """
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Undoes `pixel_shuffle`: (*, C, H r, W r) becomes (*, C r^2, H, W), with r the `downscale_factor`.

    Raises `ShapeError` where r does not divide height and width.
    """
def poisson_nll_loss(
    input: _Operand,
    target: _Operand,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: Literal["none", "mean", "sum"] = "mean",
) -> Tensor:
    """Negative log-likelihood of counts under Poisson's distribution: `exp(input) - target * input`, or without `log_input`,
    of the rate itself, `input - target * log(input + eps)`. `full` adds Stirling's approximation of log(target!) where
    the target is above 1.

    Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    """
def pow(input: _Operand, exponent: _Operand) -> Tensor:
    """`input` to the power of `exponent`, elementwise, with broadcasting and promotion.

    Shapes: any two that broadcast; the result has the broadcast shape. A negative number to a fractional power is NaN.
    Integers stay integers and wrap; a tensor of negative exponents then gives 0, but for bases 1 and -1, and a negative
    number as the exponent raises `ValueError`.
    """
def prelu(input: _Operand, weight: _Operand) -> Tensor:
    """`input` where positive, else `weight * input`, with a learned weight for each channel, or one for all.

    Shapes: `input` (N, C, *), or with fewer dimensions one channel; `weight` (C,), (1,) or 0-d; the result has the
    input's shape. Integers become float32. Raises `ShapeError` for another number of weights.
    Source: He et al., 2015 (arXiv 1502.01852).
    """
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, dtype: _DTypeLike | None = None) -> Tensor:
    """Product along `dim`, or of all elements when None.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Integers and bool give int64; `dtype` casts first;
    an empty product is 1. The gradient is right where elements are zero, too. Raises `ShapeError` for a dimension that is
    out of range.
    """
def quantile(
    input: _Operand,
    q: _Operand,
    dim: int | None = None,
    keepdim: bool = False,
    interpolation: Literal["linear", "lower", "higher", "midpoint", "nearest"] = "linear",
) -> Tensor:
    """The values below which the part `q` of the elements lies: along `dim`, or of all elements when None.
    NaN where there is one.

    `q` is a number or a vector of numbers in [0, 1]. `interpolation` says what to take where a quantile lies between two
    elements: "linear" in proportion, "lower", "higher", "midpoint" or "nearest" (the even place of two as near).
    Shape: the input's without `dim`, or with size 1 there when `keepdim`; with a vector `q`, its size in front.
    Integers become float32. Raises `ShapeError` for a dimension that is out of range or empty or a `q` of more
    dimensions, `ValueError` for a `q` outside.
    """
def random_alpha_dropout(
    input: Tensor, generator: Tensor, p: float = 0.5, training: bool = True, features: bool = False
) -> Tensor:
    """Alpha dropout: while `training`, elements dropped with probability `p` take SELU's lower limit, and all are scaled and
    shifted so that mean and variance stay; otherwise the input as it is. With `features` whole channels are dropped.

    `generator` is int64 `[seed, draws so far]`; each call takes one draw from it. Shape: any, (N, C, ...) with `features`;
    the result has the same. Raises `ValueError` unless `0 <= p < 1`. Source: Klambauer et al., 2017.
    """
def random_dropout(input: Tensor, generator: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """Dropout: while `training`, each element is zeroed with probability `p` and the others are divided by `1 - p`, so that
    the expected value stays; otherwise the input as it is.

    `generator` is int64 `[seed, draws so far]`; each call takes one draw from it. Shape: any; the result has the same.
    Raises `ValueError` unless `0 <= p < 1`. Where a text calls `p` the probability of keeping, pass `1 - p`.
    Source: Srivastava et al., 2014.
    """
def random_feature_dropout(input: Tensor, generator: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """Dropout of whole channels: while `training`, each channel of each sample is zeroed with probability `p` and the others
    are divided by `1 - p`; otherwise the input as it is.

    `generator` is int64 `[seed, draws so far]`; each call takes one draw from it. Shape: (N, C, ...); the result has the
    same. Raises `ValueError` unless `0 <= p < 1`. Source: Tompson et al., 2015.
    """
def random_gumbel_softmax(
    logits: Tensor, generator: Tensor, tau: float = 1.0, hard: bool = False, dim: int = -1
) -> Tensor:
    """A draw from the Gumbel-softmax distribution: `softmax((logits + g) / tau)` along `dim`, with g = -log(-log(u)) and u
    uniform. With `hard` the largest becomes 1 and the others 0, with the gradient of the soft draw.

    `generator` is int64 `[seed, draws so far]`; each call takes one draw from it. Shape: any; the result has the same.
    Raises `ValueError` unless `tau` is positive. Sources: Jang, Gu and Poole, 2017; Maddison, Mnih and Teh, 2017.
    """
def reciprocal(input: _Operand) -> Tensor:
    """`1 / input`, elementwise. Integers become float32.

    Shape: any; the result has the same. Zero gives an infinity of its sign.
    """
def relu(input: _Operand) -> Tensor:
    """Rectified linear unit, `max(input, 0)`, elementwise. NaN stays NaN; the gradient at 0 is 0.

    Shape: any; the result has the same. Source: Nair and Hinton, 2010.
    """
def relu6(input: Tensor) -> Tensor:
    """`min(max(input, 0), 6)`, elementwise. NaN stays NaN.

    Shape: any; the result has the same. The gradient at 0 and 6 is 0.
    """
def remainder(input: _Operand, other: _Operand) -> Tensor:
    """What the division rounded down leaves, elementwise, with the sign of `other`: Python's `%`. Exact, but where a sign
    changes.

    Shapes: any two that broadcast; the result has the broadcast shape. Dtypes promote. A float divided by zero leaves
    NaN; integers raise `ValueError`.
    """
def repeat(input: Tensor, repeats: int | Sequence[int]) -> Tensor:
    """The tensor `repeats[i]` times along each dimension; there may be more repeats than dimensions, for new leading ones. A
    copy.

    Shape: the input's with each size multiplied. Raises `ShapeError` for fewer repeats than dimensions, or negative ones.
    """
def repeat_interleave(input: Tensor, repeats: int | Sequence[int] | Tensor, dim: int | None = None) -> Tensor:
    """Each element along `dim` several times in a row: all of them `repeats` times, or as often as a list or vector of integers
    says for each (which the host reads, so that a captured step refuses a vector). Without `dim` the elements count as one line, in row-major order.

    Shape: the input's with the sum of the repeats at `dim`. Raises `ShapeError` for a dimension that is out of range or a list
    of another length, `ValueError` for negative repeats.
    """
def reshape(input: Tensor, shape: int | Sequence[int]) -> Tensor:
    """The same values in another shape, in row-major order; one size may be -1. A view where strides allow it, else a copy.

    Raises `ShapeError` where the number of elements differs.
    """
def rms_norm(
    input: _Operand, normalized_shape: int | Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Root mean square normalization over the last dimensions: `x / sqrt(mean(x ** 2) + eps) * weight`.

    Shapes: `input` (*, normalized_shape); `weight` of normalized_shape, or None; the result has the input's shape. `eps` of
    None is the distance from 1 to the next number of the input's dtype. Raises `ShapeError` where the input does not end
    in normalized_shape. Source: Zhang and Sennrich, 2019.
    """
def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None) -> Tensor:
    """Moves the elements by `shifts` places along the dimensions in `dims`; what leaves at the end comes in at the start. Without
    `dims`, or with none in it, the elements move as one line, in row-major order. A copy.

    Shape: the input's. Raises `ShapeError` for a dimension that is out of range, or unless there are as many shifts as
    dimensions.
    """
def rot90(input: Tensor, k: int = 1, dims: int | Sequence[int] = (0, 1)) -> Tensor:
    """Turns a tensor by `k` right angles in the plane of two dimensions, from the first towards the second.

    Shape: the input's, with the two sizes swapped when k is odd. Raises `ShapeError` unless `dims` names two dimensions.
    """
def round(input: Tensor, decimals: int = 0) -> Tensor:
    """To the nearest number with `decimals` digits after the point (before it where negative), half to the even one,
    elementwise. The gradient is 0.

    Shape: any; the result has the same. Integers stay as they are. Raises `ValueError` unless `-30 <= decimals <= 30`.
    """
def rsqrt(input: _Operand) -> Tensor:
    """`1 / sqrt(input)`, elementwise. Integers become float32.

    Shape: any; the result has the same. Zero gives an infinity of its sign, a negative number NaN.
    """
def scaled_dot_product_attention(
    query: _Operand,
    key: _Operand,
    value: _Operand,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    generator: Tensor | None = None,
) -> Tensor:
    """Attention: `softmax(scale * query key^T + attn_mask) value`. The matrix of weights is never held whole.

    Shapes: `query` (..., L, E), `key` (..., S, E), `value` (..., S, V) give (..., L, V); leading sizes broadcast. With
    `enable_gqa` the query has several heads (its third last size) for each of key and value. `attn_mask` broadcasts to
    (..., L, S): bool, true where a key takes part, or numbers that are added. `is_causal` lets query i see keys up to i, and
    takes no mask beside it. `scale` of None is 1 / sqrt(E). A query that sees no key gets zeros. `dropout_p` above 0
    drops weights and takes one draw from `generator`, int64 `[seed, draws so far]`.
    Sources: Vaswani et al., 2017; Dao et al., 2022 (arXiv 2205.14135).
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
def searchsorted(
    sorted_sequence: _Operand,
    input: _Operand,
    out_int32: bool = False,
    right: bool = False,
    side: Literal["left", "right"] | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where each element of `input` could be put into the last dimension of `sorted_sequence` so that it stays sorted: before its
    equals, or behind them with `right`, or `side="right"`.

    Shapes: `sorted_sequence` is a vector, or has the input's shape but for the last size; the result has the input's, in
    int64 (int32 with `out_int32`). A sequence that is not sorted takes `sorter` beside it, of its shape: the int64 indices
    that sort its lines, as `argsort` gives them. Dtypes promote. NaN comes last. That the sequence is sorted is not checked.
    Raises `ShapeError` for other shapes, `ValueError` where `right` and `side="left"` are given together.
    """
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The elements at `index` along dimension `dim`, which goes away: `x[:, index]` for `dim=1`. Counts from the end when
    negative. A view.

    Shape: the input's without `dim`. Raises `ShapeError` for a dimension, `ValueError` for an index out of range.
    """
def selu(input: _Operand) -> Tensor:
    """Self-normalising exponential linear unit, elementwise: `elu` with `alpha` 1.6733, times 1.0507. Integers become float32.

    Shape: any; the result has the same. Source: Klambauer et al., 2017 (arXiv 1706.02515).
    """
def sigmoid(input: _Operand) -> Tensor:
    """The logistic function, `1 / (1 + e^-input)`, elementwise, within [0, 1]. Integers become float32.

    Shape: any; the result has the same. Neither tail overflows: far left it is `e^input` to the last digit.
    """
def sign(input: Tensor) -> Tensor:
    """-1, 0 or 1, elementwise, as the sign says; 0 for NaN. The gradient is 0.

    Shape: any; the result has the same.
    """
def silu(input: _Operand) -> Tensor:
    """`input * sigmoid(input)`, elementwise; also called swish. Integers become float32.

    Shape: any; the result has the same. Source: Elfwing et al., 2017 (arXiv 1702.03118).
    """
def sin(input: _Operand) -> Tensor:
    """The sine of `input` in radians, elementwise. Integers become float32.

    Shape: any; the result has the same. An infinity gives NaN.
    """
def sinh(input: _Operand) -> Tensor:
    """The hyperbolic sine, elementwise. Integers become float32.

    Shape: any; the result has the same.
    """
def slice(input: Tensor, dim: int = 0, start: int | None = None, stop: int | None = None, step: int = 1) -> Tensor:
    """The elements `start, start + step, …` before `stop` along dimension `dim`, as Python's `x[start:stop:step]`: bounds
    count from the end when negative, and are cut off at the ends. A view.

    Shape: the input's, with `ceil((stop - start) / step)` along `dim` (0 where `stop <= start`).
    Raises `ShapeError` for a dimension that is out of range, `ValueError` unless `step > 0`.
    """
def smooth_l1_loss(
    input: _Operand, target: _Operand, reduction: Literal["none", "mean", "sum"] = "mean", beta: float = 1.0
) -> Tensor:
    """Absolute error with a curve around 0: `d ** 2 / (2 beta)` where d = |input - target| is below `beta`, else
    `d - beta / 2`. A `beta` of 0 gives `l1_loss`.

    Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    Raises `ValueError` for a negative `beta`. Source: Girshick, 2015 (Fast R-CNN).
    """
def soft_margin_loss(input: _Operand, target: _Operand, reduction: Literal["none", "mean", "sum"] = "mean") -> Tensor:
    """Logistic loss of labels -1 and 1: `log(1 + exp(-target * input))`; nothing overflows.

    Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    """
def softmax(input: _Operand, dim: int) -> Tensor:
    """`exp(input) / sum(exp(input))` along `dim`; what is computed is shifted by the maximum, so that nothing overflows.

    Shape: any; the result has the same, and sums to 1 along `dim`. Raises `ShapeError` for a `dim` that is out of range.
    """
def softmin(input: _Operand, dim: int) -> Tensor:
    """`softmax(-input, dim)`: the smallest elements get the largest shares.

    Shape: any; the result has the same, and sums to 1 along `dim`. Raises `ShapeError` for a `dim` that is out of range.
    """
def softplus(input: _Operand, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """`ln(1 + e^(beta * input)) / beta`, elementwise: a smooth ReLU. Above `beta * input = threshold` it is the input itself.
    Integers become float32.

    Shape: any; the result has the same.
    """
def softshrink(input: _Operand, lambd: float = 0.5) -> Tensor:
    """`input` moved towards 0 by `lambd`, and 0 where it is nearer than that, elementwise. Integers become float32.

    Shape: any; the result has the same. Raises `ValueError` unless `lambd >= 0`.
    """
def softsign(input: _Operand) -> Tensor:
    """`input / (1 + |input|)`, elementwise, within (-1, 1). Integers become float32.

    Shape: any; the result has the same. Source: Bergstra et al., 2009.
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
def square(input: Tensor) -> Tensor:
    """`input * input`, elementwise. Integers wrap.

    Shape: any; the result has the same.
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
    """Standard deviation over the dimensions in `dim` (all when None or empty): the root of `var`. Where it is 0 no gradient
    flows.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of too few elements the result is NaN, or
    infinite. Integers become float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def std_mean(
    input: _Operand, dim: int | Sequence[int] | None = None, correction: float = 1.0, keepdim: bool = False
) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean over the dimensions in `dim` (all when None or empty), in one pass: `std` and `mean` say more.
    The standard deviation divides by the number of elements less `correction`.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of too few elements the result is NaN, or
    infinite. Integers become float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def sub(input: _Operand, other: _Operand) -> Tensor:
    """Elementwise difference, `input - other`, with broadcasting and promotion.

    Shapes: any two that broadcast; the result has the broadcast shape.
    """
def sum(
    input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False, dtype: _DTypeLike | None = None
) -> Tensor:
    """Sum over the dimensions in `dim` (all of them when None or empty). The order of additions is fixed, and float32 is added
    up in float64, from short runs.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Integers and bool give int64; an empty sum is 0.
    `dtype` casts first, and is the result's. Raises `ShapeError` for a dimension that is out of range or named twice.
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
def tan(input: _Operand) -> Tensor:
    """The tangent of `input` in radians, elementwise. Integers become float32.

    Shape: any; the result has the same. An infinity gives NaN.
    """
def tanh(input: _Operand) -> Tensor:
    """The hyperbolic tangent, elementwise, within [-1, 1]. Integers become float32.

    Shape: any; the result has the same.
    """
def tanhshrink(input: _Operand) -> Tensor:
    """`input - tanh(input)`, elementwise. Integers become float32.

    Shape: any; the result has the same.
    """
def tensor_split(input: Tensor, indices_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Cuts a tensor along `dim`: into exactly `indices_or_sections` pieces, the first ones one larger where these do not divide
    the size; or before each of the indices in a list, as Python's slices do. Views.

    Shapes: the input's, with a piece's size at `dim`. Raises `ShapeError` for a dimension that is out of range, `ValueError`
    unless there is at least one piece.
    """
def threshold(input: Tensor, threshold: float, value: float) -> Tensor:
    """`input` where it is above `threshold`, else `value`, elementwise. NaN stays NaN.

    Shape: any; the result has the same. With integers both numbers are cut off to integers.
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
def triplet_margin_loss(
    anchor: _Operand,
    positive: _Operand,
    negative: _Operand,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: Literal["none", "mean", "sum"] = "mean",
) -> Tensor:
    """`max(0, d(anchor, positive) - d(anchor, negative) + margin)`, d the `pairwise_distance`. With `swap` the negative's
    distance from the positive counts where it is smaller.

    Shapes: three of (*, D) that broadcast. `reduction`: "mean" of all, "sum", or "none" for each. Raises
    `ValueError` unless `margin > 0`.
    Source: Balntas et al., 2016.
    """
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle of matrices, from a diagonal on; zero below it.
    `diagonal` counts from the main one, 0, to the right.

    Shape: `(*, m, n)`; the result has the same. Raises `ShapeError` for less than two dimensions.
    """
def trunc(input: Tensor) -> Tensor:
    """The whole part of `input`, elementwise.

    Shape: any; the result has the same. Integers stay as they are. The gradient is 0.
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
@overload
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: Literal[False] = False,
    return_counts: Literal[False] = False,
    dim: int | None = None,
) -> Tensor: ...
@overload
def unique(
    input: Tensor,
    sorted: bool = True,
    *,
    return_inverse: Literal[False] = False,
    return_counts: Literal[True],
    dim: int | None = None,
) -> tuple[Tensor, Tensor]: ...
@overload
def unique(
    input: Tensor,
    sorted: bool = True,
    *,
    return_inverse: Literal[True],
    return_counts: Literal[False] = False,
    dim: int | None = None,
) -> tuple[Tensor, Tensor]: ...
@overload
def unique(
    input: Tensor,
    sorted: bool = True,
    *,
    return_inverse: Literal[True],
    return_counts: Literal[True],
    dim: int | None = None,
) -> tuple[Tensor, Tensor, Tensor]: ...
@overload
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Tensor | tuple[Tensor, Tensor] | tuple[Tensor, Tensor, Tensor]:
    """The elements that differ from each other, in ascending order; with `dim` the slices along it, in the order of their first
    elements, then their second ones, and so on.

    With `return_inverse` comes which of them each element is, with `return_counts` how often each of them is there, in this
    order, as one tuple. Shapes: `(n,)`, or the input's with n at `dim`; the inverse has the input's shape, or `(size,)` of
    `dim`; the counts `(n,)`, both int64. They come in order whether `sorted` or not. Each NaN differs from all others, and
    comes last. There is no gradient. The host reads the input to tell n, so that a captured step refuses it. Raises
    `ShapeError` for a dimension that is out of range.
    """
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Puts a dimension of size 1 before dimension `dim` of the result. A view.

    Shape: the input's with a 1 at `dim`, which counts from the end of the result's shape when negative.
    Raises `ShapeError` where `dim` is out of range.
    """
def var(
    input: _Operand, dim: int | Sequence[int] | None = None, correction: float = 1.0, keepdim: bool = False
) -> Tensor:
    """Variance over the dimensions in `dim` (all when None or empty): squared deviations from the mean, divided by their number
    less `correction`.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of too few elements the result is NaN, or
    infinite. Integers become float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def var_mean(
    input: _Operand, dim: int | Sequence[int] | None = None, correction: float = 1.0, keepdim: bool = False
) -> tuple[Tensor, Tensor]:
    """Variance and mean over the dimensions in `dim` (all when None or empty), in one pass: `var` and `mean` say more.
    The variance divides by the number of elements less `correction`.

    Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of too few elements the result is NaN, or
    infinite. Integers become float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    """
def vdot(input: _Operand, other: _Operand) -> Tensor:
    """`dot`, under the name that it has where numbers are complex.

    Shapes and errors as there.
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
