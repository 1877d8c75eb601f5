"""Instance normalization."""

from __future__ import annotations

from typing import ClassVar

from nncore.api import Module, Parameter, Tensor, example, ones, ops, tensor, zeros
from nncore.builtin.layers._checks import fits, number, positive


class _InstanceNorm(Module):
    """What the instance normalizations share; they differ in the shapes they take."""

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    forms: ClassVar[dict[int, str]] = {}

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = positive(self, "num_features", num_features)
        self.eps = number(self, "eps", eps, least=0)
        self.momentum = number(self, "momentum", momentum)
        self.weight = Parameter((num_features,), init="ones") if affine else None
        self.bias = Parameter((num_features,), init="zeros") if affine and bias else None
        self.register_buffer("running_mean", zeros((num_features,)) if track_running_stats else None)
        self.register_buffer("running_var", ones((num_features,)) if track_running_stats else None)
        # Published weights have it. Nothing counts, since the plain average over all batches is not on offer here.
        self.register_buffer("num_batches_tracked", tensor(0, dtype="int64") if track_running_stats else None)

    def forward(self, input: Tensor) -> Tensor:
        rank = max(self.forms)
        single = input.ndim == rank - 1
        fits(self, input, self.forms, self.num_features, at=0 if single else 1)
        output = ops.instance_norm(
            input.unsqueeze(0) if single else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            (self.training and not self.frozen) or self.running_mean is None,
            self.momentum,
            self.eps,
        )
        return output.squeeze(0) if single else output


@example(config={"num_features": 3}, inputs=[(2, 3, 4)], output=(2, 3, 4))
@example(
    config={"num_features": 2, "eps": 0.1, "affine": True, "track_running_stats": True},
    inputs=[(2, 5)],
    output=(2, 5),
)
class InstanceNorm1d(_InstanceNorm):
    """Instance normalization of sequences: each channel of each sample by its own mean and biased variance.

    `y = (x - mean) / sqrt(var + eps)·weight + bias`, with mean and variance over the length. Unless running statistics
    are kept, it is the same in training and evaluation; they serve in evaluation, and where the module is frozen.

    Args:
        num_features: Channels.
        eps: Added to the variance.
        momentum: Weight of the newest batch in the running statistics.
        affine: Whether there are `weight` and `bias`; not unless asked for.
        track_running_stats: Whether there are running statistics; not unless asked for.
        bias: Whether there is a `bias` beside the weight.

    Shape: `(N, C, L)` or `(C, L)`; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank or number of channels, or with one place only.

    Source: Ulyanov, Vedaldi and Lempitsky 2016.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.InstanceNorm1d(1, eps=0.0)(tensor([[1.0, 3.0]])).tolist()
        [[-1.0, 1.0]]
    """

    forms: ClassVar = {2: "(C, L)", 3: "(N, C, L)"}


@example(config={"num_features": 2}, inputs=[(2, 2, 3, 2)], output=(2, 2, 3, 2))
@example(
    config={"num_features": 2, "affine": True, "track_running_stats": True}, inputs=[(3, 2, 2, 2)], output=(3, 2, 2, 2)
)
class InstanceNorm2d(_InstanceNorm):
    """Instance normalization of images: each channel of each image by its own mean and biased variance.

    `y = (x - mean) / sqrt(var + eps)·weight + bias`, with mean and variance over height and width.

    Args:
        num_features: Channels.
        eps: Added to the variance.
        momentum: Weight of the newest batch in the running statistics.
        affine: Whether there are `weight` and `bias`; not unless asked for.
        track_running_stats: Whether there are running statistics, which serve in evaluation; not unless asked for.
        bias: Whether there is a `bias` beside the weight.

    Shape: `(N, C, H, W)` or `(C, H, W)`; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank or number of channels, or with one place only.

    Source: Ulyanov, Vedaldi and Lempitsky 2016.

    Example:
        >>> from nncore import nn, ones
        >>> nn.InstanceNorm2d(3)(ones((2, 3, 8, 8))).shape
        (2, 3, 8, 8)
    """

    forms: ClassVar = {3: "(C, H, W)", 4: "(N, C, H, W)"}


@example(config={"num_features": 2, "affine": True}, inputs=[(2, 2, 2, 1, 3)], output=(2, 2, 2, 1, 3))
class InstanceNorm3d(_InstanceNorm):
    """Instance normalization of volumes: each channel of each volume by its own mean and biased variance.

    As `InstanceNorm2d`: `y = (x - mean) / sqrt(var + eps)·weight + bias`.

    Args:
        num_features: Channels.
        eps: Added to the variance.
        momentum: Weight of the newest batch in the running statistics.
        affine: Whether there are `weight` and `bias`; not unless asked for.
        track_running_stats: Whether there are running statistics, which serve in evaluation; not unless asked for.
        bias: Whether there is a `bias` beside the weight.

    Shape: `(N, C, D, H, W)` or `(C, D, H, W)`; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank or number of channels, or with one place only.

    Source: Ulyanov, Vedaldi and Lempitsky 2016.

    Example:
        >>> from nncore import nn, ones
        >>> nn.InstanceNorm3d(3)(ones((2, 3, 4, 8, 8))).shape
        (2, 3, 4, 8, 8)
    """

    forms: ClassVar = {4: "(C, D, H, W)", 5: "(N, C, D, H, W)"}
