"""Softmax cross-entropy."""

from typing import Any

from nncore.api import Module, Reduction, Tensor, ops


class CrossEntropyLoss(Module):
    """-log(softmax(output)[target]): log-softmax and negative log-likelihood in one, without overflow.

    Args:
        weight: Weight of each class, shape `(C,)`, or None.
        ignore_index: Targets with this class number count nothing.
        reduction: `"mean"` (weighted, over what is not ignored), `"sum"`, or `"none"`.
        label_smoothing: Share of each target that is spread evenly over the classes, in [0, 1].

    Shape: output (logits) `(N, C)` or `(N, C, ...)`, target class numbers `(N)` or `(N, ...)`.
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.register_buffer("weight", weight, persistent=False)
        self.ignore_index = ignore_index
        self.reduction = reduction
        self.label_smoothing = label_smoothing

    def forward(self, output: Tensor, target: Tensor, *, reduction: Reduction | None = None) -> Tensor:
        return ops.cross_entropy(
            output,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction if reduction is None else reduction,
            label_smoothing=self.label_smoothing,
        )
