"""What the networks of this package share."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

from nncore.api import InvalidValueError, Module, ShapeError, Tensor, example, nn, resolve

SEAMS: dict[str, str] = {"act": "activation", "init": "initializer", "norm": "layer"}
"""The arguments that take components, of what kind."""


def positive(owner: str, **numbers: Any) -> None:
    """Refuse numbers that are no positive integers.

    Raises:
        InvalidValueError: Which one, of which component.
    """
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InvalidValueError(f"{owner}: {name} is a positive integer, got {value!r}")


def factor(owner: str, name: str, value: Any) -> float:
    """A positive number that multiplies something.

    Raises:
        InvalidValueError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise InvalidValueError(f"{owner}: {name} is a positive number, got {value!r}")
    return value


def channels(owner: str, width: Any, *counts: int) -> list[int]:
    """Channels of a network that is `width` times as wide, at least 1 each."""
    width = factor(owner, "width", width)
    return [max(1, round(width * count)) for count in counts]


def normalized(owner: str, norm: Any, size: int) -> Module:
    """The layer that normalizes so many channels; the identity for None.

    Args:
        owner: Whose argument it is.
        norm: A layer's name, a configured spec such as `{"name": "group_norm", "num_groups": 8}`, a class, or a function
            of the channels.
        size: Channels.

    Raises:
        InvalidValueError: A layer that is no such thing.
    """
    if norm is None:
        return nn.Identity()
    found = resolve("layer", norm)
    if not found.shared:
        parameters = inspect.signature(found.component).parameters
        for name in ("num_features", "num_channels"):
            if name in parameters:
                made: Module = found.make(**{name: size})
                return made
    raise InvalidValueError(
        f"{owner}: norm is a layer that takes num_features or num_channels, such as batch_norm2d, or its spec or class; "
        f"got {norm!r}"
    )


def he(init: Any) -> Any:
    """The initializer given, or the one of the residual networks."""
    return {"name": "he_normal", "mode": "fan_out"} if init is None else init


def conv(before: int, after: int, size: int, stride: int, init: Any, norm: Any, groups: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size, up to its stride. It has a bias only where no normalization follows."""
    return nn.Conv2d(before, after, size, stride, size // 2, groups=groups, bias=norm is None, init=init)


def images(owner: Module, input: Tensor, multiple: int = 1, least: int = 1) -> None:
    """Refuse images that the network cannot take, before any layer has run.

    Args:
        owner: The network.
        input: What it was called with.
        multiple: What height and width must be multiples of.
        least: The smallest height and width.

    Raises:
        ShapeError: Not four dimensions, or another size.
    """
    name = type(owner).__name__
    if input.ndim != 4:
        raise ShapeError(f"{name} takes (N, in_channels, H, W), got {input.ndim} dimensions", shapes=[input.shape])
    height, width = input.shape[2:]
    if height % multiple or width % multiple:
        raise ShapeError(
            f"{name} takes images whose height and width are multiples of {multiple}, got {height}x{width}; pad them",
            shapes=[input.shape],
        )
    if min(height, width) < least:
        raise ShapeError(f"{name} takes images of {least}x{least} or more, got {height}x{width}", shapes=[input.shape])


def variant(
    network: Callable[..., Module], inputs: Any, output: Any, checked: dict[str, Any], **given: Any
) -> Callable[..., Module]:
    """`network` with these arguments given. Its signature has the others, its documentation is the network's.

    Args:
        network: The class.
        inputs: What the variant is checked with.
        output: The shape that comes out.
        checked: The other arguments for the check, which make it small.
        **given: Its arguments.
    """
    signature = inspect.signature(network)

    def make(*args: Any, **config: Any) -> Module:
        return network(**given, **public.bind(*args, **config).arguments)

    public = signature.replace(parameters=[each for name, each in signature.parameters.items() if name not in given])
    settings = ", ".join(f"{name}={value!r}" for name, value in given.items())
    make.__signature__ = public  # type: ignore[attr-defined]
    make.__doc__ = f"{inspect.getdoc(network)}\n\nThis one is `{network.__name__}({settings})`."
    why = {"gradient": f"the class is checked, {network.__name__}; depth adds no formula"}
    return example(config=checked, inputs=inputs, output=output, skip=why)(make)
