"""Maximum over windows."""

from nncore.api import Module, Tensor, ops
from nncore.builtin.layers._pair import Pair, pair


class MaxPool2d(Module):
    """The maximum of each window of each channel.

    Args:
        kernel_size: Size of the window, one number or `(height, width)`.
        stride: Step of the window. Default: `kernel_size`, so that windows do not overlap.
        padding: Border that no maximum is taken from, at most half the window.
        dilation: Distance between the taps of the window.
        ceil_mode: Whether a last window that reaches over the border counts.

    Shape: `(N, C, H, W)` to `(N, C, H', W')`, H' = floor((H + 2·padding - dilation·(kernel - 1) - 1) / stride) + 1.
    """

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        dilation: Pair = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.stride = self.kernel_size if stride is None else pair(stride, "stride", 1)
        self.padding = pair(padding, "padding", 0)
        self.dilation = pair(dilation, "dilation", 1)
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        return _max_pool2d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)


_max_pool2d = ops.max_pool2d
