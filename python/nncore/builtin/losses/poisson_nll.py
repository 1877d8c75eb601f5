"""Negative log-likelihood of counts."""

from nncore.api import Reduction, Tensor, example, given, ops
from nncore.builtin._checks import flag, number
from nncore.builtin.losses._loss import ReducedLoss


@example(inputs=[(4, 3), given((4, 3), low=0.0, high=5.0, grad=False)], output=())
class PoissonNLLLoss(ReducedLoss):
    """exp(output) - target·output, or output - target·ln(output + eps) without log_input: the negative log-likelihood of a count
    under Poisson's distribution.

    Args:
        log_input: Whether the output is the logarithm of the rate.
        full: Whether Stirling's approximation of ln(target!) is added where the target is above 1.
        eps: Keeps the logarithm finite without `log_input`; more than 0.
        reduction: `"mean"`, `"sum"`, or `"none"`.

    Shape: output and target alike (or broadcast); `"none"` keeps the shape.

    Raises:
        InvalidValueError: An argument out of its range.

    Source: its definition.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.PoissonNLLLoss()(nc.tensor([0.0]), nc.tensor([3.0])).item()
        1.0
    """

    def __init__(
        self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction)
        self.log_input = flag("PoissonNLLLoss", "log_input", log_input)
        self.full = flag("PoissonNLLLoss", "full", full)
        self.eps = number("PoissonNLLLoss", "eps", eps, above=0)

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.poisson_nll_loss(output, target, self.log_input, self.full, self.eps, self.chosen(reduction))
