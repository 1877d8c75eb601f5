"""Linear algebra, with the names of `torch.linalg`: decompositions, systems of equations, norms of matrices.

All of it takes batches of matrices, computes in float64 and has gradients. The functions are ops: `nncore.ops.linalg_svd` is
`nncore.linalg.svd`.

    >>> import nncore as nc
    >>> nc.linalg.solve(nc.tensor([[2.0, 0.0], [0.0, 4.0]]), nc.tensor([2.0, 2.0])).tolist()
    [1.0, 0.5]
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from nncore import _core
from nncore._core import Tensor
from nncore._core.ops import linalg_cholesky as cholesky
from nncore._core.ops import linalg_det as det
from nncore._core.ops import linalg_eigh as eigh
from nncore._core.ops import linalg_eigvalsh as eigvalsh
from nncore._core.ops import linalg_inv as inv
from nncore._core.ops import linalg_lstsq as lstsq
from nncore._core.ops import linalg_qr as qr
from nncore._core.ops import linalg_slogdet as slogdet
from nncore._core.ops import linalg_solve as solve
from nncore._core.ops import linalg_svd as svd
from nncore._core.ops import linalg_svdvals as svdvals
from nncore.errors import InvalidValueError, ShapeError
from nncore.hints import expect_tensors

__all__ = [
    "cholesky",
    "det",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matrix_norm",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
]


def matrix_norm(A: Tensor, ord: str | float = "fro", dim: Sequence[int] = (-2, -1), keepdim: bool = False) -> Tensor:
    """The norms of matrices.

    Args:
        A: Matrices in two dimensions of a tensor.
        ord: "fro" (root of the sum of squares), "nuc" (sum of singular values), inf and -inf (largest and smallest sum of
            absolute values in a row), 1 and -1 (in a column), 2 and -2 (largest and smallest singular value).
        dim: The dimensions of rows and columns.
        keepdim: Keep both with size 1.

    Raises:
        ShapeError: There are no such two dimensions.
        InvalidValueError: Another norm.
    """
    expect_tensors("matrix_norm", A=A)
    if not isinstance(ord, str):
        try:
            ord = float(ord)
        except (TypeError, ValueError):
            text = f"matrix_norm() argument ord: a str or a number expected, got {type(ord).__name__}"
            raise TypeError(text) from None
    rows, cols = (d + A.ndim if d < 0 else d for d in dim)
    if len(dim) != 2 or rows == cols or not (0 <= rows < A.ndim and 0 <= cols < A.ndim):
        raise ShapeError(f"dim {tuple(dim)} are no two dimensions of a shape of {tuple(A.shape)}", op="matrix_norm")
    others = [d for d in range(A.ndim) if d not in (rows, cols)]
    x = A.permute(*others, rows, cols)
    if not isinstance(ord, str) and abs(ord) in (1, inf):
        sums = _magnitude(x).sum(-2 if abs(ord) == 1 else -1)
        out = _core.ops.amax(sums, -1) if ord > 0 else _core.ops.amin(sums, -1)
    elif ord == "fro":
        out = _core.ops.sqrt((x * x).sum((-2, -1)))
    elif ord == "nuc":
        out = svdvals(x).sum(-1)
    elif ord in (2, -2):
        values = svdvals(x)
        out = values[..., 0] if ord == 2 else values[..., -1]
    else:
        raise InvalidValueError(f"ord is 'fro', 'nuc', inf, -inf, 1, -1, 2 or -2, got {ord!r}", op="matrix_norm")
    if not keepdim:
        return out
    return out.reshape(*(1 if d in (rows, cols) else A.shape[d] for d in range(A.ndim)))


def _magnitude(x: Tensor) -> Tensor:
    return _core.ops.where(x < 0, -x, x)
