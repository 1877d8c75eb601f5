"""Layers of a transformer that write one sequence while they read another."""

from __future__ import annotations

from typing import Any

from nncore.api import InvalidValueError, Module, Tensor, example, given
from nncore.builtin.layers._transformer import TransformerLayer, stacked


@example(
    config={"d_model": 4, "nhead": 2, "dim_feedforward": 6, "dropout": 0.0, "activation": "tanh"},
    inputs=[(3, 2, 4), (5, 2, 4)],
    output=(3, 2, 4),
)
@example(
    config={
        "d_model": 4,
        "nhead": 1,
        "dim_feedforward": 3,
        "activation": "gelu",
        "batch_first": True,
        "norm_first": True,
    },
    inputs={
        "tgt": (2, 3, 4),
        "memory": (2, 4, 4),
        "memory_key_padding_mask": given((2, 4), dtype="bool"),
        "tgt_is_causal": True,
    },
    output=(2, 3, 4),
)
class TransformerDecoderLayer(TransformerLayer):
    """One layer of a transformer that writes a sequence: attention to itself, attention to what an encoder has read, and at
    each step a network of two layers.

    As `TransformerEncoderLayer`, with its arguments, and a second attention between its parts, whose queries are of the
    sequence and whose keys and values are of the memory.

    Args:
        d_model: Features of input, memory and output.
        nhead: Heads of the attentions, a divisor of d_model.
        dim_feedforward: Units between `linear1` and `linear2`.
        dropout: Probability of dropping in training.
        activation: Between them: a name, a configured spec, a class, a function or a Module.
        layer_norm_eps: eps of the normalizations.
        batch_first: Whether tensors are (batch, steps, features), not (steps, batch, features).
        norm_first: Whether the normalizations stand in front.
        bias: Whether linear functions and normalizations have biases.
        init: Initializer of the weights of all linear functions. Default: theirs, see `MultiheadAttention` and `Linear`.

    Called as `layer(tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
    memory_key_padding_mask=None, tgt_is_causal=False, memory_is_causal=False)`; masks as in `MultiheadAttention`.

    Shape: `(steps, batch, d_model)` and a memory `(steps', batch, d_model)`, or the batch first, or without it; the output
    is like the first.

    Raises:
        ShapeError: An input, a memory or a mask of another shape.
        InvalidValueError: An argument out of range.

    Source: Vaswani and others 2017 (arXiv 1706.03762), section 3.1.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> layer = nn.TransformerDecoderLayer(8, 2, 16)
        >>> layer(nc.zeros((5, 2, 8)), nc.zeros((7, 2, 8)), tgt_is_causal=True).shape
        (5, 2, 8)
    """

    self_attn: Module
    multihead_attn: Module

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        init: Any = None,
    ) -> None:
        super().__init__()
        options = (dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias, init)
        self._set_up(("self_attn", "multihead_attn"), d_model, nhead, *options)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        def itself(x: Tensor) -> Any:
            masks = {"key_padding_mask": tgt_key_padding_mask, "attn_mask": tgt_mask, "is_causal": tgt_is_causal}
            return self.self_attn(x, x, x, need_weights=False, **masks)[0]

        def read(x: Tensor) -> Any:
            masks = {"key_padding_mask": memory_key_padding_mask, "attn_mask": memory_mask}
            causal = {"is_causal": memory_is_causal}
            return self.multihead_attn(x, memory, memory, need_weights=False, **masks, **causal)[0]

        x = self._around(1, tgt, itself)
        x = self._around(2, x, read)
        return self._around(3, x, self._fed)


def _pattern() -> dict[str, Any]:
    return {"decoder_layer": TransformerDecoderLayer(4, 2, 6, 0.0, "tanh"), "num_layers": 2}


@example(config=_pattern, inputs=[(3, 2, 4), (5, 2, 4)], output=(3, 2, 4))
class TransformerDecoder(Module):
    """Several layers of a transformer that write a sequence, one after the other, and a last normalization.

    Args:
        decoder_layer: The layer that is the pattern: each layer is made with its arguments, and with first weights of its
            own.
        num_layers: Layers.
        norm: A module that follows, such as `nn.LayerNorm(d_model)`.

    Called as each layer, with the same memory for all.

    Shape: `(steps, batch, d_model)` and a memory `(steps', batch, d_model)`, or the batch first, or without it; the output
    is like the first.

    Raises:
        InvalidValueError: A pattern that is no Module, or num_layers below 1.

    Source: Vaswani and others 2017 (arXiv 1706.03762), section 3.1.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), num_layers=2)
        >>> decoder(nc.zeros((5, 2, 8)), nc.zeros((7, 2, 8))).shape
        (5, 2, 8)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        if not isinstance(decoder_layer, Module):
            raise InvalidValueError(
                f"TransformerDecoder: decoder_layer is a layer such as nn.TransformerDecoderLayer(d_model, nhead), got "
                f"{decoder_layer!r}"
            )
        self.layers = stacked(self, decoder_layer, num_layers)
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        for layer in self.layers:
            tgt = layer(tgt, memory, *masks, tgt_is_causal, memory_is_causal)
        return tgt if self.norm is None else self.norm(tgt)
