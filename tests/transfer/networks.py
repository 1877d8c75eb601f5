"""Networks to transfer from and to, small enough to be read."""

from __future__ import annotations

from typing import Any

import numpy as np

import nncore as nc
from nncore import nn


def conv_net(classes: int = 4) -> nn.Sequential:
    """Two convolutions with batch norm in parts with names, and a head."""
    return nn.Sequential(
        {
            "stem": nn.Sequential(nn.Conv2d(1, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU()),
            "body": nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU()),
            "pool": nn.GlobalAvgPool(),
            "fc": nn.Linear(4, classes),
        }
    ).initialize(0)


class Tied(nn.Module):
    """One layer in two places, and a parameter of its own, in a class that nobody has registered."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(nc.ones((3,)))
        self.first = nn.Linear(3, 3)
        self.act = nn.Tanh()
        self.second = self.first
        self.out = nn.Linear(3, 2)
        self.calls = 0

    def forward(self, input: Any) -> Any:
        self.__dict__["calls"] += 1
        input = self.act(self.second(self.act(self.first(input * self.scale))))
        return self.out(input)


def images(count: int = 6, seed: int = 0, side: int = 6) -> nc.Tensor:
    return nc.tensor(np.random.default_rng(seed).standard_normal((count, 1, side, side), dtype="float32"))
