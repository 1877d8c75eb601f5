"""Two epochs of LeNet-5 on Fashion-MNIST, the loop written by hand: `python fashion_ours.py FOLDER EPOCHS`."""

from __future__ import annotations

import sys

import nncore as nc
from nncore import data, ops, optim

BATCH = 64


def main(folder: str, epochs: int) -> None:
    nc.manual_seed(0)
    train, test = data.load("fashion-mnist", root=folder)
    model = nc.create("lenet5")
    optimizer = optim.Adam(model.parameters(), lr=1e-3)

    @nc.capture
    def step(x: nc.Tensor, y: nc.Tensor) -> nc.Tensor:
        loss = ops.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    for epoch in range(epochs):
        total = 0.0
        for x, y in train.batches(BATCH, shuffle=True, seed=epoch):
            total += step(x, y).item()
    with nc.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in test.batches(256))
    print(f"test accuracy: {right / len(test):.1%}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
