"""What `nncore.Trainer` costs beside a loop written by hand: LeNet-5, batch 64, SGD with momentum, captured.

    python benches/python/trainer_overhead.py

Both train on the same random images, in turns; medians of the CPU time of one thread over epochs of 100 steps.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import nncore as nc
from nncore import data, ops, optim

BATCH, STEPS, ROUNDS = 64, 100, 9


def by_hand(samples: data.ArrayDataset) -> Callable[[], object]:
    """One epoch of the loop that the README shows."""
    model = nc.create("lenet5", seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    batches = samples.batches(BATCH, shuffle=True, seed=0)

    @nc.capture
    def step(x: nc.Tensor, y: nc.Tensor) -> nc.Tensor:
        loss = ops.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return lambda: sum(step(x, y).item() for x, y in batches)


def by_trainer(samples: data.ArrayDataset, metrics: list[str]) -> Callable[[], object]:
    """One epoch of a Trainer."""
    optimizer = optim.SGD(lr=0.01, momentum=0.9)
    trainer = nc.Trainer("lenet5", optimizer=optimizer, metrics=metrics, seed=0)
    return lambda: trainer.fit(samples, batch_size=BATCH, progress=False)


def main() -> None:
    nc.set_num_threads(1)
    draw = np.random.default_rng(0)
    images = draw.standard_normal((BATCH * STEPS, 1, 28, 28), np.float32)
    samples = data.ArrayDataset(images, draw.integers(0, 10, len(images)))
    ways = {
        "by hand": by_hand(samples),
        "Trainer": by_trainer(samples, []),
        "Trainer with accuracy": by_trainer(samples, ["accuracy"]),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for epoch in ways.values():
        epoch()  # the recording
    for _ in range(ROUNDS):
        for name, epoch in ways.items():
            start = time.process_time()
            epoch()
            times[name].append(time.process_time() - start)
    base = statistics.median(times["by hand"])
    for name, each in times.items():
        seconds = statistics.median(each)
        print(f"{name:24} {seconds / STEPS * 1e6:8.1f} µs a step   {seconds / base:.3f}x")


if __name__ == "__main__":
    main()
