"""Make python/nncore/data/digits.npz from scikit-learn's copy of the UCI optical digits.

Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49, licence CC BY 4.0 (see python/nncore/data/ATTRIBUTION). scikit-learn ships the 1797
images of the repository's test file.

The division into 1437 training and 360 test images is made here, once: `split(360, seed=0)`, stratified by class. It is
stored, so that results stay comparable whatever later releases change. The file's bytes depend only on the data and on
the zlib that compresses them.

    PYTHONPATH=python python tools/make_digits.py            # needs scikit-learn
    PYTHONPATH=python python tools/make_digits.py --check    # compare with what is there, write nothing
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from nncore.data import ArrayDataset

TARGET = Path(__file__).resolve().parent.parent / "python" / "nncore" / "data" / "digits.npz"


def make() -> dict[str, np.ndarray]:
    """The four arrays: images uint8 (N, 8, 8) in 0..16, labels uint8 (N,)."""
    bunch = load_digits()
    images = bunch.images.astype(np.uint8)
    if images.shape != (1797, 8, 8) or images.max() != 16 or not np.array_equal(images, bunch.images):
        raise SystemExit("scikit-learn's digits are not the 1797 images of 8x8 pixels in 0..16 that are expected")
    train, test = ArrayDataset(images, bunch.target).split(360, seed=0)
    parts = {"train": train, "test": test}
    arrays = {}
    for role, part in parts.items():
        arrays[f"{role}_x"] = part.stored
        arrays[f"{role}_y"] = part.y.astype(np.uint8)
    return arrays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the file that is there, write nothing")
    arrays = make()
    if parser.parse_args().check:
        with np.load(TARGET, allow_pickle=False) as stored:
            if set(stored.files) != set(arrays) or any(not np.array_equal(stored[key], arrays[key]) for key in arrays):
                raise SystemExit(f"{TARGET} differs from what scikit-learn's data gives")
        print(f"{TARGET.name} is what scikit-learn's data gives")
        return
    np.savez_compressed(TARGET, **arrays)
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
