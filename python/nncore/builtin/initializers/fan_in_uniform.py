"""The default of linear and convolution layers."""

from nncore.api import Array, Shape, Stream, spread
from nncore.builtin.initializers._variance import fan
from nncore.builtin.initializers.uniform import uniform


def _std(shape: Shape, fan_in: int, fan_out: int) -> float:
    return float((3 * fan(shape, "fan_in", fan_in, fan_out)) ** -0.5)


@spread("U(-1/√fan_in, 1/√fan_in)", std=_std)
def fan_in_uniform(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str) -> Array:
    """U(-a, a) with a = 1/sqrt(fan_in), so of variance 1/(3·fan_in).

    These are the numbers that PyTorch's layers begin with; there they are written as `kaiming_uniform_(a=sqrt(5))`.

    Raises:
        ShapeError: The fan is not defined, as for a vector of which nobody said it.

    Source: LeCun and others 1998, Efficient backprop, section 4.6; PyTorch's default for linear layers and
    convolutions.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Linear(100, 50).weight.abs().max().item() <= 0.1
        True
    """
    bound = fan(shape, "fan_in", fan_in, fan_out) ** -0.5
    return uniform(shape, fan_in, fan_out, stream, dtype, low=-bound, high=bound)
