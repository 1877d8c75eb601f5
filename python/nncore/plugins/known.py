"""Who provides what is not installed: names that nncore's own companion packages register.

It only serves the hint in an error message; a name that is missing here costs that hint and nothing else. Each
companion package's tests check that its names stand here.
"""

from __future__ import annotations

__all__ = ["KNOWN", "installs"]

KNOWN: dict[str, dict[str, tuple[str, ...]]] = {
    "nncore-classics": {
        "architecture": (
            "lenet5_original",
            "alexnet",
            "alexnet_original",
            "vgg",
            "vgg11",
            "vgg11_bn",
            "vgg13",
            "vgg13_bn",
            "vgg16",
            "vgg16_bn",
            "vgg19",
            "vgg19_bn",
            "nin",
            "nin_imagenet",
            "all_cnn",
            "googlenet",
            "googlenet_original",
            "resnet",
            "resnet18",
            "resnet34",
            "resnet50",
            "resnet101",
            "resnet152",
            "resnet50_original",
            "resnet101_original",
            "resnet152_original",
            "plain18",
            "plain34",
            "cifar_resnet",
            "resnet20",
            "resnet32",
            "resnet44",
            "resnet56",
            "resnet110",
            "plain20",
            "plain32",
            "plain44",
            "plain56",
        ),
    },
    "nncore-modern": {
        "architecture": (
            "wide_resnet",
            "wide_resnet50_2",
            "wide_resnet101_2",
            "wide_cifar_resnet",
            "wrn16_8",
            "wrn28_10",
            "wrn40_4",
            "preact_resnet",
            "preact_resnet110",
            "preact_resnet164",
            "mobilenet_v2",
            "convnext",
            "convnext_tiny",
            "convnext_small",
            "convnext_base",
            "convnext_large",
            "vit",
            "vit_ti_16",
            "vit_s_16",
            "vit_b_16",
            "vit_b_32",
            "vit_l_16",
            "vit_l_32",
            "vit_h_14",
            "unet",
            "lstm_classifier",
            "transformer_classifier",
        ),
    },
}


def installs(kind: str, name: str) -> list[str]:
    """The packages that provide this component, by bare or qualified name."""
    distribution, slash, bare = name.rpartition("/")
    return [
        package
        for package, kinds in KNOWN.items()
        if bare in kinds.get(kind, ()) and (not slash or distribution == package)
    ]
