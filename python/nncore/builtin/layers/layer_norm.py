"""Layer normalization."""

from __future__ import annotations

from typing import Any

from nncore.api import Module, Parameter, Tensor, example, ops
from nncore.builtin.layers._checks import number, shape


@example(config={"normalized_shape": 4}, inputs=[(2, 3, 4)], output=(2, 3, 4))
@example(config={"normalized_shape": [2, 3], "eps": 0.1, "bias": False}, inputs=[(4, 2, 3)], output=(4, 2, 3))
@example(config={"normalized_shape": [2, 1, 2, 2], "elementwise_affine": False}, inputs=[(2, 2, 1, 2, 2)])
class LayerNorm(Module):
    """Layer normalization: each sample by its own mean and biased variance, over its last dimensions.

    `y = (x - mean) / sqrt(var + eps)·weight + bias`. It is the same in training and evaluation.

    Args:
        normalized_shape: Sizes of the last dimensions, over which is normalized; one number for the last one.
        eps: Added to the variance.
        elementwise_affine: Whether there are `weight` and `bias`.
        bias: Whether there is a `bias` beside the weight.

    Shape: `(..., *normalized_shape)`; the output has the same. Parameters: `weight` and `bias` of normalized_shape.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input that does not end in normalized_shape.

    Source: Ba, Kiros and Hinton 2016.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.LayerNorm(2, eps=0.0)(tensor([[1.0, 3.0], [8.0, 4.0]])).tolist()
        [[-1.0, 1.0], [1.0, -1.0]]
    """

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True
    ) -> None:
        super().__init__()
        self.normalized_shape = shape(self, "normalized_shape", normalized_shape)
        self.eps = number(self, "eps", eps, least=0)
        self.weight = Parameter(self.normalized_shape, init="ones") if elementwise_affine else None
        self.bias = Parameter(self.normalized_shape, init="zeros") if elementwise_affine and bias else None

    def forward(self, input: Tensor) -> Tensor:
        return _layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


_layer_norm = ops.layer_norm
