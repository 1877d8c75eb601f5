"""Batch normalization."""

from nncore.api import Module, Parameter, ShapeError, Tensor, no_grad, ones, ops, tensor, zeros
from nncore.builtin.layers._pair import positive


class _BatchNorm(Module):
    """What the batch normalizations share; they differ in the shapes they take.

    In training each channel is normalized by the batch's mean and (biased) variance, and the running statistics follow:
    running = (1 - momentum)·running + momentum·batch, with the unbiased variance. In evaluation, and where the module is
    frozen, the running statistics normalize and stay as they are.
    """

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    ranks: tuple[int, ...] = ()
    expected = ""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = positive(num_features, "num_features")
        self.eps = eps
        self.momentum = momentum
        self.weight = Parameter((num_features,), init="ones") if affine else None
        self.bias = Parameter((num_features,), init="zeros") if affine else None
        self.register_buffer("running_mean", zeros((num_features,)) if track_running_stats else None)
        self.register_buffer("running_var", ones((num_features,)) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0, dtype="int64") if track_running_stats else None)

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in self.ranks:
            raise ShapeError(f"{type(self).__name__} takes {self.expected}", op="batch_norm", shapes=[input.shape])
        training = self.training and not self.frozen
        counter = self.num_batches_tracked
        if training and counter is not None:
            with no_grad():
                counter += 1
        return ops.batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training or self.running_mean is None,
            self.momentum,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    """Batch normalization of vectors, or of sequences over batch and length.

    In training each channel is normalized by the batch's mean and biased variance,
    (x - mean) / sqrt(var + eps)·weight + bias, and the running statistics follow:
    running = (1 - momentum)·running + momentum·batch, with the unbiased variance. In evaluation, and where the module is
    frozen, the running statistics normalize and stay as they are.

    Args:
        num_features: Channels.
        eps: Added to the variance.
        momentum: Weight of the newest batch in the running statistics.
        affine: Whether there are `weight` and `bias`.
        track_running_stats: Whether there are running statistics; without them the batch's serve in evaluation too.

    Shape: `(N, C)` or `(N, C, L)`; the output has the same. Source: Ioffe and Szegedy 2015.
    """

    ranks = (2, 3)
    expected = "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """Batch normalization of images, over batch, height and width.

    As `BatchNorm1d`, with the same arguments, for `(N, C, H, W)`.
    """

    ranks = (4,)
    expected = "(N, C, H, W)"
