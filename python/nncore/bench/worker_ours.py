"""nncore's turn: `python worker_ours.py CASE...`. Training steps run eagerly and captured."""

from __future__ import annotations

from typing import Any

from cases import TRAINING, Measured, Timing, Training, block, sixteen, worker

import nncore as nc
from nncore import nn, ops, optim


class Block(nn.Module):
    """A residual block."""

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        self.shortcut: nn.Module = nn.Identity()
        for name, *rest in block(*sizes):
            setattr(self, name, layer("conv_norm", *rest))

    def forward(self, x: nc.Tensor) -> nc.Tensor:
        y = self.second(ops.relu(self.first(x)))
        return ops.relu(y + self.shortcut(x))


class Mean(nn.Module):
    """Over height and width."""

    def forward(self, x: nc.Tensor) -> nc.Tensor:
        return x.mean((2, 3))


def layer(kind: str, *sizes: int) -> nn.Module:
    if kind == "conv":
        return nn.Conv2d(sizes[0], sizes[1], sizes[2], padding=sizes[3])
    if kind == "conv_norm":
        conv = nn.Conv2d(sizes[0], sizes[1], sizes[2], stride=sizes[3], padding=sizes[4], bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(sizes[1]))
    return {
        "linear": nn.Linear,
        "relu": nn.ReLU,
        "flatten": nn.Flatten,
        "pool": nn.MaxPool2d,
        "block": Block,
        "mean": Mean,
    }[kind](*sizes)


def trainer(case: Training) -> Any:
    """A fresh model's training step."""
    model = nn.Sequential(*(layer(*row) for row in case.layers))
    model.load_state_dict(case.weights(), strict=False)  # running statistics start by themselves
    make = {"sgd": optim.SGD, "adam": optim.Adam}[case.optimizer]
    optimizer = make(model.parameters(), **case.options)

    def step(x: nc.Tensor, y: nc.Tensor) -> nc.Tensor:
        loss = ops.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def measure(name: str, timing: Timing) -> Measured:
    if name in TRAINING:
        case = TRAINING[name]
        batches = [(nc.from_numpy(x), nc.from_numpy(y)) for x, y in case.batches()]
        return {
            "eager": timing.training(trainer(case), batches),
            "captured": timing.training(nc.capture(trainer(case)), batches),
        }
    x = nc.tensor(sixteen(), requires_grad=name == "relu_16_grad")
    relu = ops.relu
    return {"eager": timing.measure(lambda: relu(x))}


def describe() -> dict[str, Any]:
    """Which nncore this is."""
    return {"version": nc.__version__, "path": nc.cpu_path(), "threads": nc.get_num_threads()}


if __name__ == "__main__":
    worker("nncore", measure, describe)
