"""Root mean square normalization."""

from __future__ import annotations

from typing import Any

from nncore.api import Module, Parameter, Tensor, example, ops
from nncore.builtin.layers._checks import number, shape


@example(config={"normalized_shape": 4}, inputs=[(2, 3, 4)], output=(2, 3, 4))
@example(config={"normalized_shape": [2, 3], "eps": 0.1, "elementwise_affine": False}, inputs=[(4, 2, 3)])
class RMSNorm(Module):
    """Root mean square normalization over the last dimensions: `y = x / sqrt(mean(x²) + eps)·weight`.

    Args:
        normalized_shape: Sizes of the last dimensions; one number for the last one.
        eps: Added to the mean of squares. Default: the distance from 1 to the next number of the input's dtype.
        elementwise_affine: Whether there is a `weight`.

    Shape: `(..., *normalized_shape)`; the output has the same. Parameters: `weight` of normalized_shape.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input that does not end in normalized_shape.

    Source: Zhang and Sennrich 2019.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.RMSNorm(2, eps=0.0)(tensor([[1.0, 1.0], [-3.0, 3.0]])).tolist()
        [[1.0, 1.0], [-1.0, 1.0]]
    """

    def __init__(self, normalized_shape: Any, eps: float | None = None, elementwise_affine: bool = True) -> None:
        super().__init__()
        self.normalized_shape = shape(self, "normalized_shape", normalized_shape)
        self.eps = None if eps is None else number(self, "eps", eps, least=0)
        self.weight = Parameter(self.normalized_shape, init="ones") if elementwise_affine else None

    def forward(self, input: Tensor) -> Tensor:
        return _rms_norm(input, self.normalized_shape, self.weight, self.eps)


_rms_norm = ops.rms_norm
