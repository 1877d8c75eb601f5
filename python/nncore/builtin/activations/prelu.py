"""Leaky rectified linear unit with a learned slope."""

from nncore.api import Module, Parameter, Tensor, example, ops
from nncore.builtin._checks import number, whole


@example(inputs=[(4, 3)], output=(4, 3))
@example(config={"num_parameters": 3}, inputs=[(4, 3, 2)], output=(4, 3, 2))
class PReLU(Module):
    """x where it is not negative, else weight·x, where the weight is learned: one for all, or one a channel.

    Keep the weight out of weight decay, which would draw it to 0 and the unit to `ReLU`.

    Args:
        num_parameters: Weights: 1, or the channels.
        init: What they begin with.

    Shape: `(N, C, ...)`; the output has the same. With fewer dimensions than two there is one channel.
    Parameters: `weight` `(num_parameters,)`.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: The input has another number of channels, and there is more than one weight.

    Source: He and others 2015 (arXiv 1502.01852), equation 1; 0.25 is the paper's first value.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.PReLU()(nc.tensor([-2.0, 3.0])).tolist()
        [-0.5, 3.0]
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        super().__init__()
        count = whole("PReLU", "num_parameters", num_parameters, least=1)
        value = number("PReLU", "init", init)
        self.weight = Parameter((count,), init={"name": "constant", "value": value})

    def forward(self, input: Tensor) -> Tensor:
        return ops.prelu(input, self.weight)
