"""Orthonormal rows or columns."""

import math

import numpy as np

from nncore.api import Array, Shape, ShapeError, Stream, spread
from nncore.builtin._checks import number


def _std(shape: Shape, fan_in: int, fan_out: int, gain: float = 1.0) -> float:
    rows, columns = _matrix(shape)
    return number("orthogonal", "gain", gain) / math.sqrt(max(rows, columns, 1))


def _matrix(shape: Shape) -> tuple[int, int]:
    if len(shape) < 2:
        raise ShapeError(f"orthogonal takes two dimensions or more, got a parameter of shape {tuple(shape)}")
    return shape[0], math.prod(shape[1:])


@spread(lambda gain=1.0: f"{'' if gain == 1 else f'{gain}·'}Q of a random Q·R", std=_std)
def orthogonal(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, gain: float = 1.0) -> Array:
    """gain·Q, a random matrix with orthonormal rows, or columns where there are more rows than columns.

    A square one keeps every vector's length. All such matrices are equally likely: it is the Q of the QR decomposition of
    normal numbers, with the signs that make R's diagonal positive. Of more than two dimensions those after the first count
    as one.

    Args:
        gain: Factor of all elements.

    Raises:
        InvalidValueError: A gain that is no finite number.
        ShapeError: Fewer dimensions than two.

    Source: Saxe, McClelland and Ganguli 2014 (arXiv 1312.6120); the signs: Mezzadri 2007 (arXiv math-ph/0609050), section 5.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> weight = nn.Parameter((3, 5), init="orthogonal").detach()
        >>> bool(abs((weight @ weight.T).numpy() - np.eye(3)).max() < 1e-6)
        True
    """
    number("orthogonal", "gain", gain)
    rows, columns = _matrix(shape)
    drawn = stream.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0) * gain
    return (q if rows >= columns else q.T).reshape(tuple(shape)).astype(dtype)
