"""A function that is added to its input."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import Module, ShapeError, Tensor, as_activation, example, nn
from nncore.builtin.layers._chain import chain


@example(config=lambda: {"body": [nn.Linear(3, 4, act="tanh"), nn.Linear(4, 3)]}, inputs=[(5, 3)], output=(5, 3))
@example(
    config=lambda: {"body": nn.Conv2d(2, 3, 3, 2, 1), "shortcut": nn.Conv2d(2, 3, 1, 2), "act": "tanh"},
    inputs=[(1, 2, 4, 4)],
    output=(1, 3, 2, 2),
)
class Residual(Module):
    """A shortcut around a part of a network: `y = act(body(x) + shortcut(x))`, by default `body(x) + x`.

    So the body learns what is to be changed of its input, and gradients find a way past it.

    Args:
        body: The part that is learned: a module, or what makes one; a list is called one after the other.
        shortcut: What stands on the other way, where body changes the shape: a convolution of size 1, say. Default: the
            input itself.
        act: Activation that follows: a name, a configured spec, a class, a function or a Module. Default: none.

    Shape: what body takes and gives; the shortcut gives the same.

    Raises:
        ShapeError: Body and shortcut give different shapes.

    Source: He, Zhang, Ren and Sun 2016, section 3.

    Example:
        >>> from nncore import nn, ones
        >>> block = nn.Residual([nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)], act="relu")
        >>> block(ones((2, 8, 5, 5))).shape
        (2, 8, 5, 5)
    """

    components: ClassVar = {"act": "activation"}

    def __init__(self, body: Any, shortcut: Any = None, act: Any = None) -> None:
        super().__init__()
        self.body = chain(body)
        self.shortcut = None if shortcut is None else chain(shortcut)
        self.act = None if act is None else as_activation(act)

    def arguments(self) -> dict[str, Any]:
        """Its present parts, since others may have been put in their places."""
        return {**super().arguments(), "body": self.body, "shortcut": self.shortcut}

    def extra_repr(self) -> str:
        return ""

    def forward(self, input: Tensor) -> Tensor:
        change: Tensor = self.body(input)
        other: Tensor = input if self.shortcut is None else self.shortcut(input)
        if change.shape != other.shape:
            way = "its input" if self.shortcut is None else "the shortcut's output"
            raise ShapeError(
                f"Residual: the body's output has shape {change.shape}, {way} {other.shape}; give a shortcut that changes "
                "the shape as the body does"
            )
        output = change + other
        return output if self.act is None else self.act(output)
