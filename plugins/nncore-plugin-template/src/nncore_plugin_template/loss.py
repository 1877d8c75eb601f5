"""A loss: a function of output and target with a keyword argument `reduction`."""

from nncore.api import Tensor, ops, reduce


def log_cosh(output: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """log(cosh(output - target)): ½d² for small differences d, |d| - log 2 for large ones.

    Shape: output and target alike.
    """
    difference = output - target
    distance = ops.relu(difference) + ops.relu(-difference)
    # cosh(d) = exp(|d|)·(1 + exp(-2|d|))/2, so nothing overflows.
    return reduce(distance + ops.log((ops.exp(distance * -2.0) + 1.0) * 0.5), reduction)
