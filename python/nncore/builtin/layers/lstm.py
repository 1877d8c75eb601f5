"""Long short-term memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nncore.api import InvalidValueError, PackedSequence, Tensor, example, given, ops
from nncore.builtin.layers._recurrent import Recurrent, packed


@example(config={"input_size": 3, "hidden_size": 4}, inputs=[(5, 2, 3)], output=((5, 2, 4), ((1, 2, 4), (1, 2, 4))))
@example(
    config={"input_size": 2, "hidden_size": 4, "num_layers": 2, "bidirectional": True, "proj_size": 3},
    inputs={"input": (4, 3, 2), "lengths": given((3,), low=1, high=5, dtype="int64")},
    output=((4, 3, 6), ((4, 3, 3), (4, 3, 4))),
)
class LSTM(Recurrent):
    """Long short-term memory. With σ the logistic function, each step computes

        i = σ(W_ii·x + b_ii + W_hi·h + b_hi)       input gate: how much is written
        f = σ(W_if·x + b_if + W_hf·h + b_hf)       forget gate: how much of the memory stays
        g = tanh(W_ig·x + b_ig + W_hg·h + b_hg)    what would be written
        o = σ(W_io·x + b_io + W_ho·h + b_ho)       output gate: how much is shown
        c = f·c + i·g                              the memory
        h = o·tanh(c)                              the output

    The gates are control signals: σ turns a real number into a nearly binary one, between 0 (shut) and 1 (open), that
    multiplies what passes. What is remembered has a sign, so it comes from tanh, which is nearly linear around 0.

    Args:
        input_size: Features of an input.
        hidden_size: Features of the memory.
        num_layers: Layers, each of which reads the outputs of the one below.
        bias: Whether there are biases.
        batch_first: Whether input and output are (batch, steps, features), not (steps, batch, features).
        dropout: Probability of dropping an output between two layers in training.
        bidirectional: Whether a second network goes from the end to the start. Its outputs follow in the last dimension.
        proj_size: Where it is not 0, h = W_hr·(o·tanh(c)) has so many features, fewer than hidden_size.
        init: Initializer of the weights; the biases then begin at zero. Default: weights and biases from
            U(-1/sqrt(hidden_size), 1/sqrt(hidden_size)), as in PyTorch.

    Called as `lstm(input, hx=None, *, lengths=None)`; gives `(output, (h_n, c_n))`. `hx` is a pair `(h, c)` of states to
    begin with, of shapes (num_layers·directions, batch, proj_size or hidden_size) and (…, hidden_size); the rest is as in
    `RNN`.

    Parameters: `weight_ih_l0` `(4·hidden_size, input_size)`, `weight_hh_l0` `(4·hidden_size, proj_size or hidden_size)`,
    `bias_ih_l0` and `bias_hh_l0` `(4·hidden_size,)`, whose rows go i, f, g, o; with projections `weight_hr_l0`
    `(proj_size, hidden_size)`; and so on for `l1`. Those of the way back end in `_reverse`.

    Raises:
        ShapeError: An input or a state of another shape.
        InvalidValueError: An argument out of range, or an `hx` that is no pair.

    Source: Hochreiter and Schmidhuber 1997; Gers and others 2000 for the forget gate; Sak and others 2014
    (arXiv 1402.1128) for projections.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> lstm = nn.LSTM(3, 8, batch_first=True)
        >>> output, (h, c) = lstm(nc.zeros((2, 5, 3)), lengths=nc.tensor([5, 2]))
        >>> output.shape, h.shape, c.shape
        ((2, 5, 8), (1, 2, 8), (1, 2, 8))
        >>> list(lstm.state_dict())
        ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0']
    """

    gates: ClassVar = 4

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        init: Any = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, init
        )

    def forward(
        self,
        input: Tensor | PackedSequence,
        hx: Sequence[Tensor] | None = None,
        *,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor | PackedSequence, tuple[Tensor, Tensor]]:
        x, batch_first, lengths = self.opened(input, lengths)
        if hx is not None and (not isinstance(hx, (tuple, list)) or len(hx) != 2):
            raise InvalidValueError(f"LSTM argument hx: a pair of states (h, c) expected, got {type(hx).__name__}")
        h, c = (None, None) if hx is None else hx
        h = self.state(x, batch_first, h, self.proj_size or self.hidden_size, "hx[0]")
        c = self.state(x, batch_first, c, self.hidden_size, "hx[1]")
        output, h_n, c_n = ops.lstm(x, (h, c), self.parameters_in_order(), *self.options(batch_first, lengths))
        return packed(input, output), (h_n, c_n)
