"""PyTorch's turn: `python worker_torch.py CASE...`. Eager, with as many threads as `BENCH_THREADS` says."""

from __future__ import annotations

import os
from typing import Any

import torch
from cases import TRAINING, Measured, Timing, Training, block, sixteen, worker
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """A residual block."""

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        self.shortcut: nn.Module = nn.Identity()
        for name, *rest in block(*sizes):
            setattr(self, name, layer("conv_norm", *rest))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.second(functional.relu(self.first(x)))
        return functional.relu(y + self.shortcut(x))


class Mean(nn.Module):
    """Over height and width."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
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


def trainer(case: Training, layout: torch.memory_format) -> Any:
    """A fresh model's training step, its activations and weights in that layout."""
    model = nn.Sequential(*(layer(*row) for row in case.layers))
    state = {name: torch.from_numpy(value) for name, value in case.weights().items()}
    model.load_state_dict(state, strict=False)  # running statistics start by themselves
    model.to(memory_format=layout)
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[case.optimizer]
    optimizer = make(model.parameters(), **case.options)

    def step(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss = functional.cross_entropy(model(x.contiguous(memory_format=layout) if x.ndim == 4 else x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def training(case: Training, timing: Timing) -> Measured:
    batches = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in case.batches()]
    found = {"eager": timing.training(trainer(case, torch.contiguous_format), batches)}
    if len(case.input) == 3:
        found["channels_last"] = timing.training(trainer(case, torch.channels_last), batches)
    return found


def measure(name: str, timing: Timing) -> Measured:
    if name in TRAINING:
        return training(TRAINING[name], timing)
    x = torch.from_numpy(sixteen()).requires_grad_(name == "relu_16_grad")
    relu = torch.relu
    return {"eager": timing.measure(lambda: relu(x))}


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "0")) or torch.get_num_threads())
    worker("PyTorch", measure, lambda: {"version": torch.__version__, "threads": torch.get_num_threads()})
