"""Single steps of recurrent networks, for loops of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, ShapeError, Tensor, example, ops, zeros
from nncore.builtin.layers._checks import positive
from nncore.builtin.layers._recurrent import biases, weights


class _Cell(Module):
    """What the cells share; they differ in their gates."""

    components: ClassVar = {"init": "initializer"}
    gates: ClassVar[int]

    def __init__(self, input_size: int, hidden_size: int, bias: bool, init: Any) -> None:
        super().__init__()
        self.input_size = positive(self, "input_size", input_size)
        self.hidden_size = positive(self, "hidden_size", hidden_size)
        rows = self.gates * hidden_size
        self.weight_ih = weights(rows, input_size, hidden_size, init)
        self.weight_hh = weights(rows, hidden_size, hidden_size, init)
        self.bias_ih = biases(rows, hidden_size, init) if bias else None
        self.bias_hh = biases(rows, hidden_size, init) if bias else None

    def state(self, input: Tensor, given: Tensor | None, what: str) -> Tensor:
        """The input, checked, and with it a state of its shape; zeros where none is given."""
        name = type(self).__name__
        if not isinstance(input, Tensor) or input.ndim not in (1, 2) or input.shape[-1] != self.input_size:
            got = tuple(input.shape) if isinstance(input, Tensor) else type(input).__name__
            raise ShapeError(f"{name} takes (batch, {self.input_size}) or ({self.input_size},), got {got}")
        shape = (*input.shape[:-1], self.hidden_size)
        if given is None:
            return zeros(shape, dtype=input.dtype)
        if not isinstance(given, Tensor) or tuple(given.shape) != shape:
            got = tuple(given.shape) if isinstance(given, Tensor) else type(given).__name__
            raise ShapeError(f"{name} argument {what}: shape {shape} expected, got {got}")
        return given


@example(config={"input_size": 3, "hidden_size": 4}, inputs=[(2, 3), (2, 4)], output=(2, 4))
@example(config={"input_size": 3, "hidden_size": 4, "bias": False}, inputs=[(3,)], output=(4,))
class RNNCell(_Cell):
    """One step of `RNN`: h = tanh(W_ih·x + b_ih + W_hh·h + b_hh).

    Args:
        input_size: Features of an input.
        hidden_size: Features of the state.
        bias: Whether there are biases.
        nonlinearity: `"tanh"` or `"relu"`.
        init: Initializer of the weights; the biases then begin at zero. Default: weights and biases from
            U(-1/sqrt(hidden_size), 1/sqrt(hidden_size)), as in PyTorch.

    Called as `cell(input, hx=None)` with (batch, input_size) and a state (batch, hidden_size), zeros where none is given;
    gives the next state. Without the dimension of the batch it takes one sample.
    Parameters: `weight_ih` `(hidden_size, input_size)`, `weight_hh` `(hidden_size, hidden_size)`, `bias_ih` and `bias_hh`
    `(hidden_size,)` or None.

    Raises:
        ShapeError: An input or a state of another shape.
        InvalidValueError: An argument out of range.

    Source: Elman 1990.
    """

    gates: ClassVar = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        init: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, init)
        if nonlinearity not in ("tanh", "relu"):
            raise InvalidValueError(f"RNNCell argument nonlinearity: 'tanh' or 'relu' expected, got {nonlinearity!r}")
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        h = self.state(input, hx, "hx")
        step = ops.rnn_relu_cell if self.nonlinearity == "relu" else ops.rnn_tanh_cell
        return step(input, h, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


@example(config={"input_size": 3, "hidden_size": 4}, inputs=[(2, 3), (2, 4)], output=(2, 4))
class GRUCell(_Cell):
    """One step of `GRU`, with its formulas and control signals.

    Args:
        input_size: Features of an input.
        hidden_size: Features of the state.
        bias: Whether there are biases.
        init: Initializer of the weights; the biases then begin at zero. Default: as in `RNNCell`.

    Called as `cell(input, hx=None)`; shapes as in `RNNCell`. Parameters have 3·hidden_size rows, r, z, n.

    Raises:
        ShapeError: An input or a state of another shape.
        InvalidValueError: An argument out of range.

    Source: Cho and others 2014 (arXiv 1406.1078), with the reset gate behind the product, as in cuDNN and PyTorch.
    """

    gates: ClassVar = 3

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, *, init: Any = None) -> None:
        super().__init__(input_size, hidden_size, bias, init)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        h = self.state(input, hx, "hx")
        return ops.gru_cell(input, h, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


@example(config={"input_size": 3, "hidden_size": 4}, inputs=[(2, 3)], output=((2, 4), (2, 4)))
class LSTMCell(_Cell):
    """One step of `LSTM`, with its formulas and control signals.

    Args:
        input_size: Features of an input.
        hidden_size: Features of the memory and the output.
        bias: Whether there are biases.
        init: Initializer of the weights; the biases then begin at zero. Default: as in `RNNCell`.

    Called as `cell(input, hx=None)` with a pair of states `(h, c)`, zeros where none is given; gives the next pair. Shapes
    as in `RNNCell`. Parameters have 4·hidden_size rows, i, f, g, o.

    Raises:
        ShapeError: An input or a state of another shape.
        InvalidValueError: An argument out of range, or an `hx` that is no pair.

    Source: Hochreiter and Schmidhuber 1997; Gers and others 2000 for the forget gate.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> cell, state = nn.LSTMCell(3, 8), None
        >>> for x in nc.zeros((5, 2, 3)):
        ...     state = cell(x, state)
        >>> state[0].shape
        (2, 8)
    """

    gates: ClassVar = 4

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, *, init: Any = None) -> None:
        super().__init__(input_size, hidden_size, bias, init)

    def forward(self, input: Tensor, hx: Sequence[Tensor] | None = None) -> tuple[Tensor, Tensor]:
        if hx is not None and (not isinstance(hx, (tuple, list)) or len(hx) != 2):
            raise InvalidValueError(f"LSTMCell argument hx: a pair of states (h, c) expected, got {type(hx).__name__}")
        h, c = (None, None) if hx is None else hx
        h, c = self.state(input, h, "hx[0]"), self.state(input, c, "hx[1]")
        return ops.lstm_cell(input, (h, c), self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
