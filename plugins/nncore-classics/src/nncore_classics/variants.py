"""The networks by the names under which they are known: a class with some of its arguments given."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from nncore.api import Module, example
from nncore_classics.googlenet import GoogLeNet
from nncore_classics.resnet import CIFARResNet, ResNet
from nncore_classics.small import NiN
from nncore_classics.vgg import VGG


def variant(network: Callable[..., Module], side: int, **given: Any) -> Callable[..., Module]:
    """`network` with these arguments given. Its signature has the others, its documentation is the network's.

    Args:
        network: The class.
        side: Height and width of the images with which the variant is checked.
        **given: Its arguments.
    """
    signature = inspect.signature(network)

    def make(*args: Any, **config: Any) -> Module:
        return network(**given, **public.bind(*args, **config).arguments)

    public = signature.replace(parameters=[each for name, each in signature.parameters.items() if name not in given])
    settings = ", ".join(f"{name}={value!r}" for name, value in given.items())
    make.__signature__ = public  # type: ignore[attr-defined]
    make.__doc__ = f"{inspect.getdoc(network)}\n\nThis one is `{network.__name__}({settings})`."
    config = {"num_classes": 3, "width": 0.0625, **({"aux": False} if network is GoogLeNet else {})}
    why = {"gradient": f"the class is checked, {network.__name__}; depth adds kinks and no formula"}
    return example(config=config, inputs=[(2, 3, side, side)], output=(2, 3), skip=why)(make)


vgg11, vgg13, vgg16, vgg19 = (variant(VGG, 32, depth=depth) for depth in (11, 13, 16, 19))
vgg11_bn, vgg13_bn, vgg16_bn, vgg19_bn = (
    variant(VGG, 32, depth=depth, norm="batch_norm2d") for depth in (11, 13, 16, 19)
)

googlenet_original = variant(GoogLeNet, 32, original=True)
nin_imagenet = variant(NiN, 67, size="large")

resnet18, resnet34, resnet50, resnet101, resnet152 = (
    variant(ResNet, 32, depth=depth) for depth in (18, 34, 50, 101, 152)
)
resnet50_original, resnet101_original, resnet152_original = (
    variant(ResNet, 32, depth=depth, first=True) for depth in (50, 101, 152)
)
plain18, plain34 = (variant(ResNet, 32, depth=depth, shortcut=None) for depth in (18, 34))

resnet20, resnet32, resnet44, resnet56, resnet110 = (
    variant(CIFARResNet, 8, depth=depth) for depth in (20, 32, 44, 56, 110)
)
plain20, plain32, plain44, plain56 = (variant(CIFARResNet, 8, depth=depth, shortcut=None) for depth in (20, 32, 44, 56))
