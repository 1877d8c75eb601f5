"""Borders that repeat the outermost elements."""

from __future__ import annotations

from nncore.api import example
from nncore.builtin.layers._pad import Pad


@example(config={"padding": [2, 1]}, inputs=[(2, 3, 4)], output=(2, 3, 7))
@example(config={"padding": 1}, inputs=[(3, 4)], output=(3, 6))
class ReplicationPad1d(Pad):
    """Add to a sequence at both ends its outermost elements, repeated.

    Args:
        padding: How much: one number, or `(left, right)`. Negative ones crop.

    Shape: `(N, C, L)` or `(C, L)` to the same with L' = L + left + right.

    Raises:
        InvalidValueError: A padding that is no such number.
        ShapeError: An input of another rank, or an empty one.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.ReplicationPad1d(2)(tensor([[1.0, 2.0, 3.0]])).tolist()
        [[1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0]]
    """

    rank = 1
    mode = "replicate"


@example(config={"padding": [1, 2, 0, 2]}, inputs=[(1, 2, 3, 4)], output=(1, 2, 5, 7))
@example(config={"padding": 1}, inputs=[(2, 3, 3)], output=(2, 5, 5))
class ReplicationPad2d(Pad):
    """Add to an image at each border its outermost elements, repeated.

    Args:
        padding: How much: one number, or `(left, right, top, bottom)`. Negative ones crop.

    Shape: `(N, C, H, W)` or `(C, H, W)` to the same with H' = H + top + bottom, W' = W + left + right.

    Raises:
        InvalidValueError: A padding that is no such number.
        ShapeError: An input of another rank, or an empty one.

    Example:
        >>> from nncore import nn, ones
        >>> nn.ReplicationPad2d((1, 2, 0, 0))(ones((1, 3, 8, 8))).shape
        (1, 3, 8, 11)
    """

    rank = 2
    mode = "replicate"


@example(config={"padding": [1, 0, 2, 1, 0, 1]}, inputs=[(1, 1, 2, 3, 2)], output=(1, 1, 3, 6, 3))
@example(config={"padding": 1}, inputs=[(1, 2, 2, 2)], output=(1, 4, 4, 4))
class ReplicationPad3d(Pad):
    """Add to a volume at each border its outermost elements, repeated.

    Args:
        padding: How much: one number, or `(left, right, top, bottom, front, back)`. Negative ones crop.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with D' = D + front + back, H' = H + top + bottom, W' = W + left + right.

    Raises:
        InvalidValueError: A padding that is no such number.
        ShapeError: An input of another rank, or an empty one.

    Example:
        >>> from nncore import nn, ones
        >>> nn.ReplicationPad3d((1, 2, 0, 0, 0, 0))(ones((1, 3, 8, 8, 8))).shape
        (1, 3, 8, 8, 11)
    """

    rank = 3
    mode = "replicate"
