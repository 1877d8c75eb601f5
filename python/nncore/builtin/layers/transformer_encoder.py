"""Layers of a transformer that read one sequence."""

from __future__ import annotations

from typing import Any

from nncore.api import InvalidValueError, Module, Tensor, example, given
from nncore.builtin.layers._transformer import TransformerLayer, stacked


@example(
    config={"d_model": 4, "nhead": 2, "dim_feedforward": 6, "dropout": 0.0, "activation": "tanh"},
    inputs=[(3, 2, 4)],
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
    inputs={"src": (2, 3, 4), "src_key_padding_mask": given((2, 3), dtype="bool"), "is_causal": True},
    output=(2, 3, 4),
)
class TransformerEncoderLayer(TransformerLayer):
    """One layer of a transformer that reads a sequence: attention to itself, and at each step a network of two layers.

    With the normalization behind, y = norm1(x + attention(x)) and norm2(y + linear2(activation(linear1(y)))); with it in
    front, y = x + attention(norm1(x)) and y + linear2(activation(linear1(norm2(y)))). Dropout follows the attention, the
    activation and `linear2`.

    Args:
        d_model: Features of input and output.
        nhead: Heads of the attention, a divisor of d_model.
        dim_feedforward: Units between `linear1` and `linear2`.
        dropout: Probability of dropping in training.
        activation: Between them: a name, a configured spec, a class, a function or a Module.
        layer_norm_eps: eps of the normalizations.
        batch_first: Whether tensors are (batch, steps, features), not (steps, batch, features).
        norm_first: Whether the normalizations stand in front, which trains without a warm-up of the rate.
        bias: Whether linear functions and normalizations have biases.
        init: Initializer of the weights of all linear functions. Default: theirs, see `MultiheadAttention` and `Linear`.

    Called as `layer(src, src_mask=None, src_key_padding_mask=None, is_causal=False)`; masks as `attn_mask`,
    `key_padding_mask` and `is_causal` of `MultiheadAttention`, where true means *not*.

    Shape: `(steps, batch, d_model)`, or the batch first, or without it; the output has the same.

    Raises:
        ShapeError: An input or a mask of another shape.
        InvalidValueError: An argument out of range.

    Source: Vaswani and others 2017 (arXiv 1706.03762), section 3.1; Xiong and others 2020 (arXiv 2002.04745) for
    norm_first.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.TransformerEncoderLayer(8, 2, batch_first=True)(nc.zeros((3, 5, 8)), is_causal=True).shape
        (3, 5, 8)
    """

    self_attn: Module

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
        self._set_up(("self_attn",), d_model, nhead, *options)

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        def attention(x: Tensor) -> Any:
            masks = {"key_padding_mask": src_key_padding_mask, "attn_mask": src_mask, "is_causal": is_causal}
            return self.self_attn(x, x, x, need_weights=False, **masks)[0]

        x = self._around(1, src, attention)
        return self._around(2, x, self._fed)


def _pattern() -> dict[str, Any]:
    return {"encoder_layer": TransformerEncoderLayer(4, 2, 6, 0.0, "tanh"), "num_layers": 2}


@example(config=_pattern, inputs=[(3, 2, 4)], output=(3, 2, 4))
class TransformerEncoder(Module):
    """Several layers of a transformer, one after the other, and a last normalization.

    Args:
        encoder_layer: The layer that is the pattern: each layer is made with its arguments, and with first weights of its
            own. (PyTorch copies the weights too, and advises to draw them anew.)
        num_layers: Layers.
        norm: A module that follows, such as `nn.LayerNorm(d_model)`, which belongs behind layers with norm_first.

    Called as `encoder(src, mask=None, src_key_padding_mask=None, is_causal=False)`, as each layer.

    Shape: `(steps, batch, d_model)`, or the batch first, or without it; the output has the same. Parameters are named
    `layers.0.…` and so on, and `norm.…`.

    Raises:
        InvalidValueError: A pattern that is no Module, or num_layers below 1.

    Source: Vaswani and others 2017 (arXiv 1706.03762), section 3.1.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), num_layers=3)
        >>> encoder(nc.zeros((5, 2, 8))).shape
        (5, 2, 8)
    """

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        if not isinstance(encoder_layer, Module):
            raise InvalidValueError(
                f"TransformerEncoder: encoder_layer is a layer such as nn.TransformerEncoderLayer(d_model, nhead), got "
                f"{encoder_layer!r}"
            )
        self.layers = stacked(self, encoder_layer, num_layers)
        self.norm = norm

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)
