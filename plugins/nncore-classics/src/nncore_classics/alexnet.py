"""AlexNet, of two towers as in the paper and of one as in torchvision."""

from typing import Any

from nncore.api import Tensor, as_activation, example, nn
from nncore_classics.network import Network, channels, head

SMALL = {"num_classes": 3, "width": 0.0625}


@example(config=SMALL, inputs=[(2, 3, 63, 63)], output=(2, 3))
class AlexNet(Network):
    """AlexNet with one tower, as torchvision has it: five convolutions, three fully connected layers.

    61,100,840 parameters, 714,188,480 MACs at 224x224.

    Args:
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels and hidden neurons.
        act: Activation after each layer but the last.
        init: Initializer of the weights. Default: that of the layers.
        dropout: Probability of dropping a neuron before each hidden fully connected layer.

    Shape: `(N, in_channels, H, W)`, 63x63 or larger, to logits `(N, num_classes)`.
    State-dict names: torchvision's, `features.0.weight` to `classifier.6.bias`.
    Preprocessing: 224x224, normalized by ImageNet's means and deviations.
    Source: Krizhevsky 2014, "One weird trick", section 5; torchvision 0.28.

    Example:
        >>> import nncore as nc
        >>> from nncore import ones
        >>> nc.create("alexnet", width=0.125, num_classes=10)(ones((1, 3, 224, 224))).shape
        (1, 10)
    """

    least = 63
    bound = "the last pool, features.12"

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        init: Any = None,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        a, b, c, d, hidden = channels(width, 64, 192, 384, 256, 4096)
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, a, 11, stride=4, padding=2, init=init),
            as_activation(act),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(a, b, 5, padding=2, init=init),
            as_activation(act),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(b, c, 3, padding=1, init=init),
            as_activation(act),
            nn.Conv2d(c, d, 3, padding=1, init=init),
            as_activation(act),
            nn.Conv2d(d, d, 3, padding=1, init=init),
            as_activation(act),
            nn.MaxPool2d(3, 2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(d * 6 * 6, hidden, init=init),
            as_activation(act),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden, init=init),
            as_activation(act),
            head(hidden, num_classes, init),
        )

    def forward(self, input: Tensor) -> Tensor:
        self.check(input)
        logits: Tensor = self.classifier(self.avgpool(self.features(input)).flatten(1))
        return logits


@example(config={**SMALL, "size": 67}, inputs=[(2, 3, 67, 67)], output=(2, 3))
class AlexNetOriginal(Network):
    """AlexNet as it won in 2012: two towers on two GPUs (`groups=2`), local response normalization, overlapping pools.

    60,965,224 parameters, 724,406,816 MACs at 227x227; 62,378,344 parameters with `groups=1`. The paper's text says 224x224,
    its arithmetic needs 227x227. Its response normalization does not divide alpha by the window size.

    Args:
        num_classes: Outputs.
        in_channels: Channels of the images.
        width: Factor of the channels and hidden neurons.
        act: Activation after each layer but the last.
        init: Initializer of the weights. Default: N(0, 0.01²), the paper's; its biases of 1 in some layers are not set.
        dropout: Probability of dropping a neuron before each hidden fully connected layer.
        groups: Towers, which meet in the third convolution and in the fully connected layers.
        size: Height and width of the images, which set the inputs of the first fully connected layer.

    Shape: `(N, in_channels, size, size)` to logits `(N, num_classes)`.
    Preprocessing: 227x227, the training set's mean activity subtracted from each pixel.
    Source: Krizhevsky, Sutskever and Hinton 2012, section 3.

    Example:
        >>> import nncore as nc
        >>> from nncore import ones
        >>> nc.create("alexnet_original", width=0.125, num_classes=10)(ones((1, 3, 227, 227))).shape
        (1, 10)
    """

    least = 67
    bound = "the last pool, features.14"

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        width: float = 1.0,
        act: Any = "relu",
        init: Any = None,
        dropout: float = 0.5,
        groups: int = 2,
        size: int = 227,
    ) -> None:
        super().__init__()
        a, b, c, d, hidden = (groups * n for n in channels(width / groups, 96, 256, 384, 256, 4096))
        init = {"name": "normal", "std": 0.01} if init is None else init
        self.size = size
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, a, 11, stride=4, init=init),
            as_activation(act),
            nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0, average=False),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(a, b, 5, padding=2, groups=groups, init=init),
            as_activation(act),
            nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0, average=False),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(b, c, 3, padding=1, init=init),
            as_activation(act),
            nn.Conv2d(c, c, 3, padding=1, groups=groups, init=init),
            as_activation(act),
            nn.Conv2d(c, d, 3, padding=1, groups=groups, init=init),
            as_activation(act),
            nn.MaxPool2d(3, 2),
        )
        side = ((((size - 11) // 4 + 1 - 3) // 2 + 1 - 3) // 2 + 1 - 3) // 2 + 1
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(d * side * side, hidden, init=init),
            as_activation(act),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden, init=init),
            as_activation(act),
            head(hidden, num_classes, init),
        )

    def forward(self, input: Tensor) -> Tensor:
        self.check(input)
        logits: Tensor = self.classifier(self.features(input).flatten(1))
        return logits
