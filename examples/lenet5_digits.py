"""Trains LeNet-5 on the handwritten digits that come with nncore, and shows how it goes.

python examples/lenet5_digits.py
"""

from __future__ import annotations

import argparse
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import nncore as nc
from nncore import data, nn, ops, optim


def accuracy(model: nn.Module, samples: data.ArrayDataset) -> float:
    """The share of samples whose class the model tells."""
    model.eval()
    right = 0
    with nc.no_grad():
        for x, y in samples.batches(256):
            right += int((model(x).argmax(1) == y).sum().item())
    model.train()
    return right / len(samples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    train, test = data.load("digits")
    train, validation = train.split(0.1, seed=options.seed)
    model = nc.create("lenet5", seed=options.seed)
    optimizer = optim.Adam(model.parameters(), lr=options.lr)

    @nc.capture
    def step(x: nc.Tensor, y: nc.Tensor) -> nc.Tensor:
        loss = ops.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    console = Console()
    console.print(f"LeNet-5, {model.num_parameters():,} parameters, {len(train)} images of digits")
    batches = train.batches(options.batch_size, shuffle=True, seed=options.seed, drop_last=True)
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.4f}  validation accuracy {task.fields[accuracy]:.1%}"),
        TimeElapsedColumn(),
    ]
    start, best = time.perf_counter(), 0.0
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("training", total=options.epochs * len(batches), loss=float("nan"), accuracy=0.0)
        for epoch in range(options.epochs):
            # The rate falls to a tenth along a straight line.
            optimizer.lr = options.lr * (1 - 0.9 * epoch / options.epochs)
            total = 0.0
            for x, y in batches:
                total += step(x, y).item()
                progress.advance(task)
            best = accuracy(model, validation)
            progress.update(task, description=f"epoch {epoch + 1:2}", loss=total / len(batches), accuracy=best)
    seconds = time.perf_counter() - start
    console.print(
        f"{options.epochs} epochs in {seconds:.1f} s, {options.epochs * len(train) / seconds:,.0f} images a second"
    )
    console.print(f"test accuracy: {accuracy(model, test):.1%}", highlight=False)


if __name__ == "__main__":
    main()
