"""What the recurrent layers share: their arguments, their parameters, and packed sequences."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from nncore.api import (
    InvalidValueError,
    Module,
    PackedSequence,
    Parameter,
    ShapeError,
    Tensor,
    pad_packed_sequence,
    zeros,
)
from nncore.builtin.layers._checks import positive


def weights(rows: int, columns: int, hidden: int, init: Any) -> Parameter:
    """A matrix, drawn from U(-1/sqrt(hidden), 1/sqrt(hidden)) unless an initializer is given."""
    if init is None:
        return Parameter((rows, columns), init="fan_in_uniform", fan_in=hidden)
    return Parameter((rows, columns), init=init)


def biases(rows: int, hidden: int, init: Any) -> Parameter:
    """A bias, drawn alike; zero beside an initializer for the matrices."""
    return Parameter((rows,), init="fan_in_uniform" if init is None else "zeros", fan_in=hidden)


class Recurrent(Module):
    """Layers and directions of recurrent cells. A subclass says how many gates a cell has, and calls its op."""

    components: ClassVar = {"init": "initializer"}
    gates: ClassVar[int]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        proj_size: int,
        init: Any,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.input_size = positive(self, "input_size", input_size)
        self.hidden_size = positive(self, "hidden_size", hidden_size)
        self.num_layers = positive(self, "num_layers", num_layers)
        if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
            raise InvalidValueError(f"{name} argument dropout: a probability expected, got {dropout!r}")
        if type(proj_size) is not int or not 0 <= proj_size < hidden_size:
            raise InvalidValueError(
                f"{name} argument proj_size: 0 for none, or less than hidden_size={hidden_size} expected, got {proj_size!r}"
            )
        if dropout and num_layers == 1:
            warnings.warn(
                f"{name} drops outputs between its layers, so that dropout={dropout} does nothing in one layer",
                stacklevel=3,
            )
        self.bias, self.batch_first, self.bidirectional = bool(bias), bool(batch_first), bool(bidirectional)
        self.dropout, self.proj_size = float(dropout), proj_size
        self._names: list[str] = []
        rows, out = self.gates * hidden_size, proj_size or hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else out * self.directions
            for suffix in ("", "_reverse")[: self.directions]:
                made = {"weight_ih": weights(rows, width, hidden_size, init)}
                made["weight_hh"] = weights(rows, out, hidden_size, init)
                if bias:
                    made |= {kind: biases(rows, hidden_size, init) for kind in ("bias_ih", "bias_hh")}
                if proj_size:
                    made["weight_hr"] = weights(proj_size, hidden_size, hidden_size, init)
                for kind, parameter in made.items():
                    self._names.append(f"{kind}_l{layer}{suffix}")
                    self.register_parameter(self._names[-1], parameter)

    @property
    def directions(self) -> int:
        """1, or 2 where it is bidirectional."""
        return 2 if self.bidirectional else 1

    def parameters_in_order(self) -> list[Tensor]:
        """As the op takes them: layer by layer, and within it each direction."""
        parts = self.__dict__
        return [parts[name] for name in self._names]

    def opened(self, input: Tensor | PackedSequence, lengths: Tensor | None) -> tuple[Tensor, bool, Tensor | None]:
        """The input as a padded batch, whether the batch comes first in it, and the lengths; all checked."""
        name, batch_first = type(self).__name__, self.batch_first
        if isinstance(input, PackedSequence):
            if lengths is not None:
                raise InvalidValueError(f"{name} argument lengths: packed sequences have theirs already")
            input, lengths = pad_packed_sequence(input)
            batch_first = False
        if not isinstance(input, Tensor) or input.ndim not in (2, 3) or input.shape[-1] != self.input_size:
            got = tuple(input.shape) if isinstance(input, Tensor) else type(input).__name__
            first = "batch, steps" if self.batch_first else "steps, batch"
            raise ShapeError(
                f"{name} takes ({first}, {self.input_size}) or (steps, {self.input_size}), or packed sequences; got {got}"
            )
        if lengths is not None and input.ndim == 2:
            raise ShapeError(f"{name} argument lengths: a batch expected, got one sequence of {tuple(input.shape)}")
        return input, batch_first, lengths

    def state(self, input: Tensor, batch_first: bool, given: Tensor | None, width: int, what: str) -> Tensor:
        """A state to begin with, zeros where none is given."""
        shape: tuple[int, ...] = (self.num_layers * self.directions, width)
        if input.ndim == 3:
            shape = (shape[0], input.shape[0 if batch_first else 1], width)
        if given is None:
            return zeros(shape, dtype=input.dtype)
        if not isinstance(given, Tensor) or tuple(given.shape) != shape:
            got = tuple(given.shape) if isinstance(given, Tensor) else type(given).__name__
            raise ShapeError(f"{type(self).__name__} argument {what}: shape {shape} expected, got {got}")
        return given

    def options(self, batch_first: bool, lengths: Tensor | None) -> tuple[Any, ...]:
        """What the op takes behind the parameters."""
        plain = (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)
        return (*plain, batch_first, lengths)


def packed(given: Tensor | PackedSequence, output: Tensor) -> Tensor | PackedSequence:
    """The output, packed like the input where that was packed."""
    return given.filled(output) if isinstance(given, PackedSequence) else output
