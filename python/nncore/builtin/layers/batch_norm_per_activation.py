"""Batch normalization of each activation by itself."""

from __future__ import annotations

from typing import Any

from nncore.api import ShapeError, Tensor, example
from nncore.builtin.layers._batch_norm import BatchNormalization
from nncore.builtin.layers._checks import shape


@example(config={"normalized_shape": [2, 3]}, inputs=[(4, 2, 3)], output=(4, 2, 3))
@example(config={"normalized_shape": [2, 1, 2, 2], "momentum": None}, inputs=[(3, 2, 1, 2, 2)], output=(3, 2, 1, 2, 2))
@example(config={"normalized_shape": 3, "affine": False, "track_running_stats": False}, inputs=[(4, 3)], output=(4, 3))
class BatchNormPerActivation(BatchNormalization):
    """Batch normalization with statistics over the batch alone: each channel at each place has its own.

    `y[n, i] = (x[n, i] - mean[i]) / sqrt(var[i] + eps)·weight[i] + bias[i]`, where i runs over all numbers of a sample, and
    mean and (biased) variance are those of `x[0, i], …, x[N - 1, i]`. In training the running statistics follow:
    `running = (1 - momentum)·running + momentum·batch`, with the unbiased variance. In evaluation, and where the module
    is frozen, they normalize and stay as they are.

    `BatchNorm2d` takes its statistics over the places as well, which suits images better, since a filter then is
    treated alike everywhere. PyTorch has no such layer: its `BatchNorm1d` pools over the length of a sequence.

    Args:
        normalized_shape: A sample's shape, such as `(C, H, W)`; one number for vectors.
        eps: Added to the variance.
        momentum: Weight of the newest batch in the running statistics; None for the plain average of all batches.
        affine: Whether there are `weight` and `bias`.
        track_running_stats: Whether there are running statistics; without them the batch's serve in evaluation too.
        bias: Whether there is a `bias` beside the weight.

    Shape: `(N, *normalized_shape)`; the output has the same.
    Parameters: `weight` and `bias`, of a sample's shape. Buffers: `running_mean`, `running_var`, of a sample's shape,
    `num_batches_tracked`.

    Raises:
        InvalidValueError: An argument out of its range.
        ShapeError: Samples of another shape, or in training one sample.

    Source: Ioffe and Szegedy 2015, algorithm 1.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.BatchNormPerActivation((1, 2), eps=1e-12)(tensor([[[1.0, 5.0]], [[3.0, 1.0]]])).tolist()
        [[[-1.0, 1.0]], [[1.0, -1.0]]]
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.normalized_shape = shape(self, "normalized_shape", normalized_shape)
        self._set_up(self.normalized_shape, eps, momentum, affine, track_running_stats, bias)

    def forward(self, input: Tensor) -> Tensor:
        if input.shape[1:] != self.normalized_shape or not input.ndim:
            raise ShapeError(
                f"BatchNormPerActivation takes samples of shape {self.normalized_shape}, got an input of {input.shape}"
            )
        # As vectors, each number of a sample is a channel.
        statistics = _flat(self.running_mean), _flat(self.running_var)
        output = self._normalized(input.flatten(1), *statistics, _flat(self.weight), _flat(self.bias))
        return output.reshape(input.shape)


def _flat(values: Tensor | None) -> Tensor | None:
    """The numbers as a vector: of the running statistics a view, through which they are changed."""
    return None if values is None else values.reshape(-1)
