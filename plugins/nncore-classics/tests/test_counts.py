"""Parameter counts, names and shapes are the papers' and torchvision's.

Counts: torchvision 0.28 for the networks that it has (computed on its meta device), arithmetic from the papers' tables for
the others.
"""

import pytest

import nncore as nc

PARAMETERS = {
    "lenet5_original": 60_000,
    "alexnet": 61_100_840,
    "alexnet_original": 60_965_224,
    "vgg11": 132_863_336,
    "vgg11_bn": 132_868_840,
    "vgg13": 133_047_848,
    "vgg13_bn": 133_053_736,
    "vgg16": 138_357_544,
    "vgg16_bn": 138_365_992,
    "vgg19": 143_667_240,
    "vgg19_bn": 143_678_248,
    "googlenet": 13_004_888,
    "googlenet_original": 13_378_280,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "resnet50_original": 25_557_032,
    "resnet101_original": 44_549_160,
    "resnet152_original": 60_192_808,
    "resnet20": 269_722,
    "resnet32": 464_154,
    "resnet44": 658_586,
    "resnet56": 853_018,
    "resnet110": 1_727_962,
    "nin": 966_986,
    "nin_imagenet": 7_595_176,
    "all_cnn": 1_369_738,
}
KEYS = {
    "alexnet": 16,
    "vgg11": 22,
    "vgg11_bn": 62,
    "vgg13": 26,
    "vgg13_bn": 76,
    "vgg16": 32,
    "vgg16_bn": 97,
    "vgg19": 38,
    "vgg19_bn": 118,
    "googlenet": 364,
    "resnet18": 122,
    "resnet34": 218,
    "resnet50": 320,
    "resnet101": 626,
    "resnet152": 932,
}


def count(model: nc.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name: str) -> None:
    # Zeros, since drawing a hundred million numbers takes its time.
    model = nc.create(name, **({} if name == "lenet5_original" else {"init": "zeros"}))
    assert count(model) == PARAMETERS[name]
    if name in KEYS:
        assert len(model.state_dict()) == KEYS[name]


def test_the_hint_for_those_without_the_package_knows_all_names() -> None:
    from nncore.plugins.known import KNOWN

    registry = nc.registry.architectures
    ours = [name for name in registry if registry.qualify(name).startswith("architecture:nncore-classics/")]
    assert sorted(KNOWN["nncore-classics"]["architecture"]) == sorted(ours)
