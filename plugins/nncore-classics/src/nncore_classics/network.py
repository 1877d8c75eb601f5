"""What the networks of this package share."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, ShapeError, Tensor, nn, resolve


class Network(Module):
    """An image classifier that knows how small an image it can take.

    A subclass has `stem(channels)`-like parts of its own and says in `least` what is left over by its pools and strides.
    """

    components: ClassVar = {"act": "activation", "init": "initializer", "norm": "layer"}
    least: int = 1
    """Height and width of the smallest image, and the layer that sets the bound."""
    bound: str = ""

    def check(self, images: Tensor) -> None:
        """Refuse images that are too small, before any layer has run.

        Raises:
            ShapeError: One side is shorter than `least`.
        """
        if images.ndim == 4 and min(images.shape[2:]) < self.least:
            height, width = images.shape[2:]
            raise ShapeError(
                f"{type(self).__name__} takes images of {self.least}x{self.least} or more, got {height}x{width}: "
                f"nothing would be left for {self.bound}",
                op=type(self).__name__,
                shapes=[images.shape],
            )


def channels(width: float, *counts: int) -> list[int]:
    """Channels of a network that is so many times as wide, at least 1 each.

    Raises:
        InvalidValueError: The width is not a positive number.
    """
    if isinstance(width, bool) or not isinstance(width, int | float) or not 0 < width < float("inf"):
        raise InvalidValueError(f"width is a positive number that multiplies the channels, got {width!r}")
    return [max(1, round(width * count)) for count in counts]


def normalization(norm: Any, size: int, **defaults: Any) -> list[Module]:
    """The layer that normalizes so many channels, as a list: empty for None.

    Args:
        norm: A layer's name, a configured spec such as `{"name": "group_norm", "num_groups": 8}`, a class, or a function
            of the channels.
        size: Channels.
        **defaults: Settings that hold where the spec says nothing and the layer has them.
    """
    if norm is None:
        return []
    found = resolve("layer", norm)
    if found.shared:
        raise InvalidValueError(f"norm makes a layer for each place; give a name, a spec, or a class, got {norm!r}")
    parameters = inspect.signature(found.component).parameters
    defaults = {name: value for name, value in defaults.items() if name in parameters}
    for name in ("num_features", "num_channels"):
        if name in parameters:
            return [found.make(**defaults, **{name: size})]
    raise InvalidValueError(
        f"norm is a layer that takes num_features or num_channels, such as batch_norm2d; got {norm!r}"
    )


def head(features: int, num_classes: int, init: Any) -> nn.Linear:
    """The last layer."""
    if isinstance(num_classes, bool) or not isinstance(num_classes, int) or num_classes < 1:
        raise InvalidValueError(f"num_classes is a positive integer, got {num_classes!r}")
    return nn.Linear(features, num_classes, init=init)
