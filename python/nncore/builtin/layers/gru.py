"""Gated recurrent units."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import PackedSequence, Tensor, example, given, ops
from nncore.builtin.layers._recurrent import Recurrent, packed


@example(config={"input_size": 3, "hidden_size": 4}, inputs=[(5, 2, 3)], output=((5, 2, 4), (1, 2, 4)))
@example(
    config={"input_size": 2, "hidden_size": 3, "num_layers": 2, "bias": False, "bidirectional": True},
    inputs={"input": (4, 3, 2), "hx": (4, 3, 3), "lengths": given((3,), low=1, high=5, dtype="int64")},
    output=((4, 3, 6), (4, 3, 3)),
)
class GRU(Recurrent):
    """Gated recurrent units. With σ the logistic function, each step computes

        r = σ(W_ir·x + b_ir + W_hr·h + b_hr)             how much of the old state the new one may read
        z = σ(W_iz·x + b_iz + W_hz·h + b_hz)             how much of the old state stays
        n = tanh(W_in·x + b_in + r·(W_hn·h + b_hn))      what is new
        h = (1 - z)·n + z·h

    The gates r and z are control signals: σ turns a real number into a nearly binary one, between 0 (shut) and 1 (open),
    that multiplies what passes. What is remembered has a sign, so it comes from tanh.

    Args:
        input_size: Features of an input.
        hidden_size: Features of the state.
        num_layers: Layers, each of which reads the outputs of the one below.
        bias: Whether there are biases.
        batch_first: Whether input and output are (batch, steps, features), not (steps, batch, features).
        dropout: Probability of dropping an output between two layers in training.
        bidirectional: Whether a second network goes from the end to the start. Its outputs follow in the last dimension.
        init: Initializer of the weights; the biases then begin at zero. Default: weights and biases from
            U(-1/sqrt(hidden_size), 1/sqrt(hidden_size)), as in PyTorch.

    Called as `gru(input, hx=None, *, lengths=None)`; gives `(output, h_n)`, all as in `RNN`.

    Parameters: `weight_ih_l0` `(3·hidden_size, input_size)`, `weight_hh_l0` `(3·hidden_size, hidden_size)`, `bias_ih_l0`
    and `bias_hh_l0` `(3·hidden_size,)`, whose rows go r, z, n, and so on for `l1`; those of the way back end in `_reverse`.

    Raises:
        ShapeError: An input or a state of another shape.
        InvalidValueError: An argument out of range.

    Source: Cho and others 2014 (arXiv 1406.1078), with the reset gate behind the product, as in cuDNN and PyTorch.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> output, last = nn.GRU(3, 8, num_layers=2, bidirectional=True)(nc.zeros((5, 2, 3)))
        >>> output.shape, last.shape
        ((5, 2, 16), (4, 2, 8))
    """

    gates: ClassVar = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        init: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, init)

    def forward(
        self, input: Tensor | PackedSequence, hx: Tensor | None = None, *, lengths: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        x, batch_first, lengths = self.opened(input, lengths)
        h = self.state(x, batch_first, hx, self.hidden_size, "hx")
        output, h_n = ops.gru(x, h, self.parameters_in_order(), *self.options(batch_first, lengths))
        return packed(input, output), h_n
