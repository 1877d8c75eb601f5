"""What the loss classes share: a reduction that is checked, and weights that may be written as lists."""

from typing import Any, ClassVar, Literal

from nncore.api import Module, Reduction, ShapeError, Tensor, tensor
from nncore.builtin._checks import one_of

Batched = Literal["mean", "sum", "none", "batchmean"]


class ReducedLoss(Module):
    """A loss with a reduction that each call may replace.

    Args:
        reduction: `"mean"`, `"sum"`, or `"none"`.
    """

    reductions: ClassVar[tuple[str, ...]] = ("mean", "sum", "none")

    def __init__(self, reduction: Any = "mean") -> None:
        super().__init__()
        self.reduction: Any = self.chosen(reduction)

    def chosen(self, reduction: Any) -> Any:
        """The reduction of one call: the constructor's where none is given.

        Raises:
            InvalidValueError: It is none of `reductions`.
        """
        if reduction is None:
            return self.reduction
        return one_of(type(self).__name__, "reduction", reduction, self.reductions)

    def keep_weight(self, name: str, value: Any, rank: int | None = None) -> None:
        """Register weights, given as a tensor, an array, a list or None, as a buffer that is not saved.

        A list keeps the config plain data, so that what holds the loss can be rebuilt.

        Raises:
            ShapeError: `rank` is given, and they have another number of dimensions.
        """
        weights = value if value is None or isinstance(value, Tensor) else tensor(value)
        if weights is not None and rank is not None and weights.ndim != rank:
            raise ShapeError(
                f"{type(self).__name__}: {name} has {rank} dimension, one number for each class; got shape "
                f"{tuple(weights.shape)}"
            )
        self.register_buffer(name, weights, persistent=False)


class ElementwiseLoss(ReducedLoss):
    """A loss of pairs of elements; a subclass says `function`, which takes output, target and the reduction."""

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return self.function(output, target, self.chosen(reduction))

    def function(self, output: Tensor, target: Tensor, reduction: Reduction) -> Tensor:
        """The loss."""
        raise NotImplementedError
