"""Two epochs of LeNet-5 on Fashion-MNIST in PyTorch: `python fashion_torch.py FOLDER EPOCHS [--loader]`.

By default batches are slices of one tensor in a random order; with `--loader` they come from a DataLoader, as tutorials have it.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

BATCH = 64
Pair = tuple[torch.Tensor, torch.Tensor]


def read(folder: Path, part: str) -> Pair:
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return torch.from_numpy(pixels.astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))


def sliced(x: torch.Tensor, y: torch.Tensor) -> Iterator[Pair]:
    order = torch.randperm(len(x))
    for at in range(0, len(x), BATCH):
        rows = order[at : at + BATCH]
        yield x[rows], y[rows]


def main(folder: Path, epochs: int, loader: bool) -> None:
    torch.manual_seed(0)
    (x, y), (test_x, test_y) = read(folder, "train"), read(folder, "t10k")
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    batches = DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True) if loader else None
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in batches if batches is not None else sliced(x, y):
            loss = nn.functional.cross_entropy(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
    with torch.no_grad():
        right = sum(
            (model(test_x[at : at + 256]).argmax(1) == test_y[at : at + 256]).sum().item()
            for at in range(0, 10000, 256)
        )
    print(f"test accuracy: {right / len(test_y):.1%}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "--loader" in sys.argv)
