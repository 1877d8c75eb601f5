"""The data sets of `nncore.data`, sorted by name: name, file and function, what is in it."""

from nncore.api import DatasetSpec


def dataset(name: str, target: str, summary: str, *aliases: str) -> DatasetSpec:
    return DatasetSpec(name=name, target=f"nncore.data.{target}", summary=summary, aliases=aliases)


DATASETS = [
    dataset(
        "cifar10", "_cifar:cifar10", "CIFAR-10, 50,000 + 10,000 pictures, (3, 32, 32), 10 classes; 162 MB to download"
    ),
    dataset(
        "cifar100",
        "_cifar:cifar100",
        "CIFAR-100, 50,000 + 10,000 pictures, (3, 32, 32), 100 classes; 161 MB to download",
    ),
    dataset(
        "digits", "_digits:load_digits", "UCI optical digits, 1437 + 360, (1, 28, 28), 10 classes; inside the package"
    ),
    dataset(
        "fashion_mnist",
        "_named:fashion_mnist",
        "Fashion-MNIST, 60,000 + 10,000, (1, 28, 28), 10 classes; 30 MB to download",
    ),
    dataset("mnist", "_named:mnist", "MNIST digits, 60,000 + 10,000, (1, 28, 28), 10 classes; 11 MB to download"),
]
