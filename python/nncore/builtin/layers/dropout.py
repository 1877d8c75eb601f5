"""Random zeros in training."""

from __future__ import annotations

from typing import Any

from nncore.api import Module, Tensor, example, ops
from nncore.builtin._checks import flag
from nncore.builtin.layers._checks import fits, probability


class _Dropout(Module):
    """What the kinds of dropout share; they differ in what is dropped together, and by what it is replaced."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p = probability(self, p)
        self.inplace = flag(type(self).__name__, "inplace", inplace)

    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments but `inplace`, which changes nothing, so that files need not hold it."""
        return {"p": self.p}


@example(config={"p": 0.25}, inputs=[(3, 4)], output=(3, 4))
class Dropout(_Dropout):
    """In training, sets each element to 0 with probability `p` and scales the others by 1/(1 - p); else does nothing.

    Because of the scaling, expected outputs are the same in training and evaluation ("inverted" dropout).

    Args:
        p: Probability of dropping an element, in [0, 1). Texts that call p the probability of *keeping* one, and scale
            by 1/p, mean 1 - p.
        inplace: For code that was written for PyTorch; the output always is new memory.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: A probability outside of [0, 1).

    Source: Srivastava and others 2014.

    Example:
        >>> from nncore import manual_seed, nn, ones
        >>> manual_seed(0)
        >>> sorted(set(nn.Dropout(0.5)(ones(100)).tolist()))
        [0.0, 2.0]
        >>> nn.Dropout(0.5).eval()(ones(3)).tolist()
        [1.0, 1.0, 1.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.dropout(input, self.p, True) if self.training else input


@example(config={"p": 0.25}, inputs=[(2, 3, 4)], output=(2, 3, 4))
class Dropout1d(_Dropout):
    """In training, sets whole channels of sequences to 0 with probability `p`, and scales the others by 1/(1 - p).

    Neighbours in a sequence tell much the same, so that dropping single elements would hide little.

    Args:
        p: Probability of dropping a channel, in [0, 1).
        inplace: For code that was written for PyTorch; the output always is new memory.

    Shape: `(N, C, L)` or `(C, L)`; the output has the same.

    Raises:
        InvalidValueError: A probability outside of [0, 1).
        ShapeError: An input of another rank.

    Source: Tompson and others 2015, section 3.2.

    Example:
        >>> from nncore import manual_seed, nn, ones
        >>> manual_seed(0)
        >>> sorted(set(nn.Dropout1d(0.5)(ones((1, 100, 2))).sum(2).flatten().tolist()))
        [0.0, 4.0]
    """

    def forward(self, input: Tensor) -> Tensor:
        fits(self, input, {2: "(C, L)", 3: "(N, C, L)"})
        return ops.dropout1d(input, self.p, True) if self.training else input


@example(config={"p": 0.25}, inputs=[(2, 3, 2, 2)], output=(2, 3, 2, 2))
class Dropout2d(_Dropout):
    """In training, sets whole channels of images to 0 with probability `p`, and scales the others by 1/(1 - p).

    Args:
        p: Probability of dropping a channel, in [0, 1).
        inplace: For code that was written for PyTorch; the output always is new memory.

    Shape: `(N, C, H, W)`, or three dimensions, which are taken as `(N, C, L)`; the output has the same.

    Raises:
        InvalidValueError: A probability outside of [0, 1).
        ShapeError: An input of another rank.

    Source: Tompson and others 2015, section 3.2.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Dropout2d(0.2)(ones((2, 8, 4, 4))).shape
        (2, 8, 4, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        fits(self, input, {3: "(N, C, L)", 4: "(N, C, H, W)"})
        return ops.dropout2d(input, self.p, True) if self.training else input


@example(config={"p": 0.25}, inputs=[(2, 3, 2, 1, 2)], output=(2, 3, 2, 1, 2))
class Dropout3d(_Dropout):
    """In training, sets whole channels of volumes to 0 with probability `p`, and scales the others by 1/(1 - p).

    Args:
        p: Probability of dropping a channel, in [0, 1).
        inplace: For code that was written for PyTorch; the output always is new memory.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)`; the output has the same.

    Raises:
        InvalidValueError: A probability outside of [0, 1).
        ShapeError: An input of another rank.

    Source: Tompson and others 2015, section 3.2.

    Example:
        >>> from nncore import nn, ones
        >>> nn.Dropout3d(0.2)(ones((2, 8, 3, 4, 4))).shape
        (2, 8, 3, 4, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        fits(self, input, {4: "(C, D, H, W)", 5: "(N, C, D, H, W)"})
        return ops.dropout3d(input, self.p, True) if self.training else input


@example(config={"p": 0.25}, inputs=[(3, 4)], output=(3, 4))
class AlphaDropout(_Dropout):
    """Dropout beside SELU: in training, elements take SELU's lower limit with probability `p`.

    All are then scaled and shifted, so that inputs of mean 0 and variance 1 keep them: with a' = -1.7581 the limit,
    `y = a·(x or a') + b`, a = 1/sqrt((1 - p)·(1 + p·a'²)), b = -a·p·a'.

    Args:
        p: Probability of dropping an element, in [0, 1).
        inplace: For code that was written for PyTorch; the output always is new memory.

    Shape: any; the output has the same.

    Raises:
        InvalidValueError: A probability outside of [0, 1).

    Source: Klambauer and others 2017.

    Example:
        >>> from nncore import manual_seed, nn, randn
        >>> manual_seed(0)
        >>> abs(nn.AlphaDropout(0.3)(randn((100, 100))).mean().item()) < 0.05
        True
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.alpha_dropout(input, self.p, True) if self.training else input


@example(config={"p": 0.25}, inputs=[(2, 3, 4)], output=(2, 3, 4))
class FeatureAlphaDropout(_Dropout):
    """As `AlphaDropout`, of whole channels: in training, each takes SELU's lower limit with probability `p`.

    Args:
        p: Probability of dropping a channel, in [0, 1).
        inplace: For code that was written for PyTorch; the output always is new memory.

    Shape: `(N, C, ...)`; the output has the same.

    Raises:
        InvalidValueError: A probability outside of [0, 1).
        ShapeError: An input of fewer than two dimensions.

    Source: Klambauer and others 2017.

    Example:
        >>> from nncore import nn, ones
        >>> nn.FeatureAlphaDropout(0.2)(ones((2, 8, 4, 4))).shape
        (2, 8, 4, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        return ops.feature_alpha_dropout(input, self.p, True) if self.training else input
