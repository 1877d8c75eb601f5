"""LeNet-5 as it is built today."""

from typing import Any, ClassVar

from nncore.api import Module, Tensor, as_activation, example, nn


@example(inputs=[(2, 1, 28, 28)], output=(2, 10))
@example(
    config={"num_classes": 3, "act": "tanh", "init": "lecun_normal", "in_channels": 2},
    inputs=[(1, 2, 28, 28)],
    output=(1, 3),
)
class LeNet5(Module):
    """LeNet-5, the modern dense version: two convolutions with pooling, three fully connected layers.

    With its defaults it has 61,706 parameters: 6·(1·25 + 1) + 16·(6·25 + 1) + 120·401 + 84·121 + 10·85. The paper's own
    network (LeCun and others 1998) has 60,000, since its second convolution is sparse; that is `lenet5_original`.

    Args:
        num_classes: Outputs.
        act: Activation after each layer but the last.
        init: Initializer of the weights. Default: that of the layers.
        in_channels: Channels of the input.

    Shape: `(N, in_channels, 28, 28)` to logits `(N, num_classes)`.

    Source: LeCun and others 1998, as it is taught today: dense second convolution, maxima, softmax.
    """

    components: ClassVar = {"act": "activation", "init": "initializer"}

    def __init__(self, num_classes: int = 10, act: Any = "relu", init: Any = None, in_channels: int = 1) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 6, 5, padding=2, init=init),
            as_activation(act),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5, init=init),
            as_activation(act),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120, init=init),
            as_activation(act),
            nn.Linear(120, 84, init=init),
            as_activation(act),
            nn.Linear(84, num_classes, init=init),
        )

    def forward(self, input: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(input))
        return logits
