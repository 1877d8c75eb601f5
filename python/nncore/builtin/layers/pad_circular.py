"""Borders that go on at the other end."""

from __future__ import annotations

from nncore.api import example
from nncore.builtin.layers._pad import Pad


@example(config={"padding": [2, 1]}, inputs=[(2, 3, 4)], output=(2, 3, 7))
@example(config={"padding": 1}, inputs=[(3, 4)], output=(3, 6))
class CircularPad1d(Pad):
    """Add to a sequence at both ends what lies at the other end, as if it went round.

    Args:
        padding: How much: one number, or `(left, right)`. Each is at most the size of its dimension. Negative ones crop.

    Shape: `(N, C, L)` or `(C, L)` to the same with L' = L + left + right.

    Raises:
        InvalidValueError: A padding that is no such number.
        ShapeError: An input of another rank, or a border that is not at most the size of a dimension.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.CircularPad1d(2)(tensor([[1.0, 2.0, 3.0]])).tolist()
        [[2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0]]
    """

    rank = 1
    mode = "circular"


@example(config={"padding": [1, 2, 0, 2]}, inputs=[(1, 2, 3, 4)], output=(1, 2, 5, 7))
@example(config={"padding": 1}, inputs=[(2, 3, 3)], output=(2, 5, 5))
class CircularPad2d(Pad):
    """Add to an image at each border what lies at the other end, as if it went round.

    Args:
        padding: How much: one number, or `(left, right, top, bottom)`. Each is at most the size of its dimension. Negative ones crop.

    Shape: `(N, C, H, W)` or `(C, H, W)` to the same with H' = H + top + bottom, W' = W + left + right.

    Raises:
        InvalidValueError: A padding that is no such number.
        ShapeError: An input of another rank, or a border that is not at most the size of a dimension.

    Example:
        >>> from nncore import nn, ones
        >>> nn.CircularPad2d((1, 2, 0, 0))(ones((1, 3, 8, 8))).shape
        (1, 3, 8, 11)
    """

    rank = 2
    mode = "circular"


@example(config={"padding": [1, 0, 2, 1, 0, 1]}, inputs=[(1, 1, 2, 3, 2)], output=(1, 1, 3, 6, 3))
@example(config={"padding": 1}, inputs=[(1, 2, 2, 2)], output=(1, 4, 4, 4))
class CircularPad3d(Pad):
    """Add to a volume at each border what lies at the other end, as if it went round.

    Args:
        padding: How much: one number, or `(left, right, top, bottom, front, back)`. Each is at most the size of its dimension. Negative ones crop.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with D' = D + front + back, H' = H + top + bottom, W' = W + left + right.

    Raises:
        InvalidValueError: A padding that is no such number.
        ShapeError: An input of another rank, or a border that is not at most the size of a dimension.

    Example:
        >>> from nncore import nn, ones
        >>> nn.CircularPad3d((1, 2, 0, 0, 0, 0))(ones((1, 3, 8, 8, 8))).shape
        (1, 3, 8, 8, 11)
    """

    rank = 3
    mode = "circular"
