"""What all batch normalizations share."""

from __future__ import annotations

from nncore.api import Module, Parameter, Tensor, ones, ops, tensor, zeros
from nncore.builtin.layers._checks import number


class BatchNormalization(Module):
    """Statistics of the batch in training, running ones in evaluation. Subclasses say over what they are taken."""

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def _set_up(
        self,
        shape: tuple[int, ...],
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        bias: bool,
    ) -> None:
        """Parameters and running statistics of this shape."""
        self.eps = number(self, "eps", eps, least=0)
        self.momentum = None if momentum is None else number(self, "momentum", momentum, least=0, most=1)
        self.weight = Parameter(shape, init="ones") if affine else None
        self.bias = Parameter(shape, init="zeros") if affine and bias else None
        self.register_buffer("running_mean", zeros(shape) if track_running_stats else None)
        self.register_buffer("running_var", ones(shape) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0, dtype="int64") if track_running_stats else None)

    def _normalized(
        self, input: Tensor, mean: Tensor | None, var: Tensor | None, weight: Tensor | None, bias: Tensor | None
    ) -> Tensor:
        """Channel by channel."""
        training = self.training and not self.frozen
        counter = self.num_batches_tracked
        counted = counter + 1 if training and self.momentum is None and counter is not None else None
        output = _batch_norm(input, mean, var, weight, bias, training or mean is None, self.momentum, self.eps, counted)
        # Last, since a batch that is refused does not count.
        if training and counter is not None:
            counter += 1
        return output


_batch_norm = ops.batch_norm
