"""Few weights, the rest 0."""

import math

import numpy as np

from nncore.api import Array, InvalidValueError, Shape, ShapeError, Stream, example, spread
from nncore.builtin._checks import number


def _zeros(shape: Shape, sparsity: float | None, std: float) -> int:
    """How many rows of each column are 0."""
    if sparsity is None:
        raise InvalidValueError('sparse: sparsity is to be given, as in {"name": "sparse", "sparsity": 0.9}')
    number("sparse", "sparsity", sparsity, least=0, most=1)
    number("sparse", "std", std, above=0)
    if len(shape) != 2:
        raise ShapeError(f"sparse takes a matrix, got a parameter of shape {tuple(shape)}")
    return math.ceil(sparsity * shape[0])


def _std(shape: Shape, fan_in: int, fan_out: int, sparsity: float | None = None, std: float = 0.01) -> float:
    zeros = _zeros(shape, sparsity, std)
    return std * math.sqrt(1 - zeros / max(shape[0], 1))


@example(config={"sparsity": 0.5}, inputs=[(6, 4)])
@spread(lambda sparsity=None, std=0.01: f"N(0, {std}²), {sparsity} of each column 0", std=_std)
def sparse(
    shape: Shape,
    fan_in: int,
    fan_out: int,
    stream: Stream,
    dtype: str,
    *,
    sparsity: float | None = None,
    std: float = 0.01,
) -> Array:
    """N(0, std²), of which in each column a share `sparsity` is 0, drawn at random and rounded up to whole rows.

    Args:
        sparsity: Share of zeros in each column, from 0 to 1. It has to be given.
        std: Standard deviation of the others.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: Another number of dimensions than two.

    Source: Martens 2010, Deep learning via Hessian-free optimization, section 5; the arguments are PyTorch's.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> weight = nn.Parameter((10, 4), init={"name": "sparse", "sparsity": 0.7})
        >>> (weight == 0).sum(0).tolist()
        [7, 7, 7, 7]
    """
    zeros = _zeros(shape, sparsity, std)
    drawn: Array = stream.standard_normal(shape, dtype) * np.dtype(dtype).type(std)
    order = np.argsort(stream.random(shape), axis=0, kind="stable")
    np.put_along_axis(drawn, order[:zeros], 0, axis=0)
    return drawn
