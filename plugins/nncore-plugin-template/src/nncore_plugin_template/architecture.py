"""An architecture: a callable that takes a config and returns a Module."""

from typing import Any

from nncore.api import Module, example, make, nn

HERE = "nncore-plugin-template"


@example(inputs=[(4, 64)], output=(4, 10))
@example(config={"in_features": 6, "hidden": 5, "num_classes": 3, "act": "tanh"}, inputs=[(4, 2, 3)], output=(4, 3))
def gated_mlp(
    in_features: int = 64, hidden: int = 32, num_classes: int = 10, act: Any = f"{HERE}/squareplus"
) -> Module:
    """A gated layer, an activation, a linear layer.

    Args:
        in_features: Inputs, after all dimensions but the first are joined.
        hidden: Outputs of the gated layer.
        num_classes: Outputs.
        act: Activation between the layers.

    Shape: `(N, in_features)`, or anything that flattens to it, to logits `(N, num_classes)`.
    """
    gated = make("layer", f"{HERE}/gated_linear", in_features=in_features, out_features=hidden)
    return nn.Sequential(nn.Flatten(), gated, act, nn.Linear(hidden, num_classes))
