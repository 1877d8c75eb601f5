"""The built-in architectures, sorted by name: name, file and class, what it is."""

from nncore.api import ArchitectureSpec


def architecture(name: str, target: str, summary: str, *aliases: str) -> ArchitectureSpec:
    return ArchitectureSpec(
        name=name, target=f"nncore.builtin.architectures.{target}", summary=summary, aliases=aliases
    )


ARCHITECTURES = [
    architecture("lenet5", "lenet5:LeNet5", "LeNet-5 as it is built today, 61,706 parameters"),
    architecture("mlp", "mlp:MLP", "Fully connected network with N layers", "multilayer_perceptron"),
]
