"""A function of two inputs that is linear in each."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import Module, Parameter, Tensor, example, ops
from nncore.builtin.layers._checks import positive


@example(config={"in1_features": 2, "in2_features": 3, "out_features": 4}, inputs=[(5, 2), (5, 3)], output=(5, 4))
@example(
    config={"in1_features": 3, "in2_features": 2, "out_features": 2, "bias": False, "init": "xavier_uniform"},
    inputs=[(2, 3, 3), (2, 3, 2)],
    output=(2, 3, 2),
)
class Bilinear(Module):
    """A bilinear map: `y[k] = x1ᵀ·weight[k]·x2 + bias[k]`.

    Args:
        in1_features: Size of the first input.
        in2_features: Size of the second input.
        out_features: Size of the output.
        bias: Whether there is a bias.
        init: Initializer of the weight; the bias then begins at zero. Default: weight and bias from
            U(-1/sqrt(in1_features), 1/sqrt(in1_features)), as in PyTorch.

    Shape: `(..., in1_features)` and `(..., in2_features)` to `(..., out_features)`.
    Parameters: `weight` `(out_features, in1_features, in2_features)`, `bias` `(out_features,)` or None.

    Raises:
        InvalidValueError: Sizes that are no positive numbers.
        ShapeError: Inputs of other last sizes, or that differ in the others.

    Source: PyTorch, whose weights and defaults it has.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Bilinear(4, 6, 8)(ones((16, 4)), ones((16, 6))).shape
        (16, 8)
    """

    components: ClassVar = {"init": "initializer"}

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, *, init: Any = None
    ) -> None:
        super().__init__()
        self.in1_features = positive(self, "in1_features", in1_features)
        self.in2_features = positive(self, "in2_features", in2_features)
        self.out_features = positive(self, "out_features", out_features)
        self.weight = Parameter((out_features, in1_features, in2_features), init=init, fan_in=in1_features)
        self.bias = (
            Parameter((out_features,), init="fan_in_uniform" if init is None else "zeros", fan_in=in1_features)
            if bias
            else None
        )

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        return ops.bilinear(input1, input2, self.weight, self.bias)
