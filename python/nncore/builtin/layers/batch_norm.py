"""Batch normalization, per channel."""

from __future__ import annotations

from typing import ClassVar

from nncore.api import Tensor, example
from nncore.builtin.layers._batch_norm import BatchNormalization
from nncore.builtin.layers._checks import fits, positive


class _BatchNorm(BatchNormalization):
    """One mean and one variance a channel; the classes differ in the shapes they take."""

    forms: ClassVar[dict[int, str]] = {}

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = positive(self, "num_features", num_features)
        self._set_up((num_features,), eps, momentum, affine, track_running_stats, bias)

    def forward(self, input: Tensor) -> Tensor:
        fits(self, input, self.forms, self.num_features)
        return self._normalized(input, self.running_mean, self.running_var, self.weight, self.bias)


@example(config={"num_features": 3}, inputs=[(4, 3)], output=(4, 3))
@example(config={"num_features": 2, "momentum": None, "affine": False}, inputs=[(3, 2, 4)], output=(3, 2, 4))
class BatchNorm1d(_BatchNorm):
    """Batch normalization of vectors, or of sequences over batch and length.

    In training each channel is normalized by the batch's mean and biased variance,
    `y = (x - mean) / sqrt(var + eps)·weight + bias`, and the running statistics follow:
    `running = (1 - momentum)·running + momentum·batch`, with the unbiased variance. In evaluation, and where the module
    is frozen, the running statistics normalize and stay as they are. ONNX's momentum is one minus this one.
    NaN in a channel makes its outputs NaN, and its running statistics for good; a Trainer goes back to before that.

    Args:
        num_features: Channels.
        eps: Added to the variance.
        momentum: Weight of the newest batch in the running statistics; None for the plain average of all batches.
        affine: Whether there are `weight` and `bias`.
        track_running_stats: Whether there are running statistics; without them the batch's serve in evaluation too.
        bias: Whether there is a `bias` beside the weight.

    Shape: `(N, C)` or `(N, C, L)`; the output has the same. On sequences the statistics are taken over the places as
    well; `BatchNormPerActivation` keeps places apart.
    Parameters: `weight` and `bias` `(C,)`. Buffers: `running_mean` and `running_var` `(C,)`, `num_batches_tracked`.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank or number of channels, or in training one value for each channel.

    Source: Ioffe and Szegedy 2015, algorithm 1.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.BatchNorm1d(1, eps=1e-12)(tensor([[1.0], [3.0]])).tolist()
        [[-1.0], [1.0]]
    """

    forms: ClassVar = {2: "(N, C)", 3: "(N, C, L)"}


@example(config={"num_features": 2}, inputs=[(3, 2, 2, 2)], output=(3, 2, 2, 2))
@example(
    config={"num_features": 2, "track_running_stats": False, "bias": False}, inputs=[(2, 2, 1, 3)], output=(2, 2, 1, 3)
)
class BatchNorm2d(_BatchNorm):
    """Batch normalization of images, over batch, height and width: "spatial" batch normalization.

    In training each channel is normalized by the batch's mean and biased variance,
    `y = (x - mean) / sqrt(var + eps)·weight + bias`, and the running statistics follow:
    `running = (1 - momentum)·running + momentum·batch`, with the unbiased variance. In evaluation, and where the module
    is frozen, the running statistics normalize and stay as they are.

    Args:
        num_features: Channels.
        eps: Added to the variance.
        momentum: Weight of the newest batch in the running statistics; None for the plain average of all batches.
        affine: Whether there are `weight` and `bias`.
        track_running_stats: Whether there are running statistics; without them the batch's serve in evaluation too.
        bias: Whether there is a `bias` beside the weight.

    Shape: `(N, C, H, W)`; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank or number of channels, or in training one value for each channel.

    Source: Ioffe and Szegedy 2015, section 3.2.

    Example:
        >>> from nncore import nn, ones
        >>> list(nn.BatchNorm2d(8).state_dict())
        ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
    """

    forms: ClassVar = {4: "(N, C, H, W)"}


@example(config={"num_features": 2}, inputs=[(2, 2, 2, 1, 2)], output=(2, 2, 2, 1, 2))
class BatchNorm3d(_BatchNorm):
    """Batch normalization of volumes, over batch, depth, height and width.

    As `BatchNorm2d`: `y = (x - mean) / sqrt(var + eps)·weight + bias`.

    Args:
        num_features: Channels.
        eps: Added to the variance.
        momentum: Weight of the newest batch in the running statistics; None for the plain average of all batches.
        affine: Whether there are `weight` and `bias`.
        track_running_stats: Whether there are running statistics; without them the batch's serve in evaluation too.
        bias: Whether there is a `bias` beside the weight.

    Shape: `(N, C, D, H, W)`; the output has the same.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: An input of another rank or number of channels, or in training one value for each channel.

    Source: Ioffe and Szegedy 2015, section 3.2.

    Example:
        >>> from nncore import nn, ones
        >>> nn.BatchNorm3d(2)(ones((4, 2, 3, 5, 5))).shape
        (4, 2, 3, 5, 5)
    """

    forms: ClassVar = {5: "(N, C, D, H, W)"}
