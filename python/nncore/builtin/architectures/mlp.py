"""Fully connected network."""

from collections.abc import Sequence
from itertools import pairwise, repeat
from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Tensor, as_activation, example, nn
from nncore.builtin._checks import whole


@example(config={"sizes": [6, 5, 3]}, inputs=[(4, 6)], output=(4, 3))
@example(
    config={
        "in_features": 6,
        "hidden": 5,
        "n_layers": 3,
        "num_classes": 2,
        "act": "tanh",
        "bias": False,
        "dropout": 0.5,
    },
    inputs=[(4, 2, 3)],
    output=(4, 2),
)
class MLP(Module):
    """An N-layer fully connected network. The input is not counted, and the output layer has no activation.

        nncore.create("mlp", sizes=[784, 100, 10])                                     # a two-layer network
        nncore.create("mlp", in_features=784, hidden=100, n_layers=3, num_classes=10)  # 784-100-100-10

    Args:
        sizes: Neurons of the input and of each layer.
        in_features: Instead of `sizes`: neurons of the input.
        hidden: Neurons of each hidden layer.
        n_layers: Layers, the hidden ones and the output.
        num_classes: Neurons of the output.
        act: Activation of the hidden layers. What it learns (`"prelu"`) each layer has of its own, unless a Module is given,
            which all share.
        init: Initializer of the weights. Default: that of `Linear`.
        bias: Whether the layers have biases.
        dropout: Probability of dropping each hidden neuron in training; see `Dropout`.

    Shape: `(N, ...)`, flattened to `(N, sizes[0])`, to `(N, sizes[-1])`.
    State-dict names: `layers.0.weight`, `layers.0.bias`, `layers.1.weight` and so on; `act.0.weight` and so on
    where the activation has parameters.

    Source: CS 231n, Neural networks part 1, which counts layers so.
    """

    components: ClassVar = {"act": "activation", "init": "initializer"}

    def __init__(
        self,
        sizes: Sequence[int] | None = None,
        *,
        in_features: int | None = None,
        hidden: int = 100,
        n_layers: int = 2,
        num_classes: int = 10,
        act: Any = "relu",
        init: Any = None,
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if sizes is None:
            if in_features is None:
                raise InvalidValueError(
                    "give sizes=[in, ..., out], or in_features= with hidden=, n_layers=, num_classes="
                )
            whole("MLP", "n_layers", n_layers, least=1)  # the output layer is counted
            sizes = [in_features, *[hidden] * (n_layers - 1), num_classes]
        elif in_features is not None:
            raise InvalidValueError("sizes tells all sizes, so in_features cannot be given too")
        if isinstance(sizes, str) or not isinstance(sizes, Sequence) or len(sizes) < 2:
            raise InvalidValueError(f"sizes is a list of the input's and at least one layer's, got {sizes!r}")
        self.sizes = tuple(sizes)
        self.layers = nn.ModuleList(nn.Linear(before, after, bias, init=init) for before, after in pairwise(sizes))
        self.act: Module = as_activation(act)
        if not isinstance(act, Module) and self.act.state_dict():
            # Each layer learns its own.
            self.act = nn.ModuleList(as_activation(act) for _ in self.sizes[1:-1])
        self.dropout = nn.Dropout(dropout) if dropout else None

    @property
    def num_neurons(self) -> int:
        """Neurons of all layers, the input not counted."""
        return sum(self.sizes[1:])

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim > 2:
            input = input.flatten(1)
        *hidden, last = self.layers
        acts = self.act if isinstance(self.act, nn.ModuleList) else repeat(self.act)
        for layer, act in zip(hidden, acts, strict=False):
            input = act(layer(input))
            if self.dropout is not None:
                input = self.dropout(input)
        logits: Tensor = last(input)
        return logits
