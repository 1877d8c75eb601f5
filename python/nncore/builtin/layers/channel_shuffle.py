"""Channels in another order."""

from __future__ import annotations

from nncore.api import Module, Tensor, example, ops
from nncore.builtin.layers._checks import positive


@example(config={"groups": 2}, inputs=[(2, 6, 3)], output=(2, 6, 3))
class ChannelShuffle(Module):
    """Deals the channels out, so that those of one group come to all groups: channel `g·(C/groups) + i` becomes `i·groups + g`.

    Between convolutions with groups, so that these see each other's channels.

    Args:
        groups: Groups of neighbouring channels.

    Shape: `(N, C, ...)`; the output has the same.

    Raises:
        InvalidValueError: Groups that are no positive number.
        ShapeError: Channels that the groups do not divide.

    Source: Zhang and others 2018.

    Example:
        >>> from nncore import arange, nn
        >>> nn.ChannelShuffle(2)(arange(6).reshape(1, 6, 1)).flatten().tolist()
        [0, 3, 1, 4, 2, 5]
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = positive(self, "groups", groups)

    def forward(self, input: Tensor) -> Tensor:
        return ops.channel_shuffle(input, self.groups)
