"""The distance of two vectors."""

from __future__ import annotations

from nncore.api import InvalidValueError, Module, Tensor, example, ops
from nncore.builtin.layers._checks import number


@example(inputs=[(3, 4), (3, 4)], output=(3,))
@example(config={"p": 3.0, "eps": 0.1, "keepdim": True}, inputs=[(2, 3, 4), (3, 4)], output=(2, 3, 1))
class PairwiseDistance(Module):
    """The distance of vectors: the p-norm of `x1 - x2 + eps` over the last dimension.

    Args:
        p: The norm; infinity takes the largest difference.
        eps: Added to each difference, so that a distance of zero has a gradient.
        keepdim: Whether the last dimension stays, with size 1.

    Shape: `(..., D)` and `(..., D)` that broadcast, to `(...)`.

    Raises:
        InvalidValueError: A p or eps that is no number.
        ShapeError: Shapes that do not broadcast.

    Source: PyTorch, which adds eps to the difference too.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.PairwiseDistance(eps=0.0)(tensor([3.0, 4.0]), tensor([0.0, 0.0])).item()
        5.0
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        if not isinstance(p, (int, float)) or isinstance(p, bool) or p != p:
            raise InvalidValueError(f"PairwiseDistance: p is a number, got {p!r}")
        self.norm = float(p)
        self.eps = number(self, "eps", eps)
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return ops.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
