"""What the layers of transformers share."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import Module, Tensor, as_activation
from nncore.builtin.layers._checks import number, positive, probability
from nncore.builtin.layers.dropout import Dropout
from nncore.builtin.layers.layer_norm import LayerNorm
from nncore.builtin.layers.linear import Linear
from nncore.builtin.layers.module_list import ModuleList
from nncore.builtin.layers.multihead_attention import MultiheadAttention


class TransformerLayer(Module):
    """Attention and a network of two layers, each with a normalization and a path around it. Subclasses say how many
    attentions there are."""

    components: ClassVar = {"activation": "activation", "init": "initializer"}

    def _set_up(
        self,
        attentions: tuple[str, ...],
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        dropout: float,
        activation: Any,
        layer_norm_eps: float,
        batch_first: bool,
        norm_first: bool,
        bias: bool,
        init: Any,
    ) -> None:
        positive(self, "d_model", d_model)
        positive(self, "dim_feedforward", dim_feedforward)
        probability(self, dropout)
        number(self, "layer_norm_eps", layer_norm_eps, least=0)
        for name in attentions:
            self.add_module(name, MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, init=init))
        self.linear1 = Linear(d_model, dim_feedforward, bias, init=init)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, init=init)
        self.norm_first = bool(norm_first)
        parts = range(1, len(attentions) + 2)
        for at in parts:
            self.add_module(f"norm{at}", LayerNorm(d_model, layer_norm_eps, bias=bias))
        for at in parts:
            self.add_module(f"dropout{at}", Dropout(dropout))
        self.activation = as_activation(activation)

    def _around(self, at: int, x: Tensor, inner: Any) -> Tensor:
        """x and what `inner` makes of it, the normalization before or behind."""
        norm, dropout = self._modules[f"norm{at}"], self._modules[f"dropout{at}"]
        if self.norm_first:
            made: Tensor = x + dropout(inner(norm(x)))
        else:
            made = norm(x + dropout(inner(x)))
        return made

    def _fed(self, x: Tensor) -> Tensor:
        """The network of two layers."""
        made: Tensor = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return made


def stacked(layer: Module, pattern: Module, num_layers: int) -> ModuleList:
    """So many layers made with the pattern's arguments, each with first weights of its own."""
    positive(layer, "num_layers", num_layers)
    return ModuleList(type(pattern).from_config(pattern.config) for _ in range(num_layers))
