"""Parameter counts are the papers' and torchvision's.

Counts: those that torchvision 0.28 publishes with its weights, and arithmetic from the papers' tables for the others.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from nncore_modern.convnext import PLANS as convnext
from nncore_modern.vit import PLANS as vit

import nncore as nc

TORCHVISION = {
    # name: parameters, entries of the state dict
    "wide_resnet50_2": (68_883_240, 320),
    "wide_resnet101_2": (126_886_696, 626),
    "mobilenet_v2": (3_504_872, 314),
    "convnext_tiny": (28_589_128, 182),
    "vit_b_16": (86_567_656, 152),
    "vit_b_32": (88_224_232, 152),
}
PAPERS = {
    # The papers' tables, in millions.
    "wrn16_8": 11.0,
    "wrn28_10": 36.5,
    "wrn40_4": 8.9,
    "preact_resnet110": 1.7,
    "preact_resnet164": 1.7,
}


# By arithmetic from the plans, since making them takes seconds: torchvision 0.28's for convnext and vit, timm's (DeiT) for the tiny and small one.
PLANNED = {
    "small": 50_223_688,
    "base": 88_591_464,
    "large": 197_767_336,
}
VITS = {("tiny", 16): 5_717_416, ("small", 16): 22_050_664, ("large", 16): 304_326_632, ("huge", 14): 632_045_800}


def count(name: str, **config: object) -> int:
    # Zeros, since drawing a hundred million numbers takes its time.
    return nc.create(name, init="zeros", **config).num_parameters()


@pytest.mark.parametrize("name", TORCHVISION)
def test_as_torchvision(name: str) -> None:
    model = nc.create(name, init="zeros")
    assert (model.num_parameters(), len(model.state_dict())) == TORCHVISION[name]


@pytest.mark.parametrize("name", PAPERS)
def test_as_the_paper(name: str) -> None:
    assert round(count(name) / 1e6, 1) == PAPERS[name]


def wide(depth: int, factor: int) -> int:
    """Zagoruyko and Komodakis 2016, table 1: 3x3 convolutions, a norm before each, and a 1x1 where channels change."""
    sizes = [16, 16 * factor, 32 * factor, 64 * factor]
    total = 9 * 3 * 16 + 2 * sizes[-1] + 10 * sizes[-1] + 10
    for before, after in pairwise(sizes):
        total += before * after if before != after else 0
        for at in range((depth - 4) // 6):
            first = after if at else before
            total += 9 * first * after + 9 * after * after + 2 * first + 2 * after
    return total


@pytest.mark.parametrize(("depth", "factor"), [(16, 8), (28, 10), (40, 4)])
def test_wide_networks_by_arithmetic(depth: int, factor: int) -> None:
    assert count(f"wrn{depth}_{factor}") == wide(depth, factor)


def test_wrn28_10_has_the_count_that_is_known() -> None:
    assert wide(28, 10) == 36_479_194


def test_preactivation_networks_by_arithmetic() -> None:
    def basic() -> int:
        total = 9 * 3 * 16 + 2 * 64 + 650
        for before, after in pairwise([16, 16, 32, 64]):
            for first in [before, *[after] * 17]:
                total += 9 * first * after + 9 * after * after + 2 * first + 2 * after
        return total

    def bottleneck() -> int:
        total = 9 * 3 * 16 + 2 * 256 + 2570
        for before, inside in zip((16, 64, 128), (16, 32, 64), strict=True):
            total += before * 4 * inside
            for first in [before, *[4 * inside] * 17]:
                total += first * inside + 9 * inside * inside + 4 * inside * inside + 2 * (first + 2 * inside)
        return total

    assert count("preact_resnet110") == basic() == 1_727_962
    assert count("preact_resnet164") == bottleneck() == 1_703_258


@pytest.mark.parametrize("plan", PLANNED)
def test_convnexts_plans(plan: str) -> None:
    sizes, counts, _ = convnext[plan]
    total = 16 * 3 * sizes[0] + 3 * sizes[0] + 2 * sizes[-1] + 1000 * sizes[-1] + 1000
    for before, after in pairwise(sizes):
        total += 2 * before + 4 * before * after + after
    for size, blocks in zip(sizes, counts, strict=True):
        total += blocks * (50 * size + 2 * size + 8 * size * size + 5 * size + size)
    assert total == PLANNED[plan]


@pytest.mark.parametrize(("plan", "patch"), VITS)
def test_vits_plans(plan: str, patch: int) -> None:
    layers, size, hidden, _ = vit[plan]
    places = (224 // patch) ** 2 + 1
    block = 4 * size + 4 * size * size + 4 * size + 2 * size * hidden + hidden + size
    total = 3 * patch * patch * size + size + size + places * size + layers * block + 2 * size + 1000 * size + 1000
    assert total == VITS[plan, patch]


def test_unet_by_arithmetic() -> None:
    """Ronneberger and others 2015, figure 1, one channel and two classes; padding has no parameters."""
    sizes = [64, 128, 256, 512, 1024]
    total = 64 * 2 + 2
    for before, after in pairwise([1, *sizes]):
        total += 9 * before * after + after + 9 * after * after + after
    for low, high in pairwise(sizes):
        total += 4 * high * low + low + 9 * 2 * low * low + low + 9 * low * low + low
    assert count("unet") == total == 31_030_658


def test_sequence_classifiers_by_arithmetic() -> None:
    # Four gates with two biases each; attention of four matrices, two layers, two norms.
    memory = 4 * 128 * (128 + 128) + 2 * 4 * 128
    block = 4 * 128 * 128 + 4 * 128 + 2 * 128 * 512 + 512 + 128 + 4 * 128
    assert count("lstm_classifier", vocabulary=10_000) == 1_280_000 + memory + 258 == 1_412_354
    assert count("transformer_classifier", vocabulary=10_000) == 1_280_000 + 2 * block + 258 == 1_676_802
