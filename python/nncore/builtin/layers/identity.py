"""Nothing."""

from nncore.api import Module, Tensor, example


@example(inputs=[(2, 3)], output=(2, 3))
class Identity(Module):
    """Hands its input on: stands where a layer may be left out.

    Shape: any; the output is the input itself.

    Example:
        >>> from nncore import nn, ones
        >>> x = ones(3)
        >>> nn.Identity()(x) is x
        True
    """

    def forward(self, input: Tensor) -> Tensor:
        return input
