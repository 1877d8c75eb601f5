"""The functions of tensors, with PyTorch's names, argument names and defaults.

They are made from the core's table of ops: `help(nncore.ops.conv2d)` shows an op's shapes, defaults and source, and
`nncore.ops.__all__` lists all of them. Many are methods of `Tensor` too.

    >>> import nncore as nc
    >>> nc.ops.relu(nc.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nncore import _core
from nncore._core import Tensor
from nncore._core.ops import *  # noqa: F403
from nncore.hints import missing

if TYPE_CHECKING:
    from nncore._core.ops import *  # noqa: F403

__all__ = [*sorted({*(name for name in vars(_core.ops) if not name.startswith("_")), "dropout"})]


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


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        raise AttributeError(missing("ops", name, "module 'nncore.ops'", __all__))
