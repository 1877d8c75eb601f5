"""Receptive fields, followed through a network's calls.

A layer's window makes of a field `f`, whose neighbours lie `j` pixels apart, the field `f + (k - 1)·d·j` with neighbours
`s·j` apart. What happens between layers (sums, concatenations) is not seen: what comes out of it depends on all that the
enclosing module has made so far, so its field is the largest of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nncore._core import Tensor
from nncore.module import Module

__all__ = ["Fields"]


@dataclass(frozen=True)
class Field:
    """For each dimension of an image: how much of the input is seen, and how far apart neighbours look. None: all."""

    size: tuple[int, ...] | None
    jump: tuple[int, ...]


class Fields:
    """Follows the fields of tensors while a network runs."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Tensor, Field]] = {}
        # For each module that is running: what its layers have made so far, its input included.
        self._open: list[list[Field]] = []

    def begin(self, inputs: Iterable[Tensor]) -> None:
        """The network's own inputs: each element sees itself."""
        for each in inputs:
            rank = max(each.ndim - 2, 0)
            self._keep(each, Field((1,) * rank, (1,) * rank))

    def enter(self, module: Module, args: Any) -> None:
        """A module is called."""
        self._open.append([self._of(each) for each in args if isinstance(each, Tensor)])

    def leave(self, module: Module, args: Any, output: Any) -> tuple[int, ...] | None:
        """A module is done. Its output's field, None for all of the input."""
        made = self._open.pop()
        outputs = [output] if isinstance(output, Tensor) else list(_parts(output))
        for each in outputs:
            if id(each) not in self._known:
                self._keep(
                    each, through(module, made[0], args[0], each) if made and not module._modules else largest(made)
                )
        found = [self._known[id(each)][1] for each in outputs]
        if self._open:
            self._open[-1].extend(found)
        return found[0].size if found else None

    def _keep(self, tensor: Tensor, field: Field) -> None:
        # The tensor is held too, or another might get its address.
        self._known[id(tensor)] = (tensor, field)

    def _of(self, tensor: Tensor) -> Field:
        found = self._known.get(id(tensor))
        return found[1] if found is not None else largest(self._open[-1] if self._open else [])


def largest(fields: Iterable[Field]) -> Field:
    """A field that covers all of these; all of the input where one does, or where there is none."""
    found = list(fields)
    if not found or any(each.size is None for each in found):
        return Field(None, ())
    rank = max(len(each.size or ()) for each in found)
    same = [each for each in found if len(each.size or ()) == rank]
    return Field(
        tuple(max((each.size or ())[at] for each in same) for at in range(rank)),
        tuple(max(each.jump[at] for each in same) for at in range(rank)),
    )


def through(module: Module, field: Field, input: Any, output: Tensor) -> Field:
    """The field behind a layer without layers inside."""
    if field.size is None:
        return field
    rank = len(field.size)
    window = getattr(module, "kernel_size", None)
    if window is None:
        # A layer that says nothing of windows and changes the image's size looks at who knows what.
        same = isinstance(input, Tensor) and tuple(input.shape[2:]) == tuple(output.shape[2:])
        return field if same and _local(module) else Field(None, ())
    sizes, steps, gaps = (
        _wide(getattr(module, name, default), rank)
        for name, default in (("kernel_size", 1), ("stride", window), ("dilation", 1))
    )
    if (
        rank == 0
        or any(len(each) != rank for each in (sizes, steps, gaps))
        or "Transpose" in type(module).__name__
        or "Unpool" in type(module).__name__
    ):
        return Field(None, ())
    return Field(
        tuple(f + (k - 1) * d * j for f, k, d, j in zip(field.size, sizes, gaps, field.jump, strict=True)),
        tuple(j * s for j, s in zip(field.jump, steps, strict=True)),
    )


def _local(module: Module) -> bool:
    """Does each element of the output depend on one place of the input?"""
    kind = type(module).__name__
    mixes = (
        "Linear",
        "Adaptive",
        "Global",
        "Flatten",
        "Unflatten",
        "LayerNorm",
        "GroupNorm",
        "InstanceNorm",
        "Attention",
    )
    return not kind.startswith(mixes) and not kind.endswith(("LSTM", "GRU", "RNN", "Pad1d", "Pad2d", "Pad3d"))


def _wide(value: Any, rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


def _parts(value: Any) -> Iterable[Tensor]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    for part in parts:
        if isinstance(part, Tensor):
            yield part
        else:
            yield from _parts(part)
