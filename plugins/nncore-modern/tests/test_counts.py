"""Parameter counts are the papers' and torchvision's.

Counts: those that torchvision 0.28 publishes with its weights, and arithmetic from the papers' tables for the others.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

import nncore as nc

TORCHVISION = {
    # name: parameters, entries of the state dict
    "wide_resnet50_2": (68_883_240, 320),
    "wide_resnet101_2": (126_886_696, 626),
    "mobilenet_v2": (3_504_872, 314),
}
PAPERS = {
    # The papers' tables, in millions.
    "wrn16_8": 11.0,
    "wrn28_10": 36.5,
    "wrn40_4": 8.9,
    "preact_resnet110": 1.7,
    "preact_resnet164": 1.7,
}


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
