"""Group normalization."""

from __future__ import annotations

from nncore.api import InvalidValueError, Module, Parameter, ShapeError, Tensor, example, ops
from nncore.builtin.layers._checks import number, positive


@example(config={"num_groups": 2, "num_channels": 4}, inputs=[(2, 4, 3, 2)], output=(2, 4, 3, 2))
@example(config={"num_groups": 3, "num_channels": 6, "eps": 0.1, "affine": False}, inputs=[(2, 6)], output=(2, 6))
@example(config={"num_groups": 2, "num_channels": 2, "bias": False}, inputs=[(1, 2, 3)], output=(1, 2, 3))
class GroupNorm(Module):
    """Group normalization: the channels of each sample in groups, each by its own mean and biased variance.

    `y = (x - mean) / sqrt(var + eps)·weight + bias`, with mean and variance over a group's channels and all places. It
    is the same in training and evaluation. One group is layer normalization of all but the batch, as many groups as
    channels are instance normalization.

    Args:
        num_groups: Groups; they divide the channels.
        num_channels: Channels.
        eps: Added to the variance.
        affine: Whether there are `weight` and `bias`, one a channel.
        bias: Whether there is a `bias` beside the weight.

    Shape: `(N, C)` or `(N, C, ...)`; the output has the same. Parameters: `weight` and `bias` `(C,)`.

    Raises:
        InvalidValueError: An argument out of its range, or groups that do not divide the channels.
        ShapeError: An input of other channels.

    Source: Wu and He 2018.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.GroupNorm(1, 2, eps=0.0)(tensor([[1.0, 3.0]])).tolist()
        [[-1.0, 1.0]]
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, *, bias: bool = True
    ) -> None:
        super().__init__()
        self.num_groups = positive(self, "num_groups", num_groups)
        self.num_channels = positive(self, "num_channels", num_channels)
        if num_channels % num_groups:
            raise InvalidValueError(f"GroupNorm: num_groups={num_groups} must divide num_channels={num_channels}")
        self.eps = number(self, "eps", eps, least=0)
        self.weight = Parameter((num_channels,), init="ones") if affine else None
        self.bias = Parameter((num_channels,), init="zeros") if affine and bias else None

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim < 2 or input.shape[1] != self.num_channels:
            raise ShapeError(f"GroupNorm takes (N, {self.num_channels}, ...), got an input of {input.shape}")
        return _group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


_group_norm = ops.group_norm
