"""Transfer learning: what was learned on one task, for another.

model = nc.replace_head(nc.load("pretrained.safetensors"), num_classes=5)
nc.freeze(model, until="layer4")
optimizer = optim.Adam(optim.groups(model, {"fc": 1.0, "*": 0.1}, lr=1e-3))
"""

from nncore.transfer.extraction import features
from nncore.transfer.freezing import freeze, unfreeze
from nncore.transfer.head import replace_head
from nncore.transfer.weights import load_pretrained

__all__ = ["features", "freeze", "load_pretrained", "replace_head", "unfreeze"]
