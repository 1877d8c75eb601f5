"""An activation: a function of a tensor that keeps its shape. Its constants are keyword arguments with defaults."""

from nncore.api import Tensor, ops


def squareplus(input: Tensor, b: float = 4.0) -> Tensor:
    """(x + sqrt(x² + b)) / 2, elementwise: ReLU with a rounded corner.

    Source: Barron 2021.
    """
    return (input + ops.sqrt(input * input + b)) * 0.5
