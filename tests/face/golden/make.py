"""Writes the golden file of the present format version. Run it once for a new version, never over an old file."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import nncore as nc
from nncore import nn

HERE = Path(__file__).parent


def model() -> nn.Module:
    """A small model with all that the format can say; its values are whole numbers."""
    shared = nn.Linear(3, 3, act={"name": "softmax", "dim": 1})
    net = nn.Sequential(
        nn.Conv2d(2, 3, (1, 2), stride=(2, 1), bias=False, init="he_normal"),
        nn.BatchNorm2d(3, momentum=0.2),
        nn.Flatten(),
        nn.Sequential({"in": shared, "act": "relu", "again": shared}),
        nn.Dropout(0.25),
        nc.create("mlp", sizes=[3, 4, 2], act="tanh"),
    )
    start = 0
    for name, tensor in net.state_dict().items():
        count = tensor.numel()
        values = np.arange(start, start + count).reshape(tensor.shape).astype(tensor.dtype.name)
        net.load_state_dict({name: values}, strict=False)
        start += count
    net[1].eval()
    net[1].eps = 0.125
    net[3].freeze()
    return net


if __name__ == "__main__":
    target = HERE / f"model-v{nc.io.FORMAT_VERSION}.safetensors"
    if target.exists():
        sys.exit(f"{target} is there already: files of a released version stay as they are")
    nc.save(model(), target)
