"""An architecture: a callable that takes a config and returns a Module."""

from typing import Any

from nncore.api import Module, make, nn


def gated_mlp(in_features: int = 64, hidden: int = 32, num_classes: int = 10, act: Any = "squareplus") -> Module:
    """A gated layer, an activation, a linear layer.

    Shape: `(N, in_features)`, or anything that flattens to it, to logits `(N, num_classes)`.
    """
    gated = make("layer", "nncore-plugin-template/gated_linear", in_features=in_features, out_features=hidden)
    return nn.Sequential(nn.Flatten(), gated, act, nn.Linear(hidden, num_classes))
