"""What the layers that add borders share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from nncore.api import InvalidValueError, Module, Tensor, ops
from nncore.builtin.layers._checks import fits

Border = int | Sequence[int]
"""One number for all borders, or two for each dimension, from the last one on: `(left, right, top, bottom)`."""


def border(layer: Module, value: Any, rank: int) -> tuple[int, ...]:
    """One number for each border."""
    each = (value,) * (2 * rank) if type(value) is int else value
    if isinstance(each, (tuple, list)) and len(each) == 2 * rank and all(type(size) is int for size in each):
        return tuple(each)
    raise InvalidValueError(
        f"{type(layer).__name__}: padding is an integer or {2 * rank} of them, before and behind each dimension from the "
        f"last one on; got {value!r}"
    )


class Pad(Module):
    """A border made of the input itself. Subclasses say how many dimensions get one, and of what."""

    rank: ClassVar[int]
    mode: ClassVar[Literal["reflect", "replicate", "circular"]]
    forms: ClassVar[tuple[str, ...]] = ("L", "H, W", "D, H, W")

    def __init__(self, padding: Border) -> None:
        super().__init__()
        self.padding = border(self, padding, self.rank)

    def forward(self, input: Tensor) -> Tensor:
        places = self.forms[self.rank - 1]
        fits(self, input, {self.rank + 1: f"(C, {places})", self.rank + 2: f"(N, C, {places})"})
        return ops.pad(input, self.padding, self.mode)
