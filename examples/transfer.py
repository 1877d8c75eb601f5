"""Trains a network on five classes of Fashion-MNIST, and uses what it has learned for the other five.

With few samples a class, beside a network that begins from nothing; the spread is over seeds, each of which has its own
first training, samples and heads. Where Fashion-MNIST is not installed, the digits that come with nncore are used.

python examples/transfer.py --picture transfer.png
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import nncore as nc
from nncore import data, nn, optim, training
from nncore.errors import DataError

SOURCE = (0, 3, 4, 7, 8)
"""The classes of the first training: T-shirt, dress, coat, sneaker and bag; the others are the task."""
WAYS = ("from scratch", "new head", "two stages")


def network(classes: int, seed: int) -> nn.Sequential:
    """Three convolutions with batch normalization, in parts with names, and one linear layer."""

    def block(before: int, after: int) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)
        )

    parts = {
        "block1": block(1, 8),
        "block2": block(8, 16),
        "block3": block(16, 32),
        "flatten": nn.Flatten(),
        "fc": nn.Linear(32 * 3 * 3, classes),
    }
    return nn.Sequential(parts).initialize(seed)


def of_classes(samples: data.ArrayDataset, classes: Sequence[int]) -> data.ArrayDataset:
    """The samples of some classes, which are numbered from 0."""
    labels = np.asarray(samples.y)
    rows = np.flatnonzero(np.isin(labels, classes))
    return data.ArrayDataset(samples.x[rows], np.searchsorted(sorted(classes), labels[rows]), classes=len(classes))


def few(samples: data.ArrayDataset, count: int, seed: int) -> data.ArrayDataset:
    """So many random samples of each class, or all where there are fewer."""
    labels, stream = np.asarray(samples.y), np.random.default_rng(seed)
    rows = [stream.permutation(np.flatnonzero(labels == label))[:count] for label in np.unique(labels)]
    return samples[np.concatenate(rows)]


def plan(samples: data.ArrayDataset, steps: int) -> tuple[int, int]:
    """Samples in a batch, and epochs that make about so many steps."""
    batch = min(32, max(len(samples) // 4, 1))
    return batch, max(round(steps * batch / len(samples)), 3)


def fit(
    model: nn.Module,
    samples: data.ArrayDataset,
    steps: int,
    optimizer: optim.Optimizer,
    seed: int,
    callbacks: Sequence[training.Callback] = (),
) -> nc.Trainer:
    """Train for about so many steps."""
    batch, epochs = plan(samples, steps)
    trainer = nc.Trainer(
        model, optimizer=optimizer, schedule="cosine", metrics=["accuracy"], callbacks=callbacks, seed=seed
    )
    trainer.fit(samples, epochs, batch_size=batch, progress=False)
    return trainer


def transferred(
    source: nn.Module, way: str, samples: data.ArrayDataset, steps: int, lr: float, seed: int
) -> nc.Trainer:
    """A network for the classes of these samples, trained in one of the ways."""
    classes = samples.num_classes or 0
    if way == "from scratch":
        return fit(network(classes, seed), samples, steps, optim.Adam(lr=lr), seed)
    model = nc.freeze(nc.replace_head(source, classes, seed=seed), until="fc")
    if way == "new head":
        return fit(model, samples, steps, optim.Adam(lr=lr), seed)
    # The head alone for a third of the epochs, then all, the first layers slower.
    rates = optim.groups(model, {"fc": 1.0, "block3": 1.0, "block2": 0.5}, lr=lr, rest=0.3)
    return fit(model, samples, steps, optim.Adam(rates), seed, [training.Unfreeze(plan(samples, steps)[1] // 3)])


def measured(options: argparse.Namespace, train: data.ArrayDataset, test: data.ArrayDataset) -> dict[str, np.ndarray]:
    """Test accuracies by way: a row for each number of samples, a column for each seed."""
    others = [label for label in range(train.num_classes or 0) if label not in SOURCE]
    first, task, judged = of_classes(train, SOURCE), of_classes(train, others), of_classes(test, others)
    found = {way: np.zeros((len(options.samples), options.seeds)) for way in WAYS}
    for seed in range(options.seeds):
        source = network(len(SOURCE), seed)
        fit(source, first, options.first_steps, optim.AdamW(lr=2e-3, weight_decay=0.1), seed)
        for row, count in enumerate(options.samples):
            chosen = few(task, count, seed)
            for way in WAYS:
                trainer = transferred(source, way, chosen, options.steps, options.lr, seed)
                found[way][row, seed] = trainer.evaluate(judged)["accuracy"]
    return found


def shown(counts: Sequence[int], found: dict[str, np.ndarray]) -> Table:
    """Means and standard deviations over the seeds; the last column is the difference within a seed."""
    table = Table("samples a class", *WAYS, "two stages - scratch", title="test accuracy")
    for row, count in enumerate(counts):
        gain = found["two stages"][row] - found["from scratch"][row]
        cells = [
            f"{values.mean():.1%} ± {values.std(ddof=1) if len(values) > 1 else 0:.1%}"
            for values in (*(found[way][row] for way in WAYS), gain)
        ]
        table.add_row(str(count), *cells)
    return table


def draw(path: Path, counts: Sequence[int], found: dict[str, np.ndarray], title: str) -> None:
    """A point for each seed, and a line through the means."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    places = np.arange(len(counts))
    for at, (way, colour) in enumerate(zip(WAYS, ("#777777", "#e08214", "#2166ac"), strict=True)):
        shift = 0.08 * (at - 1)
        axes.plot(places + shift, found[way].mean(1), color=colour, marker="_", markersize=14, label=way)
        axes.scatter(np.repeat(places + shift, found[way].shape[1]), found[way].ravel(), color=colour, s=14, alpha=0.6)
    axes.set_xticks(places, [str(count) for count in counts])
    axes.yaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1.0))
    axes.set(xlabel="samples a class", ylabel="test accuracy", title=title)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", help="fashion-mnist or digits. Default: the first that is here.")
    parser.add_argument("--samples", type=int, nargs="+", default=[10, 50, 250], help="Samples a class.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-steps", type=int, default=3000, help="Steps of the first training.")
    parser.add_argument("--steps", type=int, default=300, help="Steps for each task.")
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--picture", type=Path, help="Where to draw; needs matplotlib.")
    options = parser.parse_args()
    try:
        name = options.data or "fashion-mnist"
        train, test = data.load(name, download=False) if name == "fashion-mnist" else data.load(name)
    except DataError:
        if options.data:
            raise
        name = "digits"
        train, test = data.load(name)
    start = time.perf_counter()
    found = measured(options, train, test)
    console = Console()
    console.print(shown(options.samples, found))
    console.print(f"{name}, {options.seeds} seeds, {time.perf_counter() - start:.0f} s", highlight=False)
    if options.picture:
        try:
            draw(options.picture, options.samples, found, f"Five classes of {name} after the other five")
        except ImportError:
            console.print("no picture: matplotlib is not installed")


if __name__ == "__main__":
    main()
