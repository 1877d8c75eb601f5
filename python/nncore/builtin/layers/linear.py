"""Fully connected layer."""

from typing import Any, ClassVar

from nncore.api import Module, Parameter, Tensor, as_activation, example, ops
from nncore.builtin.layers._checks import positive


@example(config={"in_features": 3, "out_features": 2}, inputs=[(4, 3)], output=(4, 2))
@example(
    config={"in_features": 2, "out_features": 3, "bias": False, "init": "he_normal", "act": "tanh"},
    inputs=[(2, 4, 2)],
    output=(2, 4, 3),
)
class Linear(Module):
    """output = input @ weightᵀ + bias, then the activation, if there is one.

    Args:
        in_features: Inputs of each unit.
        out_features: Units.
        bias: Whether there is a bias.
        init: Initializer of the weight; the bias then begins at zero. Default: weight and bias from
            U(-1/sqrt(in_features), 1/sqrt(in_features)), as in PyTorch.
        act: Activation that follows: a name, a configured spec, a class, a function or a Module. Default: none.

    Shape: `(..., in_features)` to `(..., out_features)`.
    Parameters: `weight` `(out_features, in_features)`, `bias` `(out_features,)` or None.

    Raises:
        InvalidValueError: Sizes that are no positive numbers.
        ShapeError: An input of another last size.

    Source: CS 231n, Neural networks part 1: a matrix product, a bias offset, an activation. Shapes and defaults are
    PyTorch's.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Linear(64, 10, act="relu")(ones((32, 64))).shape
        (32, 10)
    """

    components: ClassVar = {"init": "initializer", "act": "activation"}

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, init: Any = None, act: Any = None
    ) -> None:
        super().__init__()
        self.in_features = positive(self, "in_features", in_features)
        self.out_features = positive(self, "out_features", out_features)
        self.weight = Parameter((out_features, in_features), init=init)
        self.bias = (
            Parameter((out_features,), init="fan_in_uniform" if init is None else "zeros", fan_in=in_features)
            if bias
            else None
        )
        self.act = None if act is None else as_activation(act)

    def forward(self, input: Tensor) -> Tensor:
        output = _linear(input, self.weight, self.bias)
        return output if self.act is None else self.act(output)


_linear = ops.linear
