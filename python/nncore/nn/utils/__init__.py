"""What models need around their layers, under PyTorch's names: `nn.utils.rnn` for sequences of several lengths, and clipping."""

from nncore.nn.utils import rnn
from nncore.optim.clipping import clip_grad_norm as clip_grad_norm_
from nncore.optim.clipping import clip_grad_value as clip_grad_value_

__all__ = ["clip_grad_norm_", "clip_grad_value_", "rnn"]
