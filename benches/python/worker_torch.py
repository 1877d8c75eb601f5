"""PyTorch's turn: `python worker_torch.py CASE...`. Eager, with as many threads as `BENCH_THREADS` says."""

from __future__ import annotations

import os

import torch
from cases import TRAINING, Measured, Timing, Training, sixteen, worker
from torch import nn
from torch.nn import functional


def layer(kind: str, *sizes: int) -> nn.Module:
    if kind == "conv":
        return nn.Conv2d(sizes[0], sizes[1], sizes[2], padding=sizes[3])
    if kind == "linear":
        return nn.Linear(*sizes)
    return {"relu": nn.ReLU, "flatten": nn.Flatten, "pool": lambda: nn.MaxPool2d(2)}[kind]()


def training(case: Training, timing: Timing) -> Measured:
    model = nn.Sequential(*(layer(*row) for row in case.layers))
    model.load_state_dict({name: torch.from_numpy(value) for name, value in case.weights().items()})
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[case.optimizer]
    optimizer = make(model.parameters(), **case.options)

    def step(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss = functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    batches = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in case.batches()]
    return {"eager": timing.training(step, batches)}


def measure(name: str, timing: Timing) -> Measured:
    if name in TRAINING:
        return training(TRAINING[name], timing)
    x = torch.from_numpy(sixteen()).requires_grad_(name == "relu_16_grad")
    relu = torch.relu
    return {"eager": timing.measure(lambda: relu(x))}


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "0")) or torch.get_num_threads())
    worker("PyTorch", measure, lambda: {"version": torch.__version__, "threads": torch.get_num_threads()})
