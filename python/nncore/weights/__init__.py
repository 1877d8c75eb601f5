"""Weights from files, whoever wrote them: safetensors, the files of `torch.save`, and models in several files.

model.load_state_dict(nc.load_weights("resnet50.pth"))
"""

from nncore.weights.reading import load_weights

__all__ = ["load_weights"]
