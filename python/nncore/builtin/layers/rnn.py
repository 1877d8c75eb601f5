"""Plain recurrent networks."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import InvalidValueError, PackedSequence, Tensor, example, given, ops
from nncore.builtin.layers._recurrent import Recurrent, packed


@example(config={"input_size": 3, "hidden_size": 4}, inputs=[(5, 2, 3)], output=((5, 2, 4), (1, 2, 4)))
@example(
    config={"input_size": 2, "hidden_size": 3, "num_layers": 2, "batch_first": True, "bidirectional": True},
    inputs={"input": (3, 4, 2), "hx": (4, 3, 3), "lengths": given((3,), low=1, high=5, dtype="int64")},
    output=((3, 4, 6), (4, 3, 3)),
)
class RNN(Recurrent):
    """A plain (Elman) recurrent network: h = tanh(W_ih·x + b_ih + W_hh·h + b_hh) at each step.

    The state h is what it remembers, and each step overwrites all of it; `GRU` and `LSTM` have gates that decide.

    Args:
        input_size: Features of an input.
        hidden_size: Features of the state.
        num_layers: Layers, each of which reads the outputs of the one below.
        nonlinearity: `"tanh"` or `"relu"`.
        bias: Whether there are biases.
        batch_first: Whether input and output are (batch, steps, features), not (steps, batch, features).
        dropout: Probability of dropping an output between two layers in training.
        bidirectional: Whether a second network goes from the end to the start. Its outputs follow in the last dimension.
        init: Initializer of the weights; the biases then begin at zero. Default: weights and biases from
            U(-1/sqrt(hidden_size), 1/sqrt(hidden_size)), as in PyTorch.

    Called as `rnn(input, hx=None, *, lengths=None)`; gives `(output, h_n)`:

    - `input`: a batch, one sequence (steps, input_size), or a `PackedSequence`; `output` is alike, with
      directions·hidden_size features: the states of the last layer.
    - `hx`: the states to begin with, (num_layers·directions, batch, hidden_size); default zeros. `h_n`: those at the end.
    - `lengths`: int64 (batch,), the steps of each sequence, in any order. Behind them the output is 0, and `h_n` is the
      state after the last one. Each sequence gets what it would get alone.

    Parameters: `weight_ih_l0` `(hidden_size, input_size)`, `weight_hh_l0` `(hidden_size, hidden_size)`, `bias_ih_l0` and
    `bias_hh_l0` `(hidden_size,)`, and so on for `l1`; those of the way back end in `_reverse`.

    Raises:
        ShapeError: An input or a state of another shape.
        InvalidValueError: An argument out of range.

    Source: Elman 1990.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> output, last = nn.RNN(3, 8, batch_first=True)(nc.zeros((2, 5, 3)))
        >>> output.shape, last.shape
        ((2, 5, 8), (1, 2, 8))
    """

    gates: ClassVar = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        init: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, init)
        if nonlinearity not in ("tanh", "relu"):
            raise InvalidValueError(f"RNN argument nonlinearity: 'tanh' or 'relu' expected, got {nonlinearity!r}")
        self.nonlinearity = nonlinearity

    def forward(
        self, input: Tensor | PackedSequence, hx: Tensor | None = None, *, lengths: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        x, batch_first, lengths = self.opened(input, lengths)
        h = self.state(x, batch_first, hx, self.hidden_size, "hx")
        run = ops.rnn_relu if self.nonlinearity == "relu" else ops.rnn_tanh
        output, h_n = run(x, h, self.parameters_in_order(), *self.options(batch_first, lengths))
        return packed(input, output), h_n
