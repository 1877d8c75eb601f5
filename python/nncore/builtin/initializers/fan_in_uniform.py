"""The default of linear and convolution layers."""

from nncore.api import Array, Shape, Stream
from nncore.builtin.initializers.uniform import uniform


def fan_in_uniform(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str) -> Array:
    """U(-a, a) with a = 1/sqrt(fan_in), so of variance 1/(3·fan_in).

    These are the numbers that PyTorch's layers begin with; there they are written as `kaiming_uniform_(a=sqrt(5))`.
    """
    bound = max(fan_in, 1) ** -0.5
    return uniform(shape, fan_in, fan_out, stream, dtype, low=-bound, high=bound)
