"""The functions of tensors, with PyTorch's names, argument names and defaults.

They are made from the core's table of ops: `help(nncore.ops.conv2d)` shows an op's shapes, defaults and source, and
`nncore.ops.__all__` lists all of them. Many are methods of `Tensor` too.

    >>> import nncore as nc
    >>> nc.ops.relu(nc.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from nncore import _core
from nncore._core import Tensor
from nncore._core.ops import *  # noqa: F403
from nncore.hints import missing

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
__all__ = [*sorted({*(name for name in vars(_core.ops) if not name.startswith("_")), *_LATER, "dropout"})]


def dropout(input: Tensor, p: float = 0.5, training: bool = True, generator: Tensor | None = None) -> Tensor:
    """While training, zero each element with probability `p` and divide the others by 1 - p; else hand the input on.

    Args:
        input: A tensor of any shape; the result has the same.
        p: Probability of dropping an element, in [0, 1). Where a text calls p the probability of keeping, pass 1 - p.
        training: Whether to drop at all.
        generator: Where to draw from; default: the global generator, which `nncore.manual_seed` starts anew.
    """
    state = _core.default_generator() if generator is None else generator
    return _core.ops.random_dropout(input, state, p, training)


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
