"""What batches cost beside raw NumPy slicing: the same gathering, written by hand.

Shuffled, the raw loop is `x[order[a:b]]` of float32 arrays with the order drawn beforehand; in order, it is
`x[a:b].copy()`, since each batch is memory of its own. Fashion-MNIST's shapes; rounds alternate, medians are printed.

    PYTHONPATH=python python benches/python/bench_data.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from nncore.data import ArrayDataset, _batches

COUNT, ROUNDS = 60_000, 9


def seconds(run: Callable[..., None], *args: object) -> float:
    start = time.perf_counter()
    run(*args)
    return time.perf_counter() - start


def main() -> None:
    try:
        import nncore._core  # noqa: F401
    except ImportError:
        print("the extension is not built: batches stay NumPy arrays")
        _batches.tensor = lambda array: array
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (COUNT, 1, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, COUNT)
    floats = pixels.astype(np.float32) / 255
    order = rng.permutation(COUNT)
    sets = {
        "float32": ArrayDataset(floats, labels),
        "uint8 / 255": ArrayDataset(pixels, labels, scale=255),
    }

    def walk(dataset: ArrayDataset, size: int, shuffle: bool) -> None:
        for _ in dataset.batches(size, shuffle=shuffle, seed=0):
            pass

    def raw(size: int, shuffle: bool) -> None:
        for start in range(0, COUNT, size):
            if shuffle:
                rows = order[start : start + size]
                floats[rows], labels[rows]
            else:
                floats[start : start + size].copy(), labels[start : start + size].copy()

    print(f"{'batch':>6} {'order':>9} {'held as':>12} {'us/batch':>9} {'raw':>9} {'ratio':>6}")
    for size in (16, 64, 256, 1024):
        for shuffle in (False, True):
            times: dict[str, list[float]] = {name: [] for name in ("raw", *sets)}
            for _ in range(ROUNDS):
                times["raw"].append(seconds(raw, size, shuffle))
                for name, dataset in sets.items():
                    times[name].append(seconds(walk, dataset, size, shuffle))
            number = -(-COUNT // size)
            base = statistics.median(times["raw"])
            for name in sets:
                took = statistics.median(times[name])
                how = "shuffled" if shuffle else "in order"
                print(
                    f"{size:>6} {how:>9} {name:>12} {took / number * 1e6:>9.1f} {base / number * 1e6:>9.1f} "
                    f"{took / base:>6.2f}"
                )


if __name__ == "__main__":
    main()
