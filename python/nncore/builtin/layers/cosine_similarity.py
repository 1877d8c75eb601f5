"""The cosine of an angle."""

from __future__ import annotations

from nncore.api import InvalidValueError, Module, Tensor, example, ops
from nncore.builtin.layers._checks import number


@example(inputs=[(3, 4), (3, 4)], output=(3,))
@example(config={"dim": 0, "eps": 0.5}, inputs=[(3, 4), (3, 1)], output=(4,))
class CosineSimilarity(Module):
    """The cosine of the angle between vectors: `x1·x2 / (max(|x1|, eps)·max(|x2|, eps))`.

    Args:
        dim: Dimension along which the vectors lie.
        eps: The least norm that is divided by.

    Shape: any two that broadcast; the output lacks `dim`.

    Raises:
        InvalidValueError: An eps below 0.
        ShapeError: A dimension that is not there, or shapes that do not broadcast.

    Source: PyTorch, whose eps bounds each norm by itself.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.CosineSimilarity(0)(tensor([1.0, 0.0]), tensor([0.0, 2.0])).item()
        0.0
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        if type(dim) is not int:
            raise InvalidValueError(f"CosineSimilarity: dim is an integer, got {dim!r}")
        self.dim = dim
        self.eps = number(self, "eps", eps, least=0)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return ops.cosine_similarity(x1, x2, self.dim, self.eps)
