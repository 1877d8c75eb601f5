"""Attention with several heads."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import DTypeError, InvalidValueError, Module, Parameter, ShapeError, Tensor, example, given, ops, zeros
from nncore.builtin.layers._checks import positive
from nncore.builtin.layers.linear import Linear


@example(
    config={"embed_dim": 4, "num_heads": 2},
    inputs=[(3, 2, 4), (5, 2, 4), (5, 2, 4)],
    output=((3, 2, 4), (2, 3, 5)),
)
@example(
    config={
        "embed_dim": 6,
        "num_heads": 3,
        "kdim": 4,
        "vdim": 5,
        "batch_first": True,
        "add_bias_kv": True,
        "init": "normal",
    },
    inputs={
        "query": (2, 3, 6),
        "key": (2, 4, 4),
        "value": (2, 4, 5),
        "key_padding_mask": given((2, 4), dtype="bool"),
        "average_attn_weights": False,
        "is_causal": True,
    },
    output=((2, 3, 6), (2, 3, 3, 5)),
)
class MultiheadAttention(Module):
    """Attention with several heads: each query is answered with a mean of the values, by how well their keys fit it.

    For each head, softmax(Q·Kᵀ / sqrt(head size))·V, where Q, K and V are linear functions of query, key and value; the
    heads' answers stand side by side and pass one more linear function.

    Args:
        embed_dim: Features of query and output; each head has embed_dim / num_heads of them.
        num_heads: Heads.
        dropout: Probability of dropping a weight in training.
        bias: Whether the linear functions have biases.
        add_bias_kv: Whether a learned key and its value are added to those of every sequence.
        add_zero_attn: Whether a key and a value of zeros are added.
        kdim: Features of a key; default: embed_dim.
        vdim: Features of a value; default: embed_dim.
        batch_first: Whether tensors are (batch, steps, features), not (steps, batch, features).
        init: Initializer of the weights of all linear functions. Default: Xavier's for those of query, key and value, and
            that of `Linear` for the last.

    Called as `attention(query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
    average_attn_weights=True, is_causal=False)`; gives `(output, weights)`:

    - `query` (L, N, embed_dim), `key` (S, N, kdim), `value` (S, N, vdim), or N first, or without N; `output` is like `query`.
    - `key_padding_mask` (N, S): bool, true where a key is left out, or numbers that are added to the scores.
    - `attn_mask` (L, S) or (N·num_heads, L, S): the same for each query. Note that true means *not* here, as in PyTorch,
      and the opposite in `ops.scaled_dot_product_attention`.
    - `is_causal`: whether query i sees keys up to i only, beside what the masks say.
    - `need_weights`: whether to give the weights too, (N, L, S), or (N, num_heads, L, S) without `average_attn_weights`;
      otherwise None. Without them no matrix of weights is held, which is faster and takes less memory.

    A query that sees no key gets zeros before the last linear function, and weights of zero.

    Parameters: `in_proj_weight` `(3·embed_dim, embed_dim)`, or `q_proj_weight`, `k_proj_weight` and `v_proj_weight` where
    kdim or vdim differ, from Xavier's uniform distribution; `in_proj_bias` `(3·embed_dim,)`, zero; `out_proj.weight` and
    `out_proj.bias`; `bias_k` and `bias_v` `(1, 1, embed_dim)`.

    Raises:
        ShapeError: Tensors or masks of other shapes.
        DTypeError: A mask of neither bools nor floats.
        InvalidValueError: An argument out of range.

    Source: Vaswani and others 2017 (arXiv 1706.03762), section 3.2.2.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> attention, x = nn.MultiheadAttention(8, 2, batch_first=True), nc.ones((3, 5, 8))
        >>> output, weights = attention(x, x, x, is_causal=True)
        >>> output.shape, weights[0, 1].tolist()
        ((3, 5, 8), [0.5, 0.5, 0.0, 0.0, 0.0])
    """

    components: ClassVar = {"init": "initializer"}
    in_proj_weight: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        init: Any = None,
    ) -> None:
        super().__init__()
        self.embed_dim = positive(self, "embed_dim", embed_dim)
        self.num_heads = positive(self, "num_heads", num_heads)
        if embed_dim % num_heads:
            raise InvalidValueError(
                f"MultiheadAttention argument num_heads: a divisor of embed_dim={embed_dim} expected, got {num_heads}"
            )
        if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout < 1:
            raise InvalidValueError(
                f"MultiheadAttention argument dropout: a probability below 1 expected, got {dropout!r}"
            )
        self.kdim = embed_dim if kdim is None else positive(self, "kdim", kdim)
        self.vdim = embed_dim if vdim is None else positive(self, "vdim", vdim)
        self.dropout, self.batch_first = float(dropout), bool(batch_first)
        self.head_dim, self.add_zero_attn = embed_dim // num_heads, bool(add_zero_attn)
        first = "xavier_uniform" if init is None else init
        if self.kdim == self.vdim == embed_dim:
            self.in_proj_weight = Parameter((3 * embed_dim, embed_dim), init=first)
        else:
            self.in_proj_weight = None
            self.q_proj_weight = Parameter((embed_dim, embed_dim), init=first)
            self.k_proj_weight = Parameter((embed_dim, self.kdim), init=first)
            self.v_proj_weight = Parameter((embed_dim, self.vdim), init=first)
        self.in_proj_bias = Parameter((3 * embed_dim,), init="zeros") if bias else None
        # With an initializer of its own, Linear begins its bias at zero.
        self.out_proj = Linear(embed_dim, embed_dim, bias, init="fan_in_uniform" if init is None else init)
        self.bias_k = Parameter((1, 1, embed_dim), init="xavier_normal") if add_bias_kv else None
        self.bias_v = Parameter((1, 1, embed_dim), init="xavier_normal") if add_bias_kv else None

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        single = self._check(query, key, value)
        if single:
            at = 0 if self.batch_first else 1
            itself = key is query, value is key
            query = query.unsqueeze(at)
            key = query if itself[0] else key.unsqueeze(at)
            value = key if itself[1] else value.unsqueeze(at)
            key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
        q, k, v = self._projected(query, key, value)
        if not self.batch_first:
            q, k, v = (each.permute(1, 0, 2) for each in (q, k, v))
        batch, length, source = q.shape[0], q.shape[1], k.shape[1]
        causal = is_causal and attn_mask is None and key_padding_mask is None
        more = (self.bias_k is not None) + self.add_zero_attn
        mask = None
        if not causal or more or need_weights:
            mask, causal = self._mask(q, source, key_padding_mask, attn_mask, is_causal, more), False
        if self.bias_k is not None and self.bias_v is not None:
            k = ops.cat([k, self.bias_k.expand(batch, 1, self.embed_dim)], 1)
            v = ops.cat([v, self.bias_v.expand(batch, 1, self.embed_dim)], 1)
        if self.add_zero_attn:
            nothing = zeros((batch, 1, self.embed_dim), dtype=k.dtype)
            k, v = ops.cat([k, nothing], 1), ops.cat([v, nothing], 1)
        q, k, v = (
            each.reshape(batch, each.shape[1], self.num_heads, self.head_dim).permute(0, 2, 1, 3)  #
            for each in (q, k, v)
        )
        dropout = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            weights = ops.dropout(_weights(q, k, mask), dropout, True) if dropout else _weights(q, k, mask)
            output = weights @ v
            weights = weights.mean(1) if average_attn_weights else weights
        else:
            output = ops.scaled_dot_product_attention(q, k, v, mask, dropout, causal)
        output = self.out_proj(output.permute(0, 2, 1, 3).reshape(batch, length, self.embed_dim))
        if single:
            return output[0], None if weights is None else weights[0]
        return output if self.batch_first else output.permute(1, 0, 2), weights

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> bool:
        """Whether these are sequences without a batch; an error where they do not go together."""
        shapes = [tuple(each.shape) for each in (query, key, value)]
        widths = (self.embed_dim, self.kdim, self.vdim)
        ranks = {len(shape) for shape in shapes}
        right = ranks in ({2}, {3}) and all(shape[-1] == width for shape, width in zip(shapes, widths, strict=True))
        if right and ranks == {3}:
            at = 0 if self.batch_first else 1
            right = len({shape[at] for shape in shapes}) == 1
        if not right or shapes[1][:-1] != shapes[2][:-1]:
            lead = "batch, {}, " if self.batch_first else "{}, batch, "
            forms = (f"({lead.format(steps)}{width})" for steps, width in zip("LSS", widths, strict=True))
            raise ShapeError(f"MultiheadAttention takes {', '.join(forms)}, or all without the batch", shapes=shapes)
        return ranks == {2}

    def _projected(self, query: Tensor, key: Tensor, value: Tensor) -> list[Tensor]:
        """Q, K and V of all heads side by side."""
        weight, bias, size = self.in_proj_weight, self.in_proj_bias, self.embed_dim
        if weight is not None and key is query and value is key:
            return list(ops.split(ops.linear(query, weight, bias), size, -1))
        weights = (
            (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight) if weight is None else ops.split(weight, size)
        )
        biases = (None, None, None) if bias is None else ops.split(bias, size)
        inputs = (query, key, value)
        return [ops.linear(x, w, b) for x, w, b in zip(inputs, weights, biases, strict=True)]

    def _mask(
        self, q: Tensor, source: int, padding: Tensor | None, attn: Tensor | None, causal: bool, more: int
    ) -> Tensor | None:
        """All masks as one that broadcasts to (batch, heads, L, S): bool, true where a key is seen, or numbers to add."""
        batch, length = q.shape[:2]
        parts = []
        if attn is not None:
            shapes = ((length, source), (batch * self.num_heads, length, source))
            _expect("attn_mask", attn, shapes)
            parts.append(attn if attn.ndim == 2 else attn.reshape(batch, self.num_heads, length, source))
        if padding is not None:
            _expect("key_padding_mask", padding, ((batch, source),))
            parts.append(padding[:, None, None])
        if causal:
            parts.append(ops.arange(0, source)[None] > ops.arange(0, length)[:, None])
        if not parts:
            return None
        bools = all(part.dtype.name == "bool" for part in parts)
        if not bools:
            parts = [_added(part, q) for part in parts]
        mask = parts[0]
        for part in parts[1:]:
            mask = ops.logical_or(mask, part) if bools else mask + part
        if more:
            # Every query sees the keys that are added.
            mask = ops.cat([mask, zeros((*mask.shape[:-1], more), dtype=mask.dtype)], -1)
        return ops.logical_not(mask) if bools else mask


def _expect(name: str, mask: Tensor, shapes: tuple[tuple[int, ...], ...]) -> None:
    if tuple(mask.shape) not in shapes:
        wanted = " or ".join(map(str, shapes))
        raise ShapeError(f"MultiheadAttention argument {name}: shape {wanted} expected, got {tuple(mask.shape)}")
    if mask.dtype.name != "bool" and not mask.dtype.is_floating_point:
        raise DTypeError(f"MultiheadAttention argument {name}: bools or floats expected, got {mask.dtype}")


def _added(mask: Tensor, like: Tensor) -> Tensor:
    """A mask as numbers that are added to the scores."""
    if mask.dtype.name != "bool":
        return mask.to(like.dtype)
    return ops.where(mask, float("-inf"), zeros((), dtype=like.dtype))


def _weights(q: Tensor, k: Tensor, mask: Tensor | None) -> Tensor:
    """softmax(q·kᵀ / sqrt(size)), zero for a query that sees no key."""
    scores = (q * q.shape[-1] ** -0.5) @ k.permute(0, 1, 3, 2)
    if mask is None:
        return ops.softmax(scores, -1)
    scores = ops.where(mask, scores, float("-inf")) if mask.dtype.name == "bool" else scores + mask
    # A row without any key would be 0/0. NaN is not -inf, and stays to be seen.
    seen = ops.amax(scores.detach(), -1, True) != float("-inf")
    return ops.where(seen, ops.softmax(ops.where(seen, scores, 0.0), -1), 0.0)
