"""Sines that tell where in a sequence something stands."""

from __future__ import annotations

import numpy as np

from nncore.api import Module, ShapeError, Tensor, example, tensor
from nncore.builtin._checks import flag
from nncore.builtin.layers._checks import positive, probability
from nncore.builtin.layers.dropout import Dropout


@example(config={"d_model": 6, "dropout": 0.0, "max_len": 9}, inputs=[(4, 2, 6)], output=(4, 2, 6))
@example(config={"d_model": 5, "dropout": 0.2, "max_len": 4, "batch_first": True}, inputs=[(2, 4, 5)], output=(2, 4, 5))
class PositionalEncoding(Module):
    """Adds sines and cosines of the step to the features, so that attention, which sees no order, can tell it.

    PE(t, 2i) = sin(t / 10000^(2i/d_model)) and PE(t, 2i+1) = cos(t / 10000^(2i/d_model)); then dropout.

    Args:
        d_model: Features.
        dropout: Probability of dropping in training.
        max_len: Steps of the longest sequence.
        batch_first: Whether tensors are (batch, steps, features), not (steps, batch, features).

    Shape: `(steps, batch, d_model)`, or the batch first, or without it; the output has the same. The table is computed anew
    where a model is loaded, and no part of its state dict.

    Raises:
        ShapeError: Other features, or more steps than max_len.
        InvalidValueError: An argument out of range.

    Source: Vaswani and others 2017 (arXiv 1706.03762), section 3.5.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> encoding = nn.PositionalEncoding(4, dropout=0.0)
        >>> encoding(nc.zeros((2, 4))).round(decimals=3).tolist()[0]
        [0.0, 1.0, 0.0, 1.0]
    """

    table: Tensor

    def __init__(self, d_model: int, dropout: float = 0.1, max_len: int = 5000, batch_first: bool = False) -> None:
        super().__init__()
        self.d_model = positive(self, "d_model", d_model)
        self.max_len = positive(self, "max_len", max_len)
        self.batch_first = flag("PositionalEncoding", "batch_first", batch_first)
        self.dropout = Dropout(probability(self, dropout))
        angles = np.arange(max_len)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
        table = np.stack([np.sin(angles), np.cos(angles)], 2).reshape(max_len, -1)[:, :d_model]
        self.register_buffer("table", tensor(table.astype(np.float32)), persistent=False)

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (2, 3) or input.shape[-1] != self.d_model:
            first = "batch, steps" if self.batch_first else "steps, batch"
            raise ShapeError(
                f"PositionalEncoding takes ({first}, {self.d_model}) or (steps, {self.d_model})", shapes=[input.shape]
            )
        steps = input.shape[1 if self.batch_first and input.ndim == 3 else 0]
        if steps > self.max_len:
            raise ShapeError(
                f"PositionalEncoding knows max_len={self.max_len} steps, got {steps}", shapes=[input.shape]
            )
        places = self.table[:steps]
        made: Tensor = self.dropout(input + (places if self.batch_first or input.ndim == 2 else places[:, None]))
        return made
