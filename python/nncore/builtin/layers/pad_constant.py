"""Borders of one value."""

from __future__ import annotations

from typing import ClassVar

from nncore.api import InvalidValueError, Module, Tensor, example, ops
from nncore.builtin.layers._pad import Border, border


class _ConstantPad(Module):
    """What the borders of one value share; they differ in how many dimensions get one."""

    rank: ClassVar[int]

    def __init__(self, padding: Border, value: float) -> None:
        super().__init__()
        self.padding = border(self, padding, self.rank)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise InvalidValueError(f"{type(self).__name__}: value is a number, got {value!r}")
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return ops.pad(input, self.padding, "constant", self.value)


class _ZeroPad(_ConstantPad):
    """The same of zeros."""

    def __init__(self, padding: Border) -> None:
        super().__init__(padding, 0.0)


@example(config={"padding": [2, 1], "value": 1.5}, inputs=[(2, 3, 4)], output=(2, 3, 7))
@example(config={"padding": 1, "value": 1.5}, inputs=[(3, 4)], output=(3, 6))
class ConstantPad1d(_ConstantPad):
    """Add one value to a sequence at both ends.

    Args:
        padding: How much: one number, or `(left, right)`. Negative ones crop.
        value: The value.

    Shape: `(N, C, L)` or `(C, L)` to the same with L' = L + left + right; whatever stands before the last dimension stays.

    Raises:
        InvalidValueError: A padding that is no such number, or a value that is none.
        ShapeError: An input of fewer dimensions, or a crop of more than there is.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.ConstantPad1d((1, 2), 7.0)(tensor([[1.0, 2.0]])).tolist()
        [[7.0, 1.0, 2.0, 7.0, 7.0]]
    """

    rank = 1


@example(config={"padding": [1, 2, 0, 2], "value": 1.5}, inputs=[(1, 2, 3, 4)], output=(1, 2, 5, 7))
@example(config={"padding": 1, "value": 1.5}, inputs=[(2, 3, 3)], output=(2, 5, 5))
class ConstantPad2d(_ConstantPad):
    """Add one value to an image at each border.

    Args:
        padding: How much: one number, or `(left, right, top, bottom)`. Negative ones crop.
        value: The value.

    Shape: `(N, C, H, W)` or `(C, H, W)` to the same with H' = H + top + bottom, W' = W + left + right; whatever stands before the last two dimensions stays.

    Raises:
        InvalidValueError: A padding that is no such number, or a value that is none.
        ShapeError: An input of fewer dimensions, or a crop of more than there is.

    Example:
        >>> from nncore import nn, ones
        >>> nn.ConstantPad2d((1, 2, 0, 0), 7.0)(ones((1, 3, 8, 8))).shape
        (1, 3, 8, 11)
    """

    rank = 2


@example(config={"padding": [1, 0, 2, 1, 0, 1], "value": 1.5}, inputs=[(1, 1, 2, 3, 2)], output=(1, 1, 3, 6, 3))
@example(config={"padding": 1, "value": 1.5}, inputs=[(1, 2, 2, 2)], output=(1, 4, 4, 4))
class ConstantPad3d(_ConstantPad):
    """Add one value to a volume at each border.

    Args:
        padding: How much: one number, or `(left, right, top, bottom, front, back)`. Negative ones crop.
        value: The value.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with D' = D + front + back, H' = H + top + bottom, W' = W + left + right; whatever stands before the last three dimensions stays.

    Raises:
        InvalidValueError: A padding that is no such number, or a value that is none.
        ShapeError: An input of fewer dimensions, or a crop of more than there is.

    Example:
        >>> from nncore import nn, ones
        >>> nn.ConstantPad3d((1, 2, 0, 0, 0, 0), 7.0)(ones((1, 3, 8, 8, 8))).shape
        (1, 3, 8, 8, 11)
    """

    rank = 3


@example(config={"padding": [2, 1]}, inputs=[(2, 3, 4)], output=(2, 3, 7))
@example(config={"padding": 1}, inputs=[(3, 4)], output=(3, 6))
class ZeroPad1d(_ZeroPad):
    """Add zeros to a sequence at both ends.

    Args:
        padding: How much: one number, or `(left, right)`. Negative ones crop.

    Shape: `(N, C, L)` or `(C, L)` to the same with L' = L + left + right; whatever stands before the last dimension stays.

    Raises:
        InvalidValueError: A padding that is no such number.
        ShapeError: An input of fewer dimensions, or a crop of more than there is.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.ZeroPad1d((1, 2))(tensor([[1.0, 2.0]])).tolist()
        [[0.0, 1.0, 2.0, 0.0, 0.0]]
    """

    rank = 1


@example(config={"padding": [1, 2, 0, 2]}, inputs=[(1, 2, 3, 4)], output=(1, 2, 5, 7))
@example(config={"padding": 1}, inputs=[(2, 3, 3)], output=(2, 5, 5))
class ZeroPad2d(_ZeroPad):
    """Add zeros to an image at each border.

    Args:
        padding: How much: one number, or `(left, right, top, bottom)`. Negative ones crop.

    Shape: `(N, C, H, W)` or `(C, H, W)` to the same with H' = H + top + bottom, W' = W + left + right; whatever stands before the last two dimensions stays.

    Raises:
        InvalidValueError: A padding that is no such number.
        ShapeError: An input of fewer dimensions, or a crop of more than there is.

    Example:
        >>> from nncore import nn, ones
        >>> nn.ZeroPad2d((1, 2, 0, 0))(ones((1, 3, 8, 8))).shape
        (1, 3, 8, 11)
    """

    rank = 2


@example(config={"padding": [1, 0, 2, 1, 0, 1]}, inputs=[(1, 1, 2, 3, 2)], output=(1, 1, 3, 6, 3))
@example(config={"padding": 1}, inputs=[(1, 2, 2, 2)], output=(1, 4, 4, 4))
class ZeroPad3d(_ZeroPad):
    """Add zeros to a volume at each border.

    Args:
        padding: How much: one number, or `(left, right, top, bottom, front, back)`. Negative ones crop.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with D' = D + front + back, H' = H + top + bottom, W' = W + left + right; whatever stands before the last three dimensions stays.

    Raises:
        InvalidValueError: A padding that is no such number.
        ShapeError: An input of fewer dimensions, or a crop of more than there is.

    Example:
        >>> from nncore import nn, ones
        >>> nn.ZeroPad3d((1, 2, 0, 0, 0, 0))(ones((1, 3, 8, 8, 8))).shape
        (1, 3, 8, 8, 11)
    """

    rank = 3
