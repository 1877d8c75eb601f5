"""Mean over windows."""

from nncore.api import Module, Tensor, ops
from nncore.builtin.layers._pair import Pair, pair


class AvgPool2d(Module):
    """The mean of each window of each channel.

    Args:
        kernel_size: Size of the window, one number or `(height, width)`.
        stride: Step of the window. Default: `kernel_size`, so that windows do not overlap.
        padding: Zeros at each border, at most half the window.
        ceil_mode: Whether a last window that reaches over the border counts.
        count_include_pad: Whether the zeros of the border count in the mean.

    Shape: `(N, C, H, W)` to `(N, C, H', W')`, H' = floor((H + 2·padding - kernel) / stride) + 1.
    """

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.stride = self.kernel_size if stride is None else pair(stride, "stride", 1)
        self.padding = pair(padding, "padding", 0)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return _avg_pool2d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


_avg_pool2d = ops.avg_pool2d
