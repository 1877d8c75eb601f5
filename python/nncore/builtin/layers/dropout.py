"""Random zeros in training."""

from nncore.api import InvalidValueError, Module, Tensor, ops


class Dropout(Module):
    """In training, sets each element to 0 with probability `p` and scales the others by 1/(1 - p); else does nothing.

    Because of the scaling, expected outputs are the same in training and evaluation ("inverted" dropout).

    Args:
        p: Probability of dropping an element, in [0, 1). Texts that call p the probability of *keeping* one, and scale
            by 1/p, mean 1 - p.

    Shape: any; the output has the same. Source: Srivastava and others 2014.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise InvalidValueError(f"p is the probability of dropping, 0 <= p < 1, got {p!r}")
        self.p = p

    def forward(self, input: Tensor) -> Tensor:
        return ops.dropout(input, self.p, True) if self.training else input
