"""What `nncore.sklearn.NNClassifier` takes beside scikit-learn's MLPClassifier: the digits of scikit-learn, all defaults.

    python benches/python/sklearn_digits.py

Five folds for each of some seeds, each seed in a process of its own with one thread: medians of its CPU time, and the mean
accuracy on what was held out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
import warnings

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NNCORE_NUM_THREADS": "1"}


def work(which: str, seed: int) -> None:
    """Fit on five folds, and print a line of time and accuracy for each."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import StratifiedKFold

    warnings.simplefilter("ignore")  # MLPClassifier says that it is not done after its 200 epochs
    if which == "nncore":
        from nncore.sklearn import NNClassifier as Classifier
    else:
        from sklearn.neural_network import MLPClassifier as Classifier
    x, y = load_digits(return_X_y=True)
    x = x / 16
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(x, y):
        start = time.process_time()
        network = Classifier(random_state=seed).fit(x[train], y[train])
        print(time.process_time() - start, network.score(x[test], y[test]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--work", nargs=2, metavar=("WHICH", "SEED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work[0], int(options.work[1]))
        return
    found: dict[str, list[list[float]]] = {"nncore": [], "scikit-learn": []}
    for seed in range(options.seeds):
        for which, rows in found.items():
            command = [sys.executable, __file__, "--work", which, str(seed)]
            done = subprocess.run(command, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True, check=True)
            rows += [list(map(float, line.split())) for line in done.stdout.splitlines()]
    base = statistics.median(row[0] for row in found["scikit-learn"])
    for which, rows in found.items():
        seconds, accuracy = statistics.median(row[0] for row in rows), statistics.mean(row[1] for row in rows)
        print(f"{which:14} {seconds * 1e3:6.0f} ms a fit   {seconds / base:.2f}x   accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
