"""The built-in losses, sorted by name: name, file and class, what it computes."""

from nncore.api import LossSpec


def loss(name: str, target: str, summary: str, *aliases: str) -> LossSpec:
    return LossSpec(name=name, target=f"nncore.builtin.losses.{target}", summary=summary, aliases=aliases)


LOSSES = [
    loss("cross_entropy", "cross_entropy:CrossEntropyLoss", "Softmax cross-entropy of logits"),
    loss("l1", "l1:L1Loss", "Absolute difference", "mae"),
    loss("mse", "mse:MSELoss", "Squared difference", "l2"),
]
