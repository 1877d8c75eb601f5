"""Classifiers of sequences: of tokens, such as words, or of measurements."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from nncore.api import DTypeError, InvalidValueError, Module, ShapeError, Tensor, example, given, nn, ops
from nncore_modern.parts import positive


class _Sequences(Module):
    """What both classifiers share: what a sequence consists of, and where it ends."""

    vocabulary: int | None
    in_features: int | None
    padding: int | None

    def reads(self, vocabulary: int | None, in_features: int | None, padding: int | None) -> None:
        """Say what the sequences are."""
        name = type(self).__name__
        if (vocabulary is None) == (in_features is None):
            raise InvalidValueError(
                f"{name}: give vocabulary, the number of tokens, or in_features, the numbers of each step; got "
                f"vocabulary={vocabulary!r}, in_features={in_features!r}"
            )
        if vocabulary is None:
            positive(name, in_features=in_features)
            padding = None
        else:
            positive(name, vocabulary=vocabulary)
            if padding is not None and (type(padding) is not int or not 0 <= padding < vocabulary):
                raise InvalidValueError(
                    f"{name}: padding is a token of the vocabulary, 0 <= padding < {vocabulary}, or None; got {padding!r}"
                )
        self.vocabulary, self.in_features, self.padding = vocabulary, in_features, padding

    def check(self, input: Tensor) -> None:
        """Refuse what are no such sequences, before any layer has run."""
        name = type(self).__name__
        if self.vocabulary is not None:
            if input.ndim != 2:
                raise ShapeError(f"{name} takes tokens (N, steps)", shapes=[input.shape])
            if input.dtype.is_floating_point or input.dtype.name == "bool":
                raise DTypeError(f"{name} takes tokens, which are integers; got {input.dtype.name}")
        elif input.ndim != 3 or input.shape[2] != self.in_features:
            raise ShapeError(f"{name} takes (N, steps, {self.in_features})", shapes=[input.shape])

    def real(self, input: Tensor) -> Tensor | None:
        """Which tokens are no padding, as bools; None where there is none."""
        return None if self.padding is None else input != self.padding


@example(
    config={"vocabulary": 5, "num_classes": 3, "features": 3, "hidden": 4},
    inputs=[given((2, 4), high=5, dtype="int64")],
    output=(2, 3),
)
@example(
    config={"in_features": 3, "hidden": 4, "n_layers": 2, "bidirectional": True, "dropout": 0.2},
    inputs=[(2, 4, 3)],
    output=(2, 2),
)
class LSTMClassifier(_Sequences):
    """A long short-term memory reads a sequence, and a linear layer classifies what it remembers at the end.

    With 10,000 tokens and the defaults 1,412,354 parameters: 1,280,000 for the tokens, 132,096 for the memory, 258 for the
    classes.

    Args:
        vocabulary: How many tokens there are; or
        in_features: how many numbers are measured at each step.
        num_classes: Outputs.
        features: Numbers that stand for each token.
        hidden: Features of the memory.
        n_layers: Layers of memory, each of which reads the one below.
        bidirectional: Whether a second memory reads from the end to the start.
        dropout: Probability of dropping an element: of the tokens' features, between the layers, and before the classifier.
        padding: The token that fills up shorter sequences, at their ends; it is not read. None where there is none.
        init: Initializer of the weights. Default: N(0, 1) for the tokens, and that of the layers.

    Shape: integers `(N, steps)`, or floats `(N, steps, in_features)`, to logits `(N, num_classes)`.
    State-dict names: `embedding.weight`, `lstm.weight_ih_l0` and so on as PyTorch's, `head.weight`, `head.bias`.
    Source: Hochreiter and Schmidhuber 1997 for the memory; Dai and Le 2015, section 2, for classifying its last state.

    Example:
        >>> import nncore as nc
        >>> model = nc.create("lstm_classifier", vocabulary=100, num_classes=3)
        >>> model(nc.tensor([[14, 3, 15, 9], [26, 5, 0, 0]])).shape
        (2, 3)
    """

    components: ClassVar = {"init": "initializer"}

    def __init__(
        self,
        vocabulary: int | None = None,
        in_features: int | None = None,
        num_classes: int = 2,
        features: int = 128,
        hidden: int = 128,
        n_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        padding: int | None = 0,
        init: Any = None,
    ) -> None:
        super().__init__()
        self.reads(vocabulary, in_features, padding)
        positive("LSTMClassifier", num_classes=num_classes, features=features, hidden=hidden, n_layers=n_layers)
        self.embedding: Module | None = None
        if self.vocabulary is not None:
            self.embedding = nn.Embedding(self.vocabulary, features, self.padding, init=init)
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(
            features if in_features is None else in_features,
            hidden,
            n_layers,
            batch_first=True,
            dropout=dropout if n_layers > 1 else 0.0,
            bidirectional=bidirectional,
            init=init,
        )
        self.directions = 2 if bidirectional else 1
        self.head = nn.Linear(self.directions * hidden, num_classes, init=init)

    def forward(self, input: Tensor) -> Tensor:
        self.check(input)
        lengths = None
        real = self.real(input)
        if real is not None:
            # A sequence of padding alone is read for one step, since a memory that has read nothing says nothing.
            lengths = ops.sum(real.to(input.dtype), 1).clamp(min=1)
        if self.embedding is not None:
            input = self.dropout(self.embedding(input))
        _, (last, _) = self.lstm(input, lengths=lengths)
        states = last[-self.directions :]
        logits: Tensor = self.head(self.dropout(ops.cat(list(ops.unbind(states, 0)), 1)))
        return logits


@example(
    config={
        "vocabulary": 5,
        "num_classes": 3,
        "features": 4,
        "heads": 2,
        "hidden": 6,
        "n_layers": 1,
        "dropout": 0.0,
        "act": "tanh",
    },
    inputs=[given((2, 4), high=5, dtype="int64")],
    output=(2, 3),
)
@example(
    config={
        "in_features": 3,
        "features": 4,
        "heads": 1,
        "hidden": 5,
        "max_len": 6,
        "norm_first": True,
        "act": "gelu",
    },
    inputs=[(2, 4, 3)],
    output=(2, 2),
)
class TransformerClassifier(_Sequences):
    """A transformer reads a sequence, and a linear layer classifies the mean over the steps.

    With 10,000 tokens and the defaults 1,676,802 parameters: 1,280,000 for the tokens, 198,272 for each layer, 258 for the
    classes.

    Args:
        vocabulary: How many tokens there are; or
        in_features: how many numbers are measured at each step, of which a linear function is read.
        num_classes: Outputs.
        features: Features of each step.
        heads: Heads of the attentions, a divisor of features.
        hidden: Features between the two layers of each block.
        n_layers: Blocks.
        max_len: Steps of the longest sequence.
        act: Activation between the two layers of each block.
        norm_first: Whether the normalizations stand in front, which trains without a warm-up of the rate.
        dropout: Probability of dropping an element.
        padding: The token that fills up shorter sequences; nothing attends to it. None where there is none.
        init: Initializer of the weights. Default: N(0, 1/features) for the tokens, and that of the layers.

    Shape: integers `(N, steps)`, or floats `(N, steps, in_features)`, to logits `(N, num_classes)`.
    State-dict names: `embedding.weight`, `encoder.layers.0.self_attn.in_proj_weight` and so on as PyTorch's, `head.weight`.
    Source: Vaswani and others 2017, sections 3.1, 3.4 and 3.5; Xiong and others 2020 for norm_first.

    Example:
        >>> import nncore as nc
        >>> model = nc.create("transformer_classifier", vocabulary=100, num_classes=3)
        >>> model(nc.tensor([[14, 3, 15, 9], [26, 5, 0, 0]])).shape
        (2, 3)
    """

    components: ClassVar = {"act": "activation", "init": "initializer"}

    def __init__(
        self,
        vocabulary: int | None = None,
        in_features: int | None = None,
        num_classes: int = 2,
        features: int = 128,
        heads: int = 4,
        hidden: int = 512,
        n_layers: int = 2,
        max_len: int = 512,
        act: Any = "relu",
        norm_first: bool = False,
        dropout: float = 0.1,
        padding: int | None = 0,
        init: Any = None,
    ) -> None:
        super().__init__()
        self.reads(vocabulary, in_features, padding)
        positive("TransformerClassifier", num_classes=num_classes, features=features, n_layers=n_layers)
        self.scale = 1.0
        self.embedding: Module
        if self.vocabulary is not None:
            # Drawn small and scaled up again, as in the paper, so that a classifier may share the table.
            self.scale = math.sqrt(features)
            table = {"name": "normal", "std": features**-0.5} if init is None else init
            self.embedding = nn.Embedding(self.vocabulary, features, self.padding, init=table)
        elif in_features is not None:
            self.embedding = nn.Linear(in_features, features, init=init)
        self.positions = nn.PositionalEncoding(features, dropout, max_len, batch_first=True)
        block = nn.TransformerEncoderLayer(
            features, heads, hidden, dropout, act, batch_first=True, norm_first=norm_first, init=init
        )
        self.encoder = nn.TransformerEncoder(block, n_layers, nn.LayerNorm(features) if norm_first else None)
        self.head = nn.Linear(features, num_classes, init=init)

    def forward(self, input: Tensor) -> Tensor:
        self.check(input)
        real = self.real(input)
        x = self.positions(self.embedding(input) * self.scale)
        if real is None:
            logits: Tensor = self.head(self.encoder(x).mean(1))
            return logits
        x = self.encoder(x, src_key_padding_mask=ops.logical_not(real))
        weights = real.to(x.dtype)
        share = weights / ops.sum(weights, 1, True).clamp(min=1)
        logits = self.head(ops.sum(x * share.unsqueeze(2), 1))
        return logits
