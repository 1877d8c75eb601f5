"""What models need around their layers, under PyTorch's names: `nn.utils.rnn` for sequences of several lengths."""

from nncore.nn.utils import rnn

__all__ = ["rnn"]
