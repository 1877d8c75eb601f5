"""The functions of tensors, with PyTorch's names, argument names and defaults.

They are made from the core's table of ops: `help(nncore.ops.conv2d)` shows an op's shapes, defaults and source, and
`nncore.ops.__all__` lists all of them. Many are methods of `Tensor` too.

    >>> import nncore as nc
    >>> nc.ops.relu(nc.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
"""

from __future__ import annotations

import importlib
from numbers import Real
from typing import TYPE_CHECKING, Any

from nncore import _core
from nncore._core import Tensor
from nncore._core.ops import *  # noqa: F403
from nncore.errors import ShapeError
from nncore.hints import expect_tensors, missing, under

if TYPE_CHECKING:
    from nncore._core.ops import *  # noqa: F403
    from nncore._einsum import einsum as einsum
    from nncore._einsum import tensordot as tensordot
    from nncore._recurrent import gru as gru
    from nncore._recurrent import gru_cell as gru_cell
    from nncore._recurrent import lstm as lstm
    from nncore._recurrent import lstm_cell as lstm_cell
    from nncore._recurrent import rnn_relu as rnn_relu
    from nncore._recurrent import rnn_relu_cell as rnn_relu_cell
    from nncore._recurrent import rnn_tanh as rnn_tanh
    from nncore._recurrent import rnn_tanh_cell as rnn_tanh_cell

_LATER = {
    **dict.fromkeys(("einsum", "tensordot"), "nncore._einsum"),
    **dict.fromkeys(("gru", "gru_cell", "lstm", "lstm_cell"), "nncore._recurrent"),
    **dict.fromkeys(("rnn_relu", "rnn_relu_cell", "rnn_tanh", "rnn_tanh_cell"), "nncore._recurrent"),
}
"""What is written in Python, by the modules that are imported when it is first asked for."""
_RANDOM = {
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
    "gumbel_softmax",
}
__all__ = [*sorted({*(name for name in vars(_core.ops) if not name.startswith("_")), *_LATER, *_RANDOM})]


def _state(generator: Tensor | None) -> Tensor:
    """Where to draw from."""
    return _core.default_generator() if generator is None else generator


def dropout(input: Tensor, p: float = 0.5, training: bool = True, generator: Tensor | None = None) -> Tensor:
    """While training, zero each element with probability `p` and divide the others by 1 - p; else hand the input on.

    Args:
        input: A tensor of any shape; the result has the same.
        p: Probability of dropping an element, in [0, 1). Where a text calls p the probability of keeping, pass 1 - p.
        training: Whether to drop at all.
        generator: Where to draw from; default: the global generator, which `nncore.manual_seed` starts anew.
    """
    drawn: Tensor = under("dropout", _core.ops.random_dropout, input, _state(generator), p, training)
    return drawn


def _channels(input: Tensor, p: float, training: bool, generator: Tensor | None, rank: int, name: str) -> Tensor:
    """Drop channels of a batch of `rank` dimensions, or of one sample without that of the batch."""
    expect_tensors(name, input=input)
    if input.ndim not in (rank - 1, rank):
        raise ShapeError(f"{rank - 1} or {rank} dimensions expected, got {input.ndim}", op=name, shapes=[input.shape])
    batch = input if input.ndim == rank else input.unsqueeze(0)
    drawn: Tensor = under(name, _core.ops.random_feature_dropout, batch, _state(generator), p, training)
    return drawn if input.ndim == rank else drawn.squeeze(0)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, generator: Tensor | None = None) -> Tensor:
    """While training, zero each channel of each sample with probability `p` and divide the others by 1 - p.

    Args:
        input: Sequences (N, C, L) or one (C, L); the result has the same shape.
        p: Probability of dropping a channel, in [0, 1).
        training: Whether to drop at all.
        generator: Where to draw from; default: the global generator, which `nncore.manual_seed` starts anew.
    """
    return _channels(input, p, training, generator, 3, "dropout1d")


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, generator: Tensor | None = None) -> Tensor:
    """While training, zero each channel of each sample with probability `p` and divide the others by 1 - p.

    Args:
        input: Images (N, C, H, W), or three dimensions (N, C, L); the result has the same shape.
        p: Probability of dropping a channel, in [0, 1).
        training: Whether to drop at all.
        generator: Where to draw from; default: the global generator, which `nncore.manual_seed` starts anew.
    """
    expect_tensors("dropout2d", input=input)
    if input.ndim not in (3, 4):
        raise ShapeError(f"3 or 4 dimensions expected, got {input.ndim}", op="dropout2d", shapes=[input.shape])
    # PyTorch takes three dimensions as (N, C, L) here, for old times' sake.
    drawn: Tensor = under("dropout2d", _core.ops.random_feature_dropout, input, _state(generator), p, training)
    return drawn


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, generator: Tensor | None = None) -> Tensor:
    """While training, zero each channel of each sample with probability `p` and divide the others by 1 - p.

    Args:
        input: Volumes (N, C, D, H, W) or one (C, D, H, W); the result has the same shape.
        p: Probability of dropping a channel, in [0, 1).
        training: Whether to drop at all.
        generator: Where to draw from; default: the global generator, which `nncore.manual_seed` starts anew.
    """
    return _channels(input, p, training, generator, 5, "dropout3d")


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, generator: Tensor | None = None) -> Tensor:
    """While training, set elements to SELU's lower limit with probability `p`, and keep mean and variance.

    Args:
        input: A tensor of any shape; the result has the same.
        p: Probability of dropping an element, in [0, 1).
        training: Whether to drop at all; False unless asked for, as in PyTorch.
        generator: Where to draw from; default: the global generator, which `nncore.manual_seed` starts anew.
    """
    drawn: Tensor = under("alpha_dropout", _core.ops.random_alpha_dropout, input, _state(generator), p, training)
    return drawn


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, generator: Tensor | None = None
) -> Tensor:
    """While training, set whole channels to SELU's lower limit with probability `p`, and keep mean and variance.

    Args:
        input: A tensor (N, C, ...); the result has the same shape.
        p: Probability of dropping a channel, in [0, 1).
        training: Whether to drop at all; False unless asked for, as in PyTorch.
        generator: Where to draw from; default: the global generator, which `nncore.manual_seed` starts anew.
    """
    op = _core.ops.random_alpha_dropout
    drawn: Tensor = under("feature_alpha_dropout", op, input, _state(generator), p, training, True)
    return drawn


