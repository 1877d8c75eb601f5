"""Windows as columns, and back."""

from __future__ import annotations

from nncore.api import Module, Tensor, example, ops
from nncore.builtin.layers._checks import Size, fits, pair


@example(config={"kernel_size": 2}, inputs=[(1, 2, 3, 4)], output=(1, 8, 6))
@example(
    config={"kernel_size": [2, 3], "dilation": [2, 1], "padding": 1, "stride": 2}, inputs=[(2, 4, 4)], output=(12, 4)
)
class Unfold(Module):
    """The sliding windows of images, each as a column: what a convolution multiplies with its weight (im2col).

    Args:
        kernel_size: Size of the window, one number or `(height, width)`.
        dilation: Distance between the taps of a window.
        padding: Zeros at each border.
        stride: Step of the window.

    Shape: `(N, C, H, W)` or `(C, H, W)` to `(N, C·kernel height·kernel width, L)` for L windows, row by row.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank, or smaller than the window.

    Source: PyTorch; im2col.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Unfold(3)(ones((1, 2, 5, 5))).shape
        (1, 18, 9)
    """

    def __init__(self, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1) -> None:
        super().__init__()
        self.kernel_size = pair(self, "kernel_size", kernel_size, 1)
        self.dilation = pair(self, "dilation", dilation, 1)
        self.padding = pair(self, "padding", padding, 0)
        self.stride = pair(self, "stride", stride, 1)

    def forward(self, input: Tensor) -> Tensor:
        fits(self, input, {3: "(C, H, W)", 4: "(N, C, H, W)"})
        return ops.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


@example(config={"output_size": [3, 4], "kernel_size": 2}, inputs=[(1, 8, 6)], output=(1, 2, 3, 4))
@example(
    config={"output_size": 4, "kernel_size": [2, 3], "dilation": [2, 1], "padding": 1, "stride": 2},
    inputs=[(12, 4)],
    output=(2, 4, 4),
)
class Fold(Module):
    """Columns put back to where `Unfold` took them from, and added up where windows overlap (col2im).

    Args:
        output_size: Height and width of the images, or one number for both.
        kernel_size: Size of the window, one number or `(height, width)`.
        dilation: Distance between the taps of a window.
        padding: The border of zeros that there was.
        stride: Step of the window.

    Shape: `(N, C·kernel height·kernel width, L)` or without N, for L windows, to `(N, C, *output_size)`.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: Columns of another shape.

    Source: PyTorch; im2col's transpose.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Fold((2, 3), (2, 2))(ones((1, 4, 2))).tolist()
        [[[[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]]]
    """

    def __init__(
        self, output_size: Size, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
    ) -> None:
        super().__init__()
        self.output_size = pair(self, "output_size", output_size, 1)
        self.kernel_size = pair(self, "kernel_size", kernel_size, 1)
        self.dilation = pair(self, "dilation", dilation, 1)
        self.padding = pair(self, "padding", padding, 0)
        self.stride = pair(self, "stride", stride, 1)

    def forward(self, input: Tensor) -> Tensor:
        fits(self, input, {2: "(C·kernel, L)", 3: "(N, C·kernel, L)"})
        return ops.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)
