"""One number for each channel."""

from __future__ import annotations

from nncore.api import Module, ShapeError, Tensor, example


class _GlobalPool(Module):
    """What the global pools share."""

    def __init__(self, keepdim: bool = False) -> None:
        super().__init__()
        self.keepdim = keepdim

    def positions(self, input: Tensor) -> list[int]:
        """The dimensions of the places."""
        if input.ndim < 3:
            raise ShapeError(
                f"{type(self).__name__} takes (N, C, ...) with places behind the channels", shapes=[input.shape]
            )
        return list(range(2, input.ndim))


@example(inputs=[(2, 3, 4, 5)], output=(2, 3))
@example(config={"keepdim": True}, inputs=[(2, 3, 4)], output=(2, 3, 1))
class GlobalAvgPool(_GlobalPool):
    """The mean of each channel over all its places: `y[n, c] = mean of x[n, c, ...]`.

    What networks have between their last convolution and their classifier; the same as `AdaptiveAvgPool2d(1)` and
    `Flatten()` on images.

    Args:
        keepdim: Whether the places stay, as dimensions of size 1.

    Shape: `(N, C, L)`, `(N, C, H, W)` or `(N, C, D, H, W)` to `(N, C)`.

    Raises:
        ShapeError: An input without places.

    Source: Lin, Chen and Yan 2014, section 3.2.

    Example:
        >>> from nncore import nn, ones
        >>> nn.GlobalAvgPool()(ones((8, 16, 7, 7))).shape
        (8, 16)
    """

    def forward(self, input: Tensor) -> Tensor:
        return input.mean(self.positions(input), self.keepdim)


@example(inputs=[(2, 3, 4, 5)], output=(2, 3))
@example(config={"keepdim": True}, inputs=[(2, 3, 4)], output=(2, 3, 1))
class GlobalMaxPool(_GlobalPool):
    """The maximum of each channel over all its places: `y[n, c] = max of x[n, c, ...]`. Equal ones share the gradient.

    Args:
        keepdim: Whether the places stay, as dimensions of size 1.

    Shape: `(N, C, L)`, `(N, C, H, W)` or `(N, C, D, H, W)` to `(N, C)`.

    Raises:
        ShapeError: An input without places.

    Source: Oquab and others 2015, Is object localization for free?

    Example:
        >>> from nncore import nn, tensor
        >>> nn.GlobalMaxPool()(tensor([[[1.0, 3.0], [2.0, 0.0]]])).tolist()
        [[3.0, 2.0]]
    """

    def forward(self, input: Tensor) -> Tensor:
        return input.amax(self.positions(input), self.keepdim)