def gumbel_softmax(
    logits: Tensor,
    tau: float = 1.0,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
    generator: Tensor | None = None,
) -> Tensor:
    """Draw from the Gumbel-softmax distribution: softmax((logits + g) / tau) with Gumbel noise g.

    Args:
        logits: Unnormalised logarithms of probabilities, of any shape; the result has the same.
        tau: The temperature, above 0.
        hard: Whether the largest becomes 1 and the others 0, with the gradient of the soft draw.
        eps: Not used; PyTorch's signature has it.
        dim: Where the classes lie.
        generator: Where to draw from; default: the global generator, which `nncore.manual_seed` starts anew.
    """
    op = _core.ops.random_gumbel_softmax
    drawn: Tensor = under("gumbel_softmax", op, logits, _state(generator), tau, hard, dim)
    return drawn


def _is_above_zero(value: object) -> bool:
    """Whether it is a number above 0; what is no number, the op refuses."""
    if isinstance(value, Real):
        return float(value) > 0
    return isinstance(value, Tensor) and value.numel() == 1 and bool(value.item() > 0)


def scaled_dot_product_attention(  # type: ignore[no-redef]
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    generator: Tensor | None = None,
) -> Tensor:
    """Attention: softmax(scale·query·keyᵀ + attn_mask)·value. The matrix of weights is never held whole.

    Args:
        query: (..., L, E); leading sizes broadcast with those of the others.
        key: (..., S, E).
        value: (..., S, V); the result is (..., L, V).
        attn_mask: Broadcasts to (..., L, S): bool, True where a key takes part, or numbers that are added.
        dropout_p: Probability of dropping a weight. Give 0 outside training.
        is_causal: Whether query i sees keys up to i only; takes no mask beside it.
        scale: Factor of the scores; default 1 / sqrt(E).
        enable_gqa: Whether several heads of the query share one of key and value (their third last size).
        generator: Where to draw from; default: the global generator, which `nncore.manual_seed` starts anew.
    """
    state = _state(generator) if _is_above_zero(dropout_p) else None
    attention = _core.ops.scaled_dot_product_attention
    return attention(query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa, state)


def nonzero(input: Tensor, as_tuple: bool = False) -> Any:  # type: ignore[no-redef]
    """Where `input` is not 0 (or true): an int64 matrix with one row of indices an element, in row-major order.

    Args:
        input: A tensor of any shape.
        as_tuple: Give the columns instead, one vector of indices for each dimension, with which `input` can be indexed; a
            0-d input then counts as a vector of one element.

    How many there are depends on the values, so the host reads them: inside a captured step this is an error.
    """
    return _places(input) if as_tuple else _core.ops.nonzero(input)


def _places(input: Tensor) -> tuple[Tensor, ...]:
    rows = _core.ops.nonzero(input.reshape(1) if input.ndim == 0 else input)
    return tuple(rows[:, k] for k in range(rows.shape[1]))


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:  # type: ignore[no-redef]
    """`input` where `condition` is true, else `other`, elementwise; of a condition alone, where it is true.

    Args:
        condition: A bool tensor.
        input: A tensor or a number. Both promote to one dtype, and all three shapes broadcast.
        other: A tensor or a number. Where an element is not taken, no gradient flows to it, whatever its value.

    Without `input` and `other` this is `nonzero(condition, as_tuple=True)`.
    """
    if input is None and other is None:
        return _places(condition)
    return _core.ops.where(condition, input, other)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _LATER:
            value = globals()[name] = getattr(importlib.import_module(_LATER[name]), name)
            return value
        raise AttributeError(missing("ops", name, "module 'nncore.ops'", __all__))
