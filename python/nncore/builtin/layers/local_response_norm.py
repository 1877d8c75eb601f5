"""Local response normalization."""

from __future__ import annotations

from nncore.api import Module, Tensor, example, ops
from nncore.builtin.layers._checks import number, positive


@example(config={"size": 3, "alpha": 0.5}, inputs=[(2, 4, 3, 2)], output=(2, 4, 3, 2))
@example(
    config={"size": 2, "alpha": 0.1, "beta": 0.5, "k": 2.0, "average": False}, inputs=[(2, 5, 3)], output=(2, 5, 3)
)
class LocalResponseNorm(Module):
    """Each channel divided by what its neighbours at the same place are: `y[c] = x[c] / (k + alpha·m[c])**beta`.

    m is the mean of the squares of `size` neighbouring channels, `size // 2` of them before the own one; channels
    outside count as zeros.

    Two conventions are in use. PyTorch and ONNX multiply alpha with the mean, which is the default. AlexNet's paper
    multiplies it with the sum: `LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0, average=False)` is what it has, the
    same as alpha = 5e-4 with the mean.

    Args:
        size: Channels that count.
        alpha: Factor of the mean (or the sum) of squares.
        beta: The power.
        k: What is added before the power.
        average: Whether alpha multiplies the mean; otherwise the sum.

    Shape: `(N, C, ...)` with at least one dimension behind the channels; the output has the same.

    Raises:
        InvalidValueError: A size that is no positive number.
        ShapeError: An input of fewer than three dimensions.

    Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.LocalResponseNorm(2, alpha=1.0, beta=1.0)(tensor([[[1.0], [-1.0]]])).flatten().tolist()
        [0.6666666865348816, -0.5]
    """

    def __init__(
        self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0, *, average: bool = True
    ) -> None:
        super().__init__()
        self.size = positive(self, "size", size)
        self.alpha = number(self, "alpha", alpha)
        self.beta = number(self, "beta", beta)
        self.k = number(self, "k", k)
        self.average = average

    def forward(self, input: Tensor) -> Tensor:
        return ops.local_response_norm(input, self.size, self.alpha, self.beta, self.k, self.average)
