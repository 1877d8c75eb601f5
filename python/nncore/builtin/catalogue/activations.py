"""The built-in activations, sorted by name: name, file and class, what it computes."""

from nncore.api import ActivationSpec


def activation(name: str, target: str, summary: str, *aliases: str) -> ActivationSpec:
    return ActivationSpec(name=name, target=f"nncore.builtin.activations.{target}", summary=summary, aliases=aliases)


ACTIVATIONS = [
    activation("log_softmax", "log_softmax:LogSoftmax", "log(softmax(x)), computed without overflow"),
    activation("relu", "relu:ReLU", "max(x, 0)"),
    activation("sigmoid", "sigmoid:Sigmoid", "1 / (1 + exp(-x))"),
    activation("softmax", "softmax:Softmax", "exp(x) / sum(exp(x)) along one dimension"),
    activation("tanh", "tanh:Tanh", "Hyperbolic tangent"),
]
