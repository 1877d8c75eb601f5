"""A layer: a Module whose constructor takes plain values and components."""

from typing import Any, ClassVar

from nncore.api import Module, Parameter, Tensor, example, ops


# What it can be made with and called with, and the shape that comes out: from this the kit tests it.
@example(config={"in_features": 3, "out_features": 2}, inputs=[(4, 3)], output=(4, 2))
@example(config={"in_features": 3, "out_features": 2, "init": "he_normal"}, inputs=[(2, 5, 3)], output=(2, 5, 2))
class GatedLinear(Module):
    """(input @ valueᵀ) · sigmoid(input @ gateᵀ): a linear layer that decides how much of each output passes.

    Args:
        in_features: Inputs.
        out_features: Outputs.
        init: Initializer of both weights.

    Shape: `(..., in_features)` to `(..., out_features)`.
    Parameters: `value` and `gate`, each `(out_features, in_features)`.
    Source: Dauphin and others 2017, without the offsets.
    """

    # Which arguments are components, and of what kind, so that a saved model holds their qualified names.
    components: ClassVar = {"init": "initializer"}

    def __init__(self, in_features: int, out_features: int, init: Any = "xavier_uniform") -> None:
        super().__init__()
        self.value = Parameter((out_features, in_features), init=init)
        self.gate = Parameter((out_features, in_features), init=init)

    def forward(self, input: Tensor) -> Tensor:
        return ops.linear(input, self.value) * ops.sigmoid(ops.linear(input, self.gate))
