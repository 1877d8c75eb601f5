"""Negative log-likelihood under normal distributions."""

from nncore.api import Reduction, Tensor, example, given, ops
from nncore.builtin._checks import flag, number
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), (4, 3), given((4, 3), low=0.5, high=2.0)], output=())
class GaussianNLLLoss(ReducedLoss):
    """½·(ln(max(var, eps)) + (output - target)²/max(var, eps)), plus ½·ln(2π) with full.

    Args:
        full: Whether the constant is added.
        eps: The least variance; more than 0.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); var the same, or with size 1 for the last dimension, or without it; `"none"` keeps
    the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: Nix and Weigend 1994, equation 3.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.GaussianNLLLoss()(nc.tensor([1.0]), nc.tensor([3.0]), nc.tensor([1.0])).item()
        2.0
    """

    def __init__(self, full: bool = False, eps: float = 1e-6, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.full = flag("GaussianNLLLoss", "full", full)
        self.eps = number("GaussianNLLLoss", "eps", eps, above=0)

    def forward(self, output: Tensor, target: Tensor, var: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.gaussian_nll_loss(output, target, var, self.full, self.eps, self.chosen(reduction))
